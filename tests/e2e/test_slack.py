"""Customers at Slack → the real bot, by HTTP and by Socket Mode, on both databases → what they see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.sandbox.slack.faults import Fault, Kind
from bot.sandbox.slack.screen import pressable, text_of
from bot.sandbox.slack_api import SlackStandIn
from handlers.content import Content
from storage.conversations import Author, Conversation, Message
from storage.database import Database, database_time
from storage.lanes import Lane, Queue
from tests.channels.slack_rig import SlackBot, running, until
from tests.fakes import FakeNLU


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn() as standing_in:
        standing_in.pace.is_kept = False
        yield standing_in


@pytest.fixture(params=["http", "socket"])
async def bot(
    request: pytest.FixtureRequest, slack: SlackStandIn, database: Database, content: Content, nlu: FakeNLU
) -> AsyncIterator[SlackBot]:
    async with running(SlackBot(database, content, slack, request.param, nlu=nlu)) as started:
        yield started


async def test_a_direct_message_is_answered_and_a_button_pressed(bot: SlackBot, slack: SlackStandIn) -> None:
    anna = slack.person("Anna Nowak")
    bot.nlu.teach("dzień dobry", "greet")
    anna.says("dzień dobry")
    [said] = await bot.answers(anna)
    assert "Dom i Lampa" in said.text
    assert said.pressable
    message = slack.space.talk.find(anna.dm.id, said.ts)
    assert message
    first = said.pressable[0]
    outcome = await anna.presses(message, first.action_id)
    assert outcome.is_taken
    _, then = await bot.answers(anna, 2)
    assert then.text
    [_, pressed] = await bot.inbox()
    assert (pressed.payload["action"], pressed.payload["text"]) == (first.value, first.label)


def posts(slack: SlackStandIn) -> list[str]:
    """The keys under which something was posted and is there to be seen, in order."""
    standing = [one for channel in slack.space.channels for one in slack.space.talk.standing(channel)]
    return [one.metadata["event_payload"]["outbox_id"] for one in standing if one.metadata]


async def test_a_mention_and_its_message_are_one_turn_answered_in_the_thread(
    bot: SlackBot, slack: SlackStandIn
) -> None:
    anna, tom = slack.person("Anna"), slack.person("Tom")
    help_channel = slack.channel("pomoc", anna, tom)
    bot.nlu.teach("gdzie kupić lampę?", "opening_hours")
    asked = anna.says("gdzie kupić lampę?", help_channel, mention=True)
    [said] = await bot.answers(anna, where=help_channel)
    assert said.thread_ts == asked.ts
    tom.says("ja też nie wiem", help_channel)  # to everybody: none of our business
    await bot.quiet()
    [event] = await bot.inbox()
    assert event.payload["text"] == "gdzie kupić lampę?"
    assert len(bot.shown(help_channel, anna)) == 1


async def test_in_a_thread_its_customer_is_answered_unnamed_and_a_bystander_left_alone(
    bot: SlackBot, slack: SlackStandIn
) -> None:
    anna, tom = slack.person("Anna"), slack.person("Tom")
    help_channel = slack.channel("pomoc", anna, tom)
    bot.nlu.teach("dzień dobry", "greet")
    asked = anna.says("dzień dobry", help_channel, mention=True)
    await bot.answers(anna, where=help_channel)
    tom.says("cześć Anna", help_channel, thread=asked)
    await bot.quiet()
    assert len(bot.shown(help_channel, anna)) == 1
    anna.says("dzień dobry", help_channel, thread=asked)
    assert {one.thread_ts for one in await bot.answers(anna, 2, help_channel)} == {asked.ts}
    other = tom.says("a to inny wątek", help_channel)
    tom.says("dalej", help_channel, thread=other)  # nobody called us there
    await bot.quiet()
    assert len({event.lane_id for event in await bot.inbox()}) == 1


async def test_a_stranger_in_a_shared_channel_is_served_and_is_one_person_by_word_and_press(
    bot: SlackBot, slack: SlackStandIn
) -> None:
    tom = slack.person("Tom", from_other_company=True)
    shared = slack.channel("partnerzy", tom, shared=True)
    bot.nlu.teach("good morning", "greet", language="en")
    tom.says("good morning", shared, mention=True)
    [said] = await bot.answers(tom, where=shared)
    message = slack.space.talk.find(shared.id, said.ts)
    assert message
    assert (await tom.presses(message, said.pressable[0].action_id)).is_taken
    await bot.answers(tom, 2, shared)
    tom.reacts(message, "+1")
    await bot.quiet()
    assert {event.payload["sender_id"] for event in await bot.inbox()} == {f"{tom.user.team_id}:{tom.id}"}
    assert len({event.lane_id for event in await bot.inbox()}) == 1, "the reaction found its thread"


async def test_edits_and_deletes_reach_their_message_also_when_they_overtake_it(
    bot: SlackBot, slack: SlackStandIn
) -> None:
    anna = slack.person("Anna")
    bot.nlu.teach("dzień dobry", "greet")
    slack.deliveries.hold()
    first = anna.says("dzeń dbry")
    anna.edits(first, "dzień dobry")
    second = anna.says("mój PESEL to")
    anna.deletes(second)
    for position in (1, 0, 1, 0):  # edit, message, delete, message
        await slack.deliveries.release_one(position)
    slack.deliveries.release()
    await bot.quiet()
    assert len(bot.shown(anna.dm, anna)) == 1
    async with bot.database.reading() as session:
        rows = (await session.scalars(select(Message).where(Message.author == Author.CUSTOMER))).all()
    assert {(row.external_id, row.text) for row in rows} == {(first.ts, "dzień dobry"), (second.ts, "")}
    assert "PESEL" not in str([event.payload for event in await bot.inbox()])


async def test_a_parent_with_replies_that_is_deleted_is_a_delete(bot: SlackBot, slack: SlackStandIn) -> None:
    anna = slack.person("Anna")
    help_channel = slack.channel("pomoc", anna)
    asked = anna.says("sekret", help_channel, mention=True)
    await bot.answers(anna, where=help_channel)
    anna.deletes(asked)
    await bot.quiet()
    assert "sekret" not in str([event.payload for event in await bot.inbox()])
    slack.unfurls(anna.says("https://sklep.pl"))
    await bot.quiet()
    assert [event.payload["kind"] for event in await bot.inbox()] == ["said", "deleted", "said"]


async def test_a_file_is_acknowledged_in_words_and_kept_by_reference(bot: SlackBot, slack: SlackStandIn) -> None:
    anna = slack.person("Anna")
    anna.uploads("lampa.png", b"\x89PNG", "image/png")
    [said] = await bot.answers(anna)
    assert said.text
    [event] = await bot.inbox()
    [file] = event.payload["attachments"]
    assert (file["kind"], file["name"], file["reference"][:6]) == ("photo", "lampa.png", "slack:")


async def test_the_home_tab_is_drawn_and_its_buttons_act_in_the_direct_messages(
    bot: SlackBot, slack: SlackStandIn
) -> None:
    anna = slack.person("Anna")
    anna.opens_home()
    await slack.tick()
    home = await until(lambda: anna.home)
    drawn = home.hash
    human = next(one for one in pressable(home.given) if one.value == "human")
    assert (await anna.presses(home, human.action_id)).is_taken
    [said] = await bot.answers(anna)
    assert "1001" in said.text
    await until(lambda: anna.home and anna.home.hash != drawn)
    await until(lambda: anna.home and "1001" in text_of(anna.home.given))
    assert [event.payload["kind"] for event in await bot.inbox()] == ["opened_home", "said", "opened_home"]


async def test_the_command_is_answered_to_who_typed_it_and_worked_in_the_direct_messages(
    bot: SlackBot, slack: SlackStandIn
) -> None:
    anna = slack.person("Anna")
    general = slack.channel("ogólny", anna, with_bot=False)
    outcome = await anna.commands("/support", "human", general)
    assert outcome.is_taken
    [ephemeral] = [one for one in slack.screen(general, anna) if one.is_only_for_you]
    assert ephemeral.text == bot.desk().catalogue["pl"]("slack.answered_privately")
    [said] = await bot.answers(anna)
    assert "1001" in said.text
    slack.faults.add(Fault("conversations.open", Kind.SERVER_ERROR))
    tom = slack.person("Tom", locale="en-GB")
    assert (await tom.commands("/support", "hi", general)).is_taken
    [failed] = [one for one in slack.screen(general, tom) if one.is_only_for_you]
    assert failed.text == bot.desk().catalogue["en"]("slack.not_now")


async def test_other_bots_our_own_posts_and_the_agents_channel_are_not_answered(
    bot: SlackBot, slack: SlackStandIn
) -> None:
    anna = slack.person("Anna")
    help_channel = slack.channel("pomoc", anna)
    slack.other_bot_says(help_channel, f"<@{slack.app.bot_user}> ping")
    anna.says("dzień dobry")
    await bot.answers(anna)
    await bot.quiet()
    assert len(await bot.inbox()) == 1, "neither the other bot nor the echo of our own answer"


async def test_doubled_reordered_and_retried_events_are_one_turn_each(bot: SlackBot, slack: SlackStandIn) -> None:
    slack.deliveries.doubled, slack.deliveries.unheard = 0.5, 0.3
    people = [slack.person(f"Osoba {number}") for number in range(6)]
    bot.nlu.teach("dzień dobry", "greet")
    slack.deliveries.hold()
    for person in people:
        person.says("dzień dobry")
    slack.deliveries.release(lambda held: [*reversed(range(len(held))), *range(len(held))])
    await slack.tick()
    slack.deliveries.doubled = slack.deliveries.unheard = 0.0
    for person in people:
        await bot.answers(person)
    await bot.quiet()
    assert len(slack.journal.deliveries) >= 12
    assert len(await bot.inbox()) == 6
    keys = posts(slack)
    assert len(keys) == len(set(keys)) == 6
    assert all(len(bot.shown(person.dm, person)) == 1 for person in people)


@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.RESET, Kind.ERROR])
@pytest.mark.parametrize("stored", [True, False])
async def test_a_post_of_unknown_fate_is_looked_for_and_seen_once(
    bot: SlackBot, slack: SlackStandIn, kind: Kind, stored: bool
) -> None:
    """`Kind.ERROR` is `internal_error`, which may have posted already."""
    anna = slack.person("Anna")
    slack.faults.add(Fault("chat.postMessage", kind, after_storing=stored))
    anna.says("dzień dobry")
    await bot.answers(anna)
    await bot.quiet()
    assert len(bot.shown(anna.dm, anna)) == 1
    assert len(slack.journal.of("chat.postMessage")) == (1 if stored else 2)
    assert len(slack.journal.of("conversations.history")) == 1
    [row] = await bot.outbox()
    assert (row.status, row.provider_ids) == ("sent", [bot.shown(anna.dm, anna)[0].ts])


async def test_a_wait_that_slack_asked_for_outlives_the_worker(bot: SlackBot, slack: SlackStandIn) -> None:
    anna, tom = slack.person("Anna"), slack.person("Tom")
    slack.faults.add(Fault("chat.postMessage", Kind.RATE_LIMIT, seconds=7200, channel=anna.dm.id))
    anna.says("dzień dobry")
    await slack.tick()
    await until(lambda: slack.journal.of("chat.postMessage"))
    tom.says("dzień dobry")
    await bot.answers(tom)
    await bot.stop()
    await bot.start()
    tom.says("dzień dobry")
    await bot.answers(tom, 2)
    assert 6_600 < await bot.next_send() <= 7_200
    assert bot.shown(anna.dm, anna) == []
    async with bot.database.transaction() as session:  # two hours later
        await session.execute(update(Lane).where(Lane.queue == Queue.OUT).values(not_before=None))
        past = database_time(session, timedelta(seconds=-1))
        await session.execute(update(Lane).where(Lane.ready_at.is_not(None)).values(ready_at=past))
    await bot.answers(anna)


async def test_a_revoked_token_gives_nothing_up(bot: SlackBot, slack: SlackStandIn) -> None:
    anna = slack.person("Anna")
    slack.app.token_error = "token_revoked"
    anna.says("dzień dobry")
    await slack.tick()
    await until(lambda: slack.journal.of("chat.postMessage"))
    await bot.has_problem("SLACK_BOT_TOKEN")
    [row] = await bot.outbox()
    assert row.status in {"waiting", "sending"}


async def test_an_app_that_was_thrown_out_says_so(bot: SlackBot, slack: SlackStandIn) -> None:
    slack.uninstalls()
    await slack.tick()
    await bot.has_problem("SLACK_BOT_TOKEN")


async def test_a_channel_that_becomes_shared_keeps_its_threads(bot: SlackBot, slack: SlackStandIn) -> None:
    anna = slack.person("Anna")
    private = slack.channel("ważne", anna, private=True)
    bot.nlu.teach("dzień dobry", "greet")
    asked = anna.says("dzień dobry", private, mention=True)
    await bot.answers(anna, where=private)
    slack.changes_id(private)
    await bot.quiet()
    anna.says("dzień dobry", private, thread=asked)
    await bot.answers(anna, 2, private)
    async with bot.database.reading() as session:
        [conversation] = (await session.scalars(select(Conversation))).all()
    assert conversation.chat_id == f"{private.id}:{asked.ts}"


@pytest.mark.parametrize("bot", ["http"], indirect=True)  # Socket Mode has no door
async def test_what_is_refused_at_the_door_leaves_no_row(bot: SlackBot, slack: SlackStandIn) -> None:
    anna = slack.person("Anna")
    http = slack.http
    assert http is not None
    spoilt = [
        lambda headers: headers | {"X-Slack-Signature": "v0=" + "0" * 64},
        lambda headers: {name: value for name, value in headers.items() if name != "X-Slack-Signature"},
        lambda headers: headers | {"Content-Type": "text/html"},
    ]
    for spoil in spoilt:
        http.spoil = spoil
        anna.says("dzień dobry")
        await slack.tick()
    http.spoil = dict
    http.skew_seconds = -301
    anna.says("dzień dobry")
    await slack.tick()
    http.skew_seconds = 0
    anna.says("x" * 1_200_000)
    await slack.tick()
    assert {one.status for one in slack.journal.deliveries} == {401, 413, 415}
    assert await bot.inbox() == []


async def test_the_agents_channel_is_no_customers(
    slack: SlackStandIn, database: Database, content: Content, nlu: FakeNLU
) -> None:
    ola = slack.person("Ola")
    desk = slack.channel("zgłoszenia", ola)
    async with running(SlackBot(database, content, slack, nlu=nlu, desk_channel=desk.id)) as bot:
        asked = ola.says("dzień dobry", desk, mention=True)
        ola.says("dalej", desk, thread=asked)
        await bot.quiet()
        assert {(event.payload.get("desk"), event.outcome) for event in await bot.inbox()} == {("said", "ignored")}
        assert await bot.outbox() == []
