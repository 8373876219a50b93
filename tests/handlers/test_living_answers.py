"""Answers as admins edit them: checked by field, given as edited within seconds, not given once they have expired."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.content import LiveDesk, read_content
from bot.nlu_environment import DEFAULT_CONTENT
from handlers import living_answers, training
from handlers.bands import ThresholdsError
from handlers.content import Answer, Content, Localised
from handlers.content_history import ChangedMeanwhile
from handlers.content_transfer import seed
from handlers.living_answers import AnswerRefused, Trouble, body_of, checked, flags
from handlers.messages import Setting
from handlers.training_checks import Likeness, fresh_index, overview
from storage.database import Database
from storage.tickets import Ticket
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.fakes import FakeNLU
from tests.handlers.living import TITLE, as_, pl, seeded

TODAY = MONDAY_NOON.date()
WORDINGS = {variant: [f"Nowe słowa {variant}."] for variant in ("pl", "pl@formal", "en")}


def reworded(content: Content, key: str, **fields: Any) -> Content:
    return replace(content, answers={**content.answers, key: content.answers[key].model_copy(update=fields)})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"wordings": {**WORDINGS, "en": ["Costs {price}."]}}, "wordings.en"),
        ({"wordings": {**WORDINGS, "pl": []}}, "wordings.pl"),
        ({"wordings": {**WORDINGS, "pl": ["{name}, cześć"]}}, ""),
        ({"review_by": "someday"}, "review_by"),
        ({"expires_on": "2027-02-30"}, "expires_on"),
        ({"next": ["no_such_topic"]}, "next"),
        ({"next": ["pricing", "newsletter", "warranty_claim", "praise"]}, "next"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(content: Content, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(AnswerRefused) as refused:
        checked("pricing", {**body_of(content.answers["pricing"]), **fields}, content)
    assert list(refused.value.problems) == [field]


async def test_the_second_of_two_editors_sees_what_the_first_wrote(
    database: Database, content: Content, tmp_path: Path
) -> None:
    await seeded(database, tmp_path)
    async with database.transaction() as session:
        await living_answers.set_answer(as_(session), "newsletter", content, 1, next=[], wordings=WORDINGS)
    async with database.transaction() as session:
        with pytest.raises(ChangedMeanwhile) as refused:
            await living_answers.set_answer(as_(session, "admin:piotr"), "newsletter", content, 1, owner="piotr")
        assert [change.by for change in refused.value.changes] == ["admin:anna"]
        assert await living_answers.set_answer(as_(session), "newsletter", content, 2, wordings=WORDINGS) is None
        with pytest.raises(ThresholdsError):
            await living_answers.set_thresholds(as_(session), "pl", 0.2, 0.7)
        with pytest.raises(AnswerRefused):
            await living_answers.remove_answer(as_(session), "newsletter")


def test_what_is_missing_expired_or_due_is_flagged_worst_first_and_the_laws_topics_before_others(
    content: Content,
) -> None:
    fine = {"review_by": TODAY + timedelta(days=90), "expires_on": None}
    answers = {key: answer.model_copy(update=fine) for key, answer in content.answers.items()}
    for key, fields in {
        "warranty_policy": {"expires_on": TODAY - timedelta(days=1)},
        "newsletter": {"expires_on": TODAY - timedelta(days=9)},
        "pricing": {"expires_on": TODAY},
        "return_policy": {"review_by": TODAY - timedelta(days=1)},
    }.items():
        answers[key] = answers[key].model_copy(update=fields)
    del answers["privacy_policy"], answers["discount_code"]
    assert [(flag.trouble, flag.key, flag.mandatory) for flag in flags(answers, TODAY)] == [
        (Trouble.MISSING, "privacy_policy", True),
        (Trouble.MISSING, "discount_code", False),
        (Trouble.EXPIRED, "warranty_policy", True),
        (Trouble.EXPIRED, "newsletter", False),
        (Trouble.REVIEW_DUE, "return_policy", True),
        (Trouble.EXPIRES_SOON, "pricing", False),
    ]


def test_a_version_changes_with_the_words_only(content: Content) -> None:
    answer = content.answers["pricing"]
    later = answer.model_copy(update={"expires_on": TODAY, "owner": "x"})
    other = Answer.model_validate({**body_of(answer), "wordings": WORDINGS})
    assert later.version == answer.version != other.version


async def test_until_its_last_day_an_answer_is_given_and_from_then_on_a_person_answers(
    bot: BotUnderTest, nlu: FakeNLU, content: Content
) -> None:
    await bot.meet()
    nlu.teach("ile kosztuje", "pricing")
    bot.content = reworded(content, "pricing", expires_on=TODAY)
    assert "nieaktualnej" not in (await bot.ask("ile kosztuje")).text
    bot.content = reworded(content, "pricing", expires_on=TODAY - timedelta(days=1))
    said = await bot.ask("ile kosztuje")
    (ticket,) = await bot.tickets()
    assert "nieaktualnej" in said.text
    assert f"#{ticket.number}" in said.text
    assert (ticket.reason, ticket.category, ticket.subject) == ("answer_expired", "pricing", "ile kosztuje")
    assert await bot.say("ile kosztuje") is not None, "what comes while they wait goes to the ticket"
    assert len(await bot.tickets()) == 1


async def test_asked_in_between_an_expired_answer_takes_the_draft_to_a_person(
    bot: BotUnderTest, nlu: FakeNLU, content: Content
) -> None:
    await bot.meet()
    bot.content = reworded(content, "pricing", expires_on=TODAY - timedelta(days=1))
    nlu.teach("paczka nie doszła", "delivery_problem")
    nlu.teach("a ile kosztuje dostawa?", "pricing")
    await bot.ask("paczka nie doszła")
    said = await bot.ask("a ile kosztuje dostawa?")
    tickets: list[Ticket] = await bot.tickets()
    assert "nieaktualnej" in said.text
    assert [(ticket.category, ticket.reason) for ticket in tickets] == [("delivery_problem", "answer_expired")]


async def test_in_a_group_nothing_expired_is_said(bot: BotUnderTest, nlu: FakeNLU, content: Content) -> None:
    bot.content = reworded(content, "pricing", expires_on=TODAY - timedelta(days=1))
    nlu.teach("ile kosztuje", "pricing")
    said = await bot.ask("ile kosztuje", setting=Setting.GROUP, chat="group")
    assert said.text == bot.texts()("public.group")
    assert await bot.tickets() == []


async def test_an_intent_an_admin_made_is_answered_by_its_answer_and_before_it_has_one_by_a_person(
    bot: BotUnderTest, nlu: FakeNLU, content: Content
) -> None:
    await bot.meet()
    nlu.teach("macie bony", "gift_card")
    bot.content = replace(content, topics={**content.topics, "gift_card": Localised(**TITLE)})
    answer = checked("gift_card", {"owner": "a", "review_by": "2027-01-01", "wordings": WORDINGS}, bot.content)
    unanswered, bot.content = bot.content, replace(bot.content, answers={**content.answers, "gift_card": answer})
    said = await bot.ask("macie bony")
    assert said.text == "Nowe słowa pl."
    bot.content = unanswered
    await bot.ask("macie bony")
    assert [ticket.reason for ticket in await bot.tickets()] == ["no_answer"]


async def test_the_running_bot_takes_what_was_edited_in_the_database(
    database: Database, bot: BotUnderTest, tmp_path: Path
) -> None:
    live = LiveDesk(bot.desk, DEFAULT_CONTENT)
    await live.refresh(database)
    assert live() == bot.desk, "nothing is seeded: the files' content"
    async with database.transaction() as session:
        await seed(session, DEFAULT_CONTENT, MONDAY_NOON)
    await live.refresh(database)
    assert live().content == read_content(DEFAULT_CONTENT), "what was seeded is what the files say"
    async with database.transaction() as session:
        await training.create_intent(as_(session), "gift_card", TITLE)
        await living_answers.set_answer(
            as_(session), "pricing", bot.content, wordings=WORDINGS, expires_on=date(2027, 1, 1)
        )
        await living_answers.set_thresholds(as_(session), "en", 0.9, 0.1)
    assert live().content.answers["pricing"].wordings.en != ("Nowe słowa en.",), "no message waits for a query"
    await live.refresh(database)
    edited = live()
    assert edited.content.answers["pricing"].wordings.en == ("Nowe słowa en.",)
    assert edited.content.answers["pricing"].expires_on == date(2027, 1, 1)
    assert edited.content.topic("gift_card", "en") == "Gift cards"
    assert edited.thresholds.of("en").act == 0.9
    await live.refresh(database)
    assert live() is edited, "nothing new: nothing is read"


async def test_while_it_follows_the_bot_hears_of_edits_by_itself_and_survives_a_database_that_is_away(
    database: Database, bot: BotUnderTest, tmp_path: Path
) -> None:
    away = Database(f"sqlite:///{tmp_path / 'no' / 'such.db'}")
    live = LiveDesk(bot.desk, DEFAULT_CONTENT)
    async with live.following(away, 0.01):
        assert live() == bot.desk
    await away.dispose()
    await seeded(database, tmp_path / "content")
    async with live.following(database):
        assert live().content.answers["newsletter"].owner == "care"


async def test_checks_tell_of_duplicates_contradictions_and_near_ones(database: Database, tmp_path: Path) -> None:
    await seeded(database, tmp_path)
    async with database.transaction() as session:
        await training.add_examples(as_(session), "loyalty", [pl("gdzie są moje punkty za zakupy")])
        index = await fresh_index(session)
        assert await fresh_index(session, index) is index
        rows = {row.name: row for row in await overview(session)}

    def told(text: str, intent: str) -> list[tuple[Likeness, str, str]]:
        return [(match.likeness, match.intent, match.text) for match in index.like(text, intent)]

    assert told("Chce BON!", "newsletter") == [
        (Likeness.CONFLICT, "gift_card", "chcę bon"), (Likeness.CONFLICT, "loyalty", "chcę bon"),
    ]  # fmt: skip
    assert told("ile mam punktow?", "loyalty") == [(Likeness.DUPLICATE, "loyalty", "ile mam punktów")]
    assert told("ile mam puntków", "loyalty") == [(Likeness.NEAR_DUPLICATE, "loyalty", "ile mam punktów")]
    assert told("punktów mam ile", "gift_card") == [(Likeness.NEAR_CONFLICT, "loyalty", "ile mam punktów")]
    assert told("coś zupełnie innego", "loyalty") == []
    assert [[match.intent for match in same] for same in index.conflicts()] == [["gift_card", "loyalty"]]
    assert (rows["newsletter"].in_code, rows["loyalty"].in_code) == (True, False)
    assert rows["loyalty"].counts == {"pl": 3, "en": 1}
    assert rows["loyalty"].too_few == ("pl", "en")
