"""What leaves for Slack, and what its answers and its silence mean: against the stand-in, over real HTTP.

Not here, and why: downloading files (see `test_files_both_ways.py`); ephemeral posts (none goes to a customer).
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.base import (
    Address,
    AfterUnknown,
    Budget,
    PermanentDeliveryError,
    Profile,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from bot.channels.slack import Slack, errors, people
from bot.channels.slack.errors import SlackDown
from bot.channels.slack.people import People
from bot.sandbox.slack.faults import Fault, Kind
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.screen import Shown
from bot.sandbox.slack_api import SlackStandIn
from handlers.attachments import Attachment, AttachmentKind
from handlers.buttons import Button
from handlers.errors import SupportError
from handlers.messages import Reply
from tests.channels.slack_rig import our_file
from tests.sandbox.slack_world import MovedClock

HELLO = Reply("Dzień **dobry**", (Button("Tak", "yes"), Button("Nie", "no")))
PDF = Attachment(AttachmentKind.DOCUMENT, "content:zwrot.pdf", "zwrot.pdf", "application/pdf")


@dataclass
class World:
    slack: SlackStandIn
    clock: MovedClock
    channel: Slack
    anna: Person

    @property
    def dm(self) -> Address:
        return Address(self.anna.dm.id)

    @property
    def seen(self) -> list[Shown]:
        return self.slack.screen(self.anna.dm, self.anna)

    def fails(self, kind: Kind, method: str = "chat.postMessage", **options: Any) -> None:
        self.slack.faults.add(Fault(method, kind, **options))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = MovedClock()
    async with SlackStandIn(clock=clock) as slack:
        channel = Slack(slack.app.bot_token, slack.api_url, 5, our_file)
        yield World(slack, clock, channel, slack.person("Anna Nowak"))
        await channel.aclose()


async def failure(world: World, reply: Reply = HELLO, to: Address | None = None) -> SupportError:
    with pytest.raises(SupportError) as raised:
        await world.channel.send(to or world.dm, reply, "k1")
    return raised.value


# What is sent


async def test_a_reply_has_blocks_a_fallback_text_buttons_and_the_outboxs_key(world: World) -> None:
    ts = await world.channel.send(world.dm, HELLO, "k1")
    [shown] = world.seen
    assert (shown.ts, shown.text, shown.labels) == (ts, "Dzień *dobry*", ["Tak", "Nie"])
    assert [one.value for one in shown.pressable] == ["yes", "no"]
    [call] = world.slack.journal.of("chat.postMessage")
    sent = call.arguments
    assert sent["text"] == "Dzień *dobry*"
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)
    assert "link_names" not in sent
    assert "parse" not in sent
    assert sent["blocks"][0]["text"]["verbatim"] is True
    assert sent["metadata"] == {"event_type": "supportbot_message", "event_payload": {"outbox_id": "k1"}}


async def test_nobody_is_called_and_no_link_faked_by_what_a_customer_typed(world: World) -> None:
    await world.channel.send(world.dm, Reply("<!channel> <@U1> <https://zły.pl|bank> &amp;"), "k1")
    assert world.seen[0].text == "&lt;!channel&gt; &lt;@U1&gt; &lt;https://zły.pl|bank&gt; &amp;amp;"


async def test_a_customers_thread_in_a_channel_is_answered_in_the_thread(world: World) -> None:
    help_channel = world.slack.channel("pomoc", world.anna)
    asked = world.anna.says("gdzie?", help_channel, mention=True)
    to = Address(f"{help_channel.id}:{asked.ts}")
    ts = await world.channel.send(to, HELLO, "k1")
    said = world.slack.screen(help_channel, world.anna)[-1]
    assert (said.ts, said.thread_ts) == (ts, asked.ts)
    assert world.channel.budgets(to) == (Budget("slack", 5), Budget(f"slack:{help_channel.id}", 1.0))
    assert world.channel.budgets(world.dm) == (Budget("slack", 5),)
    assert (world.channel.seconds_per_chat, world.channel.after_unknown) == (1.0, AfterUnknown.LOOK)


async def test_in_direct_messages_the_answer_goes_where_the_customer_wrote(world: World) -> None:
    asked = world.anna.says("gdzie?")
    await world.channel.send(Address(world.anna.dm.id, asked.ts), HELLO, "k1")
    assert world.seen[-1].thread_ts == asked.ts


async def test_a_file_goes_up_in_three_steps_and_stands_in_the_chat(world: World) -> None:
    file_id = await world.channel.send(world.dm, Reply("", files=(PDF,)), "k1")
    [shown] = world.seen
    assert shown.files == ("zwrot.pdf",)
    steps = [call.method for call in world.slack.journal.calls]
    assert steps == ["files.getUploadURLExternal", "upload", "files.completeUploadExternal"]
    file = world.slack.space.files.find(file_id)
    assert file is not None
    assert file.content == b"content of content:zwrot.pdf"


async def test_a_file_that_cannot_be_read_is_given_up(world: World) -> None:
    async def broken(_: Attachment) -> bytes:
        raise KeyError("secret path")

    async def empty(_: Attachment) -> bytes:
        return b""

    for read in (broken, empty):
        world.channel._files = read
        error = await failure(world, Reply("", files=(PDF,)))
        assert isinstance(error, PermanentDeliveryError)
        assert "secret" not in str(error)


# What refusals mean


@pytest.mark.parametrize("name", ["channel_not_found", "is_archived", "not_in_channel", "msg_too_long", "no_text",
                                  "invalid_blocks", "restricted_action_read_only_channel", "missing_scope",
                                  "messages_tab_disabled", "cannot_reply_to_message", "user_not_found"])  # fmt: skip
async def test_what_will_never_be_taken_is_given_up(world: World, name: str) -> None:
    world.fails(Kind.ERROR, error=name)
    error = await failure(world)
    assert isinstance(error, PermanentDeliveryError)
    assert not error.blocked
    assert name in str(error)


async def test_somebody_who_is_gone_counts_as_out_of_reach(world: World) -> None:
    world.fails(Kind.ERROR, error="user_disabled")
    error = await failure(world)
    assert isinstance(error, PermanentDeliveryError)
    assert error.blocked


@pytest.mark.parametrize(
    "name", ["invalid_auth", "token_revoked", "account_inactive", "not_authed", "token_expired"]
)  # fmt: skip
async def test_nothing_is_given_up_while_the_whole_integration_is_down(world: World, name: str) -> None:
    world.fails(Kind.ERROR, error=name)
    error = await failure(world)
    assert isinstance(error, SlackDown)
    assert error.retry_after == 60


@pytest.mark.parametrize("name", ["service_unavailable", "request_timeout", "team_added_to_org", "something_new"])
async def test_what_may_pass_is_tried_again(world: World, name: str) -> None:
    world.fails(Kind.ERROR, error=name)
    error = await failure(world)
    assert isinstance(error, TemporaryDeliveryError)
    assert error.retry_after is None


@pytest.mark.parametrize("seconds", [1, 30, 7200])
async def test_a_429_names_the_time_also_when_that_is_hours(world: World, seconds: int) -> None:
    world.fails(Kind.RATE_LIMIT, seconds=seconds)
    error = await failure(world)
    assert isinstance(error, TemporaryDeliveryError)
    assert error.retry_after == seconds
    assert len(world.slack.journal.of("chat.postMessage")) == 1, "nobody slept and tried inside the call"


@pytest.mark.parametrize(("header", "seconds"), [("2.5", 2.5), ("0", 1.0), ("soon", 30.0), ("", 30.0)])
def test_any_retry_after_is_read(header: str, seconds: float) -> None:
    assert errors.retry_after({"Retry-After": header}) == seconds


async def test_a_bare_ratelimited_waits_too(world: World) -> None:
    world.fails(Kind.ERROR, error="ratelimited")
    error = await failure(world)
    assert isinstance(error, TemporaryDeliveryError)
    assert error.retry_after == errors.UNNAMED_WAIT_SECONDS


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.UNAVAILABLE, Kind.HTML, Kind.RESET, Kind.ERROR])
async def test_what_may_have_been_posted_is_unknown_and_not_posted_twice_by_the_library(
    world: World, kind: Kind, stored: bool
) -> None:
    """`Kind.ERROR` is `internal_error` here. slack_sdk's default would post again after a reset."""
    world.fails(kind, after_storing=stored)
    assert isinstance(await failure(world), UnknownOutcome)
    assert len(world.slack.journal.of("chat.postMessage")) == 1
    found = await world.channel.find(world.dm, "k1", world.clock() - timedelta(minutes=1))
    assert (found is not None) == stored
    assert len(world.seen) == int(stored)


async def test_an_answer_that_does_not_come_is_unknown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.slack.client.CALL_SECONDS", 0.2)
    world.fails(Kind.DROP)
    assert isinstance(await failure(world), UnknownOutcome)


async def test_a_slack_that_cannot_be_reached_has_taken_nothing() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    channel = Slack("xoxb-1", f"http://127.0.0.1:{port}/api/", 5, our_file)
    with pytest.raises(TemporaryDeliveryError):
        await channel.send(Address("D1"), HELLO, "k1")
    await channel.aclose()


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload"])
@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.RESET])
async def test_a_file_that_has_not_been_shown_yet_may_be_sent_again(world: World, method: str, kind: Kind) -> None:
    world.fails(kind, method)
    assert isinstance(await failure(world, Reply("", files=(PDF,))), TemporaryDeliveryError)
    await world.channel.send(world.dm, Reply("", files=(PDF,)), "k1")
    assert len(world.seen) == 1


# Looking for it


async def test_only_the_key_counts_and_pages_are_turned(world: World) -> None:
    world.slack.space.most_objects = 2
    since = world.clock() - timedelta(minutes=1)
    sent = {}
    for number in range(5):
        world.clock.move(seconds=2)
        sent[f"k{number}"] = await world.channel.send(world.dm, HELLO, f"k{number}")
        world.anna.says("i jeszcze")
    assert {key: await world.channel.find(world.dm, key, since) for key in sent} == sent
    assert await world.channel.find(world.dm, "k9", since) is None
    assert await world.channel.find(world.dm, "k0", world.clock()) is None, "only what came after `since`"


async def test_in_a_thread_the_thread_is_looked_through(world: World) -> None:
    help_channel = world.slack.channel("pomoc", world.anna)
    asked = world.anna.says("gdzie?", help_channel, mention=True)
    to = Address(f"{help_channel.id}:{asked.ts}")
    world.fails(Kind.SERVER_ERROR, after_storing=True)
    await failure(world, to=to)
    found = await world.channel.find(to, "k1", world.clock() - timedelta(minutes=1))
    assert found == world.slack.screen(help_channel, world.anna)[-1].ts
    assert await world.channel.find(to, "k2", world.clock() - timedelta(minutes=1)) is None


async def test_a_shared_file_is_found_by_a_mark_nobody_sees(world: World) -> None:
    world.fails(Kind.RESET, "files.completeUploadExternal", after_storing=True)
    assert isinstance(await failure(world, Reply("", files=(PDF,))), UnknownOutcome)
    since = world.clock() - timedelta(minutes=1)
    found = await world.channel.find(world.dm, "k1", since)
    assert found is not None
    assert found.startswith("F")
    assert await world.channel.find(world.dm, "k2", since) is None
    [file] = world.slack.space.files.all()
    assert file.title.rstrip("\u200b\u200c") == "zwrot.pdf"


@pytest.mark.parametrize("kind", [Kind.RATE_LIMIT, Kind.SERVER_ERROR, Kind.RESET])
async def test_not_having_been_able_to_look_is_not_the_same_as_nothing_there(world: World, kind: Kind) -> None:
    world.fails(kind, "conversations.history", times=2)  # aiohttp itself repeats a GET once, though never a POST
    with pytest.raises((TemporaryDeliveryError, UnknownOutcome)):
        await world.channel.find(world.dm, "k1", world.clock())


async def test_without_the_scope_to_look_the_message_waits_for_it(world: World) -> None:
    world.slack.app.scopes -= {"im:history"}
    with pytest.raises(TemporaryDeliveryError) as raised:
        await world.channel.find(world.dm, "k1", world.clock())
    assert raised.value.retry_after == 60


async def test_a_chat_that_is_gone_cannot_be_looked_through(world: World) -> None:
    with pytest.raises(PermanentDeliveryError, match="channel_not_found"):
        await world.channel.find(Address("D404"), "k1", world.clock())


# Who somebody is


async def test_a_profile_tells_name_and_language(world: World) -> None:
    assert await world.channel.profile(f"T1:{world.anna.id}") == Profile("Anna Nowak", "pl-PL")
    assert world.slack.journal.calls[-1].arguments["include_locale"] in {True, "1", "true"}


async def test_a_stranger_of_another_company_has_no_language(world: World) -> None:
    tom = world.slack.person("Tom", from_other_company=True)
    assert await world.channel.profile(f"T2:{tom.id}") == Profile("Tom", None)


@pytest.mark.parametrize("kind", [Kind.ERROR, Kind.SERVER_ERROR, Kind.RESET, Kind.RATE_LIMIT, Kind.HTML])
async def test_a_profile_that_cannot_be_had_is_empty_and_not_asked_for_at_every_word(world: World, kind: Kind) -> None:
    world.fails(kind, "users.info", times=2)
    assert await world.channel.profile(f"T1:{world.anna.id}") == Profile()
    asked = len(world.slack.journal.of("users.info"))
    assert await world.channel.profile(f"T1:{world.anna.id}") == Profile()
    assert len(world.slack.journal.of("users.info")) == asked


async def test_a_profile_that_takes_too_long_is_empty(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PATIENCE_SECONDS", 0.1)
    world.fails(Kind.DROP, "users.info")
    assert await world.channel.profile(f"T1:{world.anna.id}") == Profile()
    assert await world.channel.profile("") == Profile()


async def test_a_profile_is_kept_for_an_hour_and_a_missing_one_for_minutes(world: World) -> None:
    seconds = [0.0]
    known = People(world.channel.client, lambda: seconds[0])
    world.fails(Kind.SERVER_ERROR, "users.info")
    who = f"T1:{world.anna.id}"
    told = []
    for seconds[0] in (0, 119, 121, 3000, 3720, 3722):
        world.anna.user.name = f"Anna {seconds[0]}"
        told.append((await known.profile(who)).name)
    assert told == [None, None, "Anna 121", "Anna 121", "Anna 121", "Anna 3722"]


# The Home tab


async def test_the_home_tab_shows_the_sections_and_its_buttons_know_the_chat(world: World) -> None:
    sections = (
        Reply("Witaj"),
        Reply("Zgłoszenie **1001**", (Button("Załatwione", "settle:1001"),)),
        Reply("x" * 7_000),
    )
    await world.channel.show_home(f"{world.slack.app.team_id}:{world.anna.id}", world.anna.dm.id, sections)
    first = world.anna.home
    assert first is not None
    assert first.given["private_metadata"] == world.anna.dm.id
    assert [block["type"] for block in first.given["blocks"]] == [
        "section", "divider", "section", "actions", "divider", "section", "section", "section"
    ]  # fmt: skip


async def test_a_home_tab_that_cannot_be_drawn_raises_as_sending_does(world: World) -> None:
    world.fails(Kind.RATE_LIMIT, "views.publish")
    with pytest.raises(TemporaryDeliveryError):
        await world.channel.show_home(f"T1:{world.anna.id}", world.anna.dm.id, (Reply("Witaj"),))


# Changing and taking away


async def test_an_edit_keeps_the_key_under_which_the_message_is_looked_for(world: World) -> None:
    ts = await world.channel.send(world.dm, HELLO, "k1")
    await world.channel.edit(world.dm, ts, Reply("**nowe**"), "k2")
    assert [(one.text, one.labels) for one in world.seen] == [("*nowe*", [])]
    [call] = world.slack.journal.of("chat.update")
    assert call.arguments["text"] == "*nowe*"
    assert call.arguments["blocks"]
    assert await world.channel.find(world.dm, "k1", world.clock() - timedelta(minutes=1)) == ts


async def test_in_a_thread_the_channel_is_named_without_it(world: World) -> None:
    help_channel = world.slack.channel("pomoc", world.anna)
    asked = world.anna.says("gdzie?", help_channel, mention=True)
    to = Address(f"{help_channel.id}:{asked.ts}")
    ts = await world.channel.send(to, HELLO, "k1")
    await world.channel.edit(to, ts, Reply("tutaj"), "k2")
    assert world.slack.screen(help_channel, world.anna)[-1].text == "tutaj"
    await world.channel.delete(to, ts, "k3")
    assert [one.ts for one in world.slack.screen(help_channel, world.anna)] == [asked.ts]


@pytest.mark.parametrize("name", ["edit_window_closed", "cant_update_message", "message_not_found", "msg_too_long"])
async def test_an_edit_slack_will_never_make_is_given_up(world: World, name: str) -> None:
    ts = await world.channel.send(world.dm, HELLO, "k1")
    world.fails(Kind.ERROR, "chat.update", error=name)
    with pytest.raises(PermanentDeliveryError, match=name):
        await world.channel.edit(world.dm, ts, Reply("nowe"), "k2")


@pytest.mark.parametrize("name", ["cant_delete_message", "compliance_exports_prevent_deletion"])
async def test_what_slack_will_never_delete_is_given_up(world: World, name: str) -> None:
    ts = await world.channel.send(world.dm, HELLO, "k1")
    world.fails(Kind.ERROR, "chat.delete", error=name)
    with pytest.raises(PermanentDeliveryError, match=name):
        await world.channel.delete(world.dm, ts, "k2")


async def test_an_edit_or_delete_whose_answer_was_lost_may_be_made_again(world: World) -> None:
    ts = await world.channel.send(world.dm, HELLO, "k1")
    world.fails(Kind.RESET, "chat.update", after_storing=True)
    with pytest.raises(UnknownOutcome):
        await world.channel.edit(world.dm, ts, Reply("nowe"), "k2")
    await world.channel.edit(world.dm, ts, Reply("nowe"), "k2")
    world.fails(Kind.RESET, "chat.delete", after_storing=True)
    with pytest.raises(UnknownOutcome):
        await world.channel.delete(world.dm, ts, "k3")
    await world.channel.delete(world.dm, ts, "k3")
    assert world.seen == []
