"""One tap, a changed mind, a comment, a low score and what comes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handlers import awaiting, merging
from handlers.content import Content
from handlers.recovery import choose_owner
from storage.customers import identities_of
from storage.database import Database
from storage.surveys import SurveyStatus
from storage.tickets import Priority, Ticket
from tests.bot_under_test import MONDAY_NOON, BotUnderTest, Said
from tests.fakes import FakeNLU
from tests.handlers.colleagues import agent, ask_for_a_person, events, hire
from tests.handlers.survey_stories import (
    all_surveys,
    asked,
    labels,
    only,
    served,
    shown,
    survey,
    surveys_step,
    told_by_bot,
)

one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def bot(database: Database, content: Content, nlu: FakeNLU) -> BotUnderTest:
    return BotUnderTest(database, only(content, "csat"), nlu)


async def _asked(bot: BotUnderTest, chat: str = "anna") -> Said:
    await served(bot, chat)
    return await asked(bot, chat)


# A tap


async def test_one_tap_is_the_answer_and_the_buttons_are_gone(bot: BotUnderTest) -> None:
    said = await _asked(bot)
    thanks = await bot.press(said, "5")
    assert thanks.text.startswith("Dziękuję, miło to czytać!")
    one = await survey(bot)
    assert (one.status, one.score, one.answered_at) == (SurveyStatus.ANSWERED, 5, bot.now)
    assert labels(await shown(bot)) == ["Zmień ocenę"]
    [ticket] = await bot.tickets()
    [rated] = await events(bot, ticket, "rated")
    assert (rated.data["score"], rated.data["best"], rated.actor) == (5, 5, "customer")


async def test_a_changed_mind_counts_within_the_window_and_not_after_it(bot: BotUnderTest) -> None:
    said = await _asked(bot)
    await bot.press(said, "3")
    again = (await shown(bot)).buttons or []
    assert await bot.say("Zmień ocenę", action=again[0]["action"]) is None
    assert labels(await shown(bot))[:5] == ["1 😞", "2 🙁", "3 😐", "4 🙂", "5 😀"]
    changed = await bot.press(said, "4")
    assert "**4 na 5**" in changed.text
    assert (await survey(bot)).score == 4
    assert labels(await shown(bot)) == ["Zmień ocenę"]
    bot.later(days=8)
    await surveys_step(bot)
    assert labels(await shown(bot)) == []
    late = await bot.press(said, "1")
    assert "już zamknięta" in late.text
    one = await survey(bot)
    assert (one.status, one.score) == (SurveyStatus.ANSWERED, 4)


@one_database
async def test_tapped_twice_is_said_once_and_changes_nothing(bot: BotUnderTest) -> None:
    said = await _asked(bot)
    await bot.press(said, "4")
    answered_at = (await survey(bot)).answered_at
    bot.later(minutes=1)
    twice = await bot.press(said, "4")
    assert "Nic się nie zmienia" in twice.text
    assert (await survey(bot)).answered_at == answered_at
    [ticket] = await bot.tickets()
    assert len(await events(bot, ticket, "rated", "rated_anew")) == 1


@one_database
@pytest.mark.parametrize("how", ["forged", "no token", "no such score", "another customer", "not a score", "late"])
async def test_what_is_not_an_answer_changes_nothing_and_is_answered_politely(bot: BotUnderTest, how: str) -> None:
    said = await _asked(bot)
    await bot.meet("tom")
    token = said.press("4").rpartition(":")[2]
    action = {
        "forged": "survey:5:AAAAAAAAAAAAAAAA",
        "no token": "survey:5",
        "no such score": f"survey:6:{token}",
        "not a score": f"survey:<script>:{token}",
    }.get(how, f"survey:5:{token}")
    if how == "late":
        bot.later(days=7)
    reply = await bot.ask("5", chat="tom" if how == "another customer" else "anna", action=action)
    assert "nic nie zmieniam" in reply.text
    one = await survey(bot)
    assert (one.status, one.score) == (SurveyStatus.SENT, None)


@one_database
async def test_a_typed_score_is_an_answer_right_under_the_question_only(bot: BotUnderTest) -> None:
    await _asked(bot)
    assert "miło" in (await bot.ask("5")).text
    assert (await survey(bot)).score == 5
    bot.nlu.teach("dzień dobry", "greet")
    await bot.ask("dzień dobry")
    assert "miło" not in (await bot.ask("4")).text
    assert (await survey(bot)).score == 5


@one_database
async def test_who_wants_no_surveys_gets_none_any_more(bot: BotUnderTest) -> None:
    said = await _asked(bot)
    refused = await bot.press(said, "Nie pytaj więcej")
    assert "nie zapytam" in refused.text
    await surveys_step(bot)
    assert labels(await shown(bot)) == []
    bot.later(days=30)
    await served(bot)
    bot.later(minutes=20)
    await surveys_step(bot)
    assert await bot.replies() == []
    one = await survey(bot)
    assert (one.status, one.why) == (SurveyStatus.NOT_SENT, "refused")


@one_database
async def test_a_refusal_outlives_linking_and_unlinking(bot: BotUnderTest) -> None:
    await bot.meet("tom")
    await bot.press(await _asked(bot), "Nie pytaj więcej")
    customers = [await bot.customer("tom"), await bot.customer("anna")]
    async with bot.database.transaction() as session:
        kept = await merging.merge(session, customers[0].id, customers[1].id, bot.now)
        assert kept.id == customers[0].id
        [identity] = [one for one in await identities_of(session, kept.id) if one.external_id == "tom"]
        await merging.split(session, identity, bot.now)
    refused = [(await bot.customer(chat)).surveys_refused_at for chat in ("tom", "anna")]
    assert refused == [bot.now, bot.now]


@one_database
async def test_a_score_counts_also_when_people_have_the_chat_by_then_and_invites_no_more(bot: BotUnderTest) -> None:
    said = await _asked(bot)
    await ask_for_a_person(bot)
    thanks = await bot.press(said, "4")
    assert thanks.text == "Dziękuję, miło to czytać!"
    assert (await survey(bot)).score == 4
    assert (await bot.conversation()).awaiting is None


@one_database
async def test_a_form_that_was_begun_goes_on_after_a_tap(bot: BotUnderTest) -> None:
    said = await _asked(bot)
    bot.nlu.teach("zgłaszam problem", "report_problem")
    await bot.ask("zgłaszam problem")
    before = (await bot.conversation()).awaiting
    await bot.press(said, "4")
    assert (await bot.conversation()).awaiting == before


# A comment


@one_database
@pytest.mark.parametrize("intent", ["praise", "out_of_scope", None])
async def test_what_is_written_next_is_a_comment(bot: BotUnderTest, intent: str | None) -> None:
    await bot.press(await _asked(bot), "5")
    if intent:
        bot.nlu.teach("bardzo szybko i konkretnie", intent)
    noted = await bot.ask("bardzo szybko i konkretnie")
    assert "dopisuję to do oceny" in noted.text
    assert (await survey(bot)).comment == "bardzo szybko i konkretnie"
    [ticket] = await bot.tickets()
    [commented] = await events(bot, ticket, "commented")
    assert commented.data["words"] == "bardzo szybko i konkretnie"
    assert (await bot.conversation()).awaiting is None


@one_database
@pytest.mark.parametrize(
    ("words", "intent", "expected"),
    [
        ("ile trwa dostawa", "delivery_period", "roboczych"),
        ("konsultant", None, "konsultant"),
        ("dzięki", "thank_you", ""),
        ("nie", None, "sama ocena wystarczy"),
        ("pomiń", None, "sama ocena wystarczy"),
    ],
)
async def test_what_is_a_wish_of_its_own_goes_its_own_way(
    bot: BotUnderTest, words: str, intent: str | None, expected: str
) -> None:
    await bot.press(await _asked(bot), "3")
    if intent:
        bot.nlu.teach(words, intent)
    assert expected in (await bot.ask(words)).text
    assert (await survey(bot)).comment is None
    assert not isinstance(awaiting.load((await bot.conversation()).awaiting), awaiting.AwaitingComment)


@one_database
async def test_the_button_says_no_comment(bot: BotUnderTest) -> None:
    thanks = await bot.press(await _asked(bot), "3")
    assert "sama ocena wystarczy" in (await bot.press(thanks, "Bez komentarza")).text
    assert "Ten przycisk" in (await bot.press(thanks, "Bez komentarza")).text


@one_database
async def test_words_after_ten_minutes_are_no_comment(bot: BotUnderTest) -> None:
    await bot.press(await _asked(bot), "3")
    bot.later(minutes=11)
    bot.nlu.teach("fajny sklep", "praise")
    await bot.ask("fajny sklep")
    assert (await survey(bot)).comment is None


@one_database
async def test_without_language_understanding_a_comment_is_still_a_comment(bot: BotUnderTest) -> None:
    await bot.press(await _asked(bot), "3")
    bot.nlu.down = True
    assert "dopisuję" in (await bot.ask("trochę za długo")).text


# A low score


async def _low(bot: BotUnderTest) -> tuple[Ticket, Ticket, Said]:
    """The ticket, the one that is to put it right, and what the customer was told."""
    said = await _asked(bot)
    told = await bot.press(said, "1")
    about, recovery = await bot.tickets()
    return about, recovery, told


async def test_a_low_score_is_a_leads_task_with_a_time_and_the_customer_hears_of_it(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    await hire(bot.database, "Ewa", role="lead")
    about, recovery, told = await _low(bot)
    assert "**Ewa**" in told.text
    assert f"**#{recovery.number}**" in told.text
    assert "dziś do 16:16" in told.text
    assert recovery.next_word_at == MONDAY_NOON + timedelta(hours=4, minutes=16)
    assert (recovery.assignee, recovery.priority, recovery.reason) == ("Ewa", Priority.HIGH, "low_score")
    assert recovery.category == about.category
    assert f"#{about.number}" in recovery.summary
    [opened] = await events(bot, recovery, "recovery_opened")
    assert (opened.data["score"], opened.data["names"]) == (1, ["Ewa"])
    assert (await survey(bot)).recovery_ticket_id == recovery.id
    assert (await bot.conversation()).owner == "bot"
    await bot.ask("nikt nie odpisał przez tydzień")
    assert "nikt nie odpisał przez tydzień" in (await bot.tickets())[1].summary
    assert len(await events(bot, recovery, "commented")) == 1


@one_database
async def test_a_mind_changed_to_and_fro_is_one_task(bot: BotUnderTest) -> None:
    said = await _asked(bot)
    for score in ("4", "1", "5", "2"):
        await bot.press(said, score)
    assert [ticket.reason for ticket in await bot.tickets()] == ["asked", "low_score"]
    recovery = (await bot.tickets())[1]
    assert [event.data["score"] for event in await events(bot, recovery, "rated_anew")] == [5, 2]


async def test_put_right_it_is_asked_about_once_more_and_both_scores_are_kept(bot: BotUnderTest) -> None:
    _, recovery, _ = await _low(bot)
    bot.later(hours=2)
    await surveys_step(bot)
    assert await bot.replies() == [], "not before it is settled"
    await bot.agent("Ewa", "reply", recovery.number, "Już to naprawiamy")
    await bot.agent("Ewa", "resolve", recovery.number, "solved")
    await bot.replies()
    said = await asked(bot)
    assert "Po niskiej ocenie" in said.text
    await bot.press(said, "4")
    await bot.agent("Ewa", "reopen", recovery.number)
    await bot.agent("Ewa", "resolve", recovery.number, "solved")
    await bot.replies()
    bot.later(days=3)
    await surveys_step(bot)
    assert await bot.replies() == [], "once"
    first, second = [one for one in await all_surveys(bot) if one.kind == "csat"]
    assert (first.score, second.score, second.rerates) == (1, 4, first.id)


@one_database
async def test_a_low_score_again_is_no_task_again_but_told_to_its_owner(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ewa", role="lead")
    _, recovery, _ = await _low(bot)
    await bot.agent("Ewa", "resolve", recovery.number, "solved")
    await bot.replies()
    told = await bot.press(await asked(bot), "1")
    assert "nadal nie jest dobrze" in told.text
    assert len(await bot.tickets()) == 2
    assert (await events(bot, recovery, "rated"))[-1].data["names"] == ["Ewa"]


@one_database
async def test_a_low_score_for_the_bot_comes_to_people_too(bot: BotUnderTest, content: Content) -> None:
    bot.content = only(content, "ces")
    await bot.meet()
    await told_by_bot(bot)
    told = await bot.press(await asked(bot), "1")
    [recovery] = await bot.tickets()
    assert recovery.category == "delivery_period"
    assert recovery.ladder_at is not None
    assert "ktoś z zespołu" in told.text


@pytest.mark.parametrize(
    ("had_it", "leads", "group", "expected"),
    [
        ("Ola", [], None, "Ola"),
        (None, [], None, None),
        ("Gone", [], None, None),
        ("Ola", [("Ewa", {}), ("Iga", {})], None, "Ewa"),
        ("Ola", [("Ewa", {"is_on_duty": False}), ("Iga", {})], None, "Iga"),
        ("Ola", [("Ewa", {}), ("Iga", {"groups": ["payments"]})], "payments", "Iga"),
        ("Ola", [("Ewa", {"is_on_duty": False})], None, "Ewa"),
    ],
)
def test_whose_task_it_is(
    content: Content, had_it: str | None, leads: list[tuple[str, dict[str, object]]], group: str | None, expected: str
) -> None:
    people = [agent("Ola", id=1)]
    people += [agent(name, id=number + 2, role="lead", **more) for number, (name, more) in enumerate(leads)]
    now = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    chosen = choose_owner(people, had_it=had_it, group=group, calendar=content.calendar, now=now)
    assert (chosen.name if chosen else None) == expected
