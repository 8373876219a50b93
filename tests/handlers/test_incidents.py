from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from handlers import incidents
from handlers.content import Content
from handlers.incident_matching import Scope, words_in
from handlers.incidents import Declaration, IncidentNotFound, LeadsOnly, TextMissing, TimePassed, Update
from handlers.jobs import tell_incidents, watch_incident_updates
from storage import incidents as stored
from storage.agents import Agent
from storage.conversations import Owner
from storage.incidents import Incident, IncidentEvent, Progress, Subscriber
from storage.outbox import OutboxMessage, OutKind
from storage.tickets import Ticket
from tests.bot.post import Post
from tests.bot_under_test import BotUnderTest
from tests.handlers.colleagues import agent, ask_for_a_person

LEAD = agent("Piotr", role="lead")
PAYMENTS = Scope(frozenset({"payment_issue", "payment_methods"}))
TITLE = {"pl": "Płatności BLIK nie przechodzą", "en": "BLIK payments fail"}
HINT = {"pl": "Zapłać kartą albo przelewem.", "en": "Pay by card or by transfer."}


def test_words_are_found_in_any_form_and_order_of_letters_they_stand_in() -> None:
    scope = Scope(frozenset({"delivery_problem"}), words_in("Gdańsk, punkt odbioru"))
    assert scope.words == ("Gdańsk", "punkt odbioru")
    assert scope.concerns("delivery_problem", "paczka miała być w gdańsku!")
    assert scope.concerns("delivery_problem", "Nie ma jej w punkcie odbioru") is True
    assert not scope.concerns("delivery_problem", "odbiór był w punkcie")
    assert not scope.concerns("delivery_problem", "paczka miała być w Gdyni")
    assert not scope.concerns("track_order", "gdańsk")
    assert Scope.from_payload(scope.to_payload()) == scope


def _declaration(bot: BotUnderTest, scope: Scope = PAYMENTS, **more: object) -> Declaration:
    new = Declaration(TITLE, HINT, scope, bot.now + timedelta(hours=2))
    return replace(new, **more)  # type: ignore[arg-type]


async def _declare(bot: BotUnderTest, scope: Scope = PAYMENTS) -> int:
    async with bot.database.transaction() as session:
        return (await incidents.declare(session, bot.desk, _declaration(bot, scope), LEAD, bot.now)).id


async def _update(bot: BotUnderTest, number: int, hint: str, *, loud: bool = False, by: Agent = LEAD) -> None:
    news = Update(TITLE, {"pl": hint, "en": hint}, bot.now + timedelta(hours=1), loud=loud)
    async with bot.database.transaction() as session:
        await incidents.update(session, bot.desk, number, news, by, bot.now)


async def _close(bot: BotUnderTest, number: int, cause: str = "Awaria u operatora.") -> None:
    async with bot.database.transaction() as session:
        await incidents.close(session, bot.desk, number, {"pl": cause, "en": cause}, LEAD, bot.now)


async def _tell(bot: BotUnderTest) -> int:
    """As the scheduler does it, until nobody is left."""
    done = 0
    async with bot.database.reading() as session:
        declared = await tell_incidents.open_ones(session, bot.now, 100)
    for one in declared:
        async with bot.database.transaction() as session:
            await tell_incidents.find_affected(session, bot.desk, bot.now, one)
    while True:
        async with bot.database.reading() as session:
            due = await tell_incidents.due(session, bot.now, 100)
        told = 0
        for one in due:
            async with bot.database.transaction() as session:
                told += await tell_incidents.work(session, bot.desk, bot.now, one)
        if not told:
            return done
        done += told


async def _watch(bot: BotUnderTest) -> None:
    async with bot.database.reading() as session:
        due = await watch_incident_updates.due(session, bot.now, 100)
    for one in due:
        async with bot.database.transaction() as session:
            await watch_incident_updates.work(session, bot.desk, bot.now, one)


async def _files(
    bot: BotUnderTest, chat: str, category: str = "payment_issue", text: str = "nie mogę zapłacić"
) -> Ticket:
    """An open ticket of the chat's customer, who has nothing to read."""
    ticket = await ask_for_a_person(bot, chat, "konsultant")
    async with bot.database.transaction() as session:
        row = await session.get_one(Ticket, ticket.id)
        row.category, row.subject = category, text
    await bot.replies(chat)
    return ticket


async def _progress(bot: BotUnderTest, number: int) -> Progress:
    async with bot.database.reading() as session:
        return await stored.progress(session, await session.get_one(Incident, number))


async def _rows(bot: BotUnderTest, chat: str) -> list[OutboxMessage]:
    async with bot.database.reading() as session:
        look = select(OutboxMessage).where(OutboxMessage.chat_id == chat).order_by(OutboxMessage.seq)
        return list((await session.scalars(look)).all())


async def _kinds(bot: BotUnderTest, number: int) -> list[str]:
    async with bot.database.reading() as session:
        return [event.kind for event in await stored.events_of(session, number)]


async def test_who_has_a_matching_ticket_is_told_once_and_kept_up_to_date_in_place(bot: BotUnderTest) -> None:
    post = Post(bot)
    for chat in ("anna", "jan"):
        await _files(bot, chat)
    await _files(bot, "ewa", category="delivery_problem")
    number = await _declare(bot)
    await _tell(bot)
    [said] = await bot.replies("anna")
    assert (said.author, said.text) == (
        "system",
        "⚠️ **Płatności BLIK nie przechodzą**\nZapłać kartą albo przelewem.\n"
        "Zespół już nad tym pracuje. Następne informacje podam tutaj dziś do 14:00.",
    )
    assert list(said.actions) == ["Nie pisz o tym więcej"]
    assert await bot.replies("ewa") == []
    assert await _tell(bot) == 0
    assert await _progress(bot, number) == Progress(all=2, told=2)
    await post.deliver_all()
    assert await _progress(bot, number) == Progress(all=2, told=2, sent=2)

    await _update(bot, number, "Działa już przelew.")
    assert (await _progress(bot, number)).told == 0
    await _tell(bot)
    [edit] = (await _rows(bot, "anna"))[-1:]
    assert (edit.kind, edit.bulk) == (OutKind.EDIT, True)
    assert "Działa już przelew." in edit.payload["text"]
    await post.deliver_all()
    assert await _progress(bot, number) == Progress(all=2, told=2, sent=2)

    await _close(bot, number)
    await _tell(bot)
    changed, new = (await _rows(bot, "anna"))[-2:]
    assert (changed.kind, new.kind) == (OutKind.EDIT, OutKind.SAY)
    assert changed.payload["text"] == new.payload["text"]
    assert "sprawa rozwiązana" in new.payload["text"]
    assert "Przyczyna: Awaria u operatora." in new.payload["text"]
    assert new.payload["buttons"] == []
    assert await _kinds(bot, number) == ["declared", "updated", "closed"]


async def test_who_asks_meanwhile_gets_the_incident_with_the_answer_and_the_answer_alone_afterwards(
    bot: BotUnderTest,
) -> None:
    post = Post(bot)
    bot.nlu.teach("jak mogę zapłacić", "payment_methods")
    await bot.meet("jan")
    plain = await bot.ask("jak mogę zapłacić", chat="jan")
    number = await _declare(bot)
    told = await bot.ask("jak mogę zapłacić", chat="jan")
    assert told.text.startswith("⚠️ **Płatności BLIK nie przechodzą**\nZapłać kartą")
    answer = told.text.partition("dziś do 14:00.\n\n")[2]
    assert answer
    assert told.actions == plain.actions
    await _tell(bot)
    assert await bot.replies("jan") == [], "told by the answer, and not once more"
    async with bot.database.reading() as session:
        chat = await bot.conversation("jan")
        assert [one.id for one in await stored.open_for(session, chat.id)] == [number]

    await post.deliver_all()
    await _update(bot, number, "Działa już przelew.")
    await _tell(bot)
    edit = (await _rows(bot, "jan"))[-1]
    assert edit.kind == OutKind.EDIT
    assert edit.payload["text"].endswith(f"\n\n{answer}"), "the answer stays"
    assert "Działa już przelew." in edit.payload["text"]
    assert [one["label"] for one in edit.payload["buttons"]] == list(told.actions)

    await _close(bot, number)
    await _tell(bot)
    await bot.replies("jan")
    again = await bot.ask("jak mogę zapłacić", chat="jan")
    assert "BLIK nie przechodzą" not in again.text
    async with bot.database.reading() as session:
        assert await stored.open_for(session, chat.id) == []


async def test_a_ticket_filed_later_belongs_to_it_and_words_decide_where_they_are_named(bot: BotUnderTest) -> None:
    number = await _declare(bot, Scope(frozenset({"delivery_problem"}), ("Gdańsk",)))
    bot.later(minutes=5)
    here = await _files(bot, "anna", "delivery_problem", "paczka do Gdańska")
    there = await _files(bot, "jan", "delivery_problem", "paczka do Gdyni")
    await _tell(bot)
    assert len(await bot.replies("anna")) == 1
    assert await bot.replies("jan") == []
    async with bot.database.reading() as session:
        assert (await session.get_one(Ticket, here.id)).incident_id == number
        assert (await session.get_one(Ticket, there.id)).incident_id is None


async def test_who_wants_no_more_of_it_gets_no_more_also_while_an_agent_has_the_chat(bot: BotUnderTest) -> None:
    await _files(bot, "anna")
    number = await _declare(bot)
    await _tell(bot)
    [said] = await bot.replies("anna")
    conversation = await bot.conversation("anna")
    await bot.agent("Ola", "take_over", next(one.number for one in await bot.tickets()))
    await bot.replies("anna")
    assert (await bot.conversation("anna")).owner == Owner.AGENT
    off = await bot.press(said, "Nie pisz o tym", chat="anna")
    assert off.author == "system"
    await Post(bot).deliver_all()
    await _update(bot, number, "Nic nowego", loud=True)
    await _tell(bot)
    assert await bot.replies("anna") == []
    async with bot.database.reading() as session:
        row = (await session.scalars(select(Subscriber).where(Subscriber.conversation_id == conversation.id))).one()
    assert row.left_at is not None
    stale = await bot.ask("", chat="anna", action="incident_off:x")
    assert stale.author == "system"


async def test_a_promised_update_is_reminded_of_and_where_it_does_not_come_customers_hear_so(bot: BotUnderTest) -> None:
    post = Post(bot)
    await _files(bot, "anna")
    number = await _declare(bot)  # next news at 14:00
    await _tell(bot)
    await post.deliver_all()
    await bot.replies("anna")
    bot.later(minutes=100)
    await _watch(bot)
    assert await _kinds(bot, number) == ["declared"]
    bot.later(minutes=5)
    await _watch(bot)
    await _watch(bot)
    assert await _kinds(bot, number) == ["declared", "reminded"]
    bot.later(minutes=15)
    await _watch(bot)
    await _tell(bot)
    edit, new = (await _rows(bot, "anna"))[-2:]
    assert (edit.kind, new.kind) == (OutKind.EDIT, OutKind.SAY)
    assert "Przepraszam, jeszcze ich nie mamy." in new.payload["text"]
    assert "dziś do 15:00" in new.payload["text"]
    await post.deliver_all()
    bot.later(minutes=60)
    await _watch(bot)
    await _tell(bot)
    last = (await _rows(bot, "anna"))[-1]
    assert (last.kind, "dziś do 16:00" in last.payload["text"]) == (OutKind.EDIT, True), "the second time quietly"
    assert await _kinds(bot, number) == ["declared", "reminded", "lapsed", "lapsed"]
    await _update(bot, number, "Naprawiamy.")
    await _tell(bot)
    assert "Zespół już nad tym pracuje" in (await _rows(bot, "anna"))[-1].payload["text"]


async def test_at_night_nobody_is_woken_but_what_they_have_read_changes(bot: BotUnderTest) -> None:
    post = Post(bot)
    await _files(bot, "anna")
    number = await _declare(bot)
    await _tell(bot)
    await post.deliver_all()
    bot.now = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)  # 22:30 in Warsaw
    await _files(bot, "jan")
    await bot.replies("anna")
    await _update(bot, number, "W nocy bez zmian.")
    await _tell(bot)
    assert (await _rows(bot, "anna"))[-1].kind == OutKind.EDIT
    assert await bot.replies("jan") == []
    await _close(bot, number)
    await _tell(bot)
    assert "sprawa rozwiązana" not in (await _rows(bot, "anna"))[-1].payload["text"]
    bot.now = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # 8:00
    await _tell(bot)
    assert "sprawa rozwiązana" in (await _rows(bot, "anna"))[-1].payload["text"]
    assert len([one for one in await bot.replies("jan") if "sprawa rozwiązana" in one.text]) == 1


async def test_what_is_missing_or_not_theirs_is_refused_and_changes_nothing(bot: BotUnderTest) -> None:
    async with bot.database.transaction() as session:
        with pytest.raises(LeadsOnly):
            await incidents.declare(session, bot.desk, _declaration(bot), agent("Ola"), bot.now)
        for wrong, error in (
            ({"title": {"pl": "Coś", "en": " "}}, TextMissing),
            ({"workaround": {"pl": "", "en": "x"}}, TextMissing),
            ({"scope": Scope(frozenset())}, TextMissing),
            ({"next_update_at": bot.now}, TimePassed),
        ):
            with pytest.raises(error):
                await incidents.declare(session, bot.desk, _declaration(bot, **wrong), LEAD, bot.now)
    async with bot.database.reading() as session:
        assert (await session.scalars(select(Incident))).all() == []
    number = await _declare(bot)
    with pytest.raises(TextMissing):
        await _close(bot, number, " ")
    assert await _kinds(bot, number) == ["declared"]
    await _close(bot, number)
    with pytest.raises(IncidentNotFound):
        await _update(bot, number, "Za późno")


async def test_no_more_wait_in_line_than_the_rules_let(bot: BotUnderTest, content: Content) -> None:
    rules = content.incidents.model_copy(update={"at_once": 3})
    bot.content = replace(content, incidents=rules)
    for chat in range(5):
        await _files(bot, f"chat{chat}")
    number = await _declare(bot)
    await _tell(bot)
    assert await _progress(bot, number) == Progress(all=5, told=3)
    await Post(bot).deliver_all()
    await _tell(bot)
    assert (await _progress(bot, number)).told == 5


async def test_events_are_kept_with_the_version_that_customers_read(bot: BotUnderTest) -> None:
    number = await _declare(bot)
    await _update(bot, number, "Nowe", loud=True)
    async with bot.database.reading() as session:
        events = (await session.scalars(select(IncidentEvent).order_by(IncidentEvent.id))).all()
        incident = await session.get_one(Incident, number)
    assert [(event.actor, event.data["version"]) for event in events] == [("agent:Piotr", 1), ("agent:Piotr", 2)]
    assert (incident.version, incident.loud_version) == (2, 2)
