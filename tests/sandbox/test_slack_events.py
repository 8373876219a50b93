"""Events over HTTP: signed, retried, doubled, out of order; what each of them says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from bot.sandbox.slack_api import SlackStandIn
from tests.sandbox.slack_world import Got, MovedClock, Receiver, receiver, standing_in

World = tuple[SlackStandIn, MovedClock, AsyncWebClient, Receiver]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with receiver() as app, standing_in(ack_seconds=0.3) as (slack, clock, client):
        assert await slack.use_http(app.url)
        slack.pace.is_kept = False
        yield slack, clock, client, app


def is_signed(slack: SlackStandIn, got: Got, at: float) -> bool:
    class At:
        def now(self) -> float:
            return at

    verifier = SignatureVerifier(slack.app.signing_secret, clock=At())  # type: ignore[arg-type]
    return verifier.is_valid_request(got.body, got.headers)


def outcomes(slack: SlackStandIn) -> list[str]:
    return [delivery.outcome for delivery in slack.journal.deliveries]


async def test_a_message_arrives_signed_in_slacks_envelope(world: World) -> None:
    slack, clock, _, app = world
    anna = slack.person("Anna")
    said = anna.says("Ile kosztuje <b> & reszta?")
    await slack.tick()
    got = app.got[0]
    assert is_signed(slack, got, clock().timestamp())
    envelope = got.payload
    assert envelope["type"] == "event_callback"
    assert envelope["event_id"].startswith("Ev")
    assert envelope["authorizations"][0]["user_id"] == slack.app.bot_user
    assert envelope["event_time"] == int(clock().timestamp())
    event = got.event
    assert event["text"] == "Ile kosztuje &lt;b&gt; &amp; reszta?"
    assert (event["type"], event["channel_type"], event["channel"]) == ("message", "im", anna.dm.id)
    assert (event["user"], event["ts"], event["client_msg_id"][:8]) == (anna.id, said.ts, "00000000")


async def test_the_clock_of_signatures_can_be_off_and_signatures_can_be_spoiled(world: World) -> None:
    slack, clock, _, app = world
    anna = slack.person("Anna")
    assert slack.http is not None
    slack.http.skew_seconds = -301
    anna.says("old")
    await slack.tick()
    assert not is_signed(slack, app.got[0], clock().timestamp())
    slack.http.skew_seconds = 0
    slack.http.spoil = lambda headers: headers | {"X-Slack-Signature": "v0=" + "0" * 64}
    anna.says("forged")
    await slack.tick()
    assert not is_signed(slack, app.got[1], clock().timestamp())


async def test_retries_come_at_once_after_a_minute_and_after_five(world: World) -> None:
    slack, clock, _, app = world
    app.answers = [PlainTextResponse("", 500) for _ in range(4)]
    slack.person("Anna").says("hi")
    await slack.tick()
    assert len(app.got) == 2
    for seconds, attempts in ((59, 2), (1, 3), (239, 3), (1, 4), (3600, 4)):
        clock.move(seconds=seconds)
        await slack.tick()
        assert len(app.got) == attempts
    told = [(one.headers.get("x-slack-retry-num"), one.headers.get("x-slack-retry-reason")) for one in app.got]
    assert told == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({one.payload["event_id"] for one in app.got}) == 1
    assert len(slack.deliveries.given_up) == 1
    assert all(is_signed(slack, got, clock().timestamp() - 3600) for got in app.got[-1:])


async def test_delayed_events_go_on_hourly_for_a_day_where_that_is_on(world: World) -> None:
    slack, clock, _, app = world
    slack.deliveries.has_delayed_events = True
    app.answers = [PlainTextResponse("", 503) for _ in range(27)]
    slack.person("Anna").says("hi")
    await slack.tick()
    for _ in range(30):
        clock.move(hours=1)
        await slack.tick()
    assert len(app.got) == 1 + 3 + 24


async def test_an_answer_that_takes_too_long_counts_as_none(world: World) -> None:
    slack, _, _, app = world

    async def never() -> Response:
        await asyncio.sleep(0.6)
        return PlainTextResponse("")

    app.answers = [never]
    slack.person("Anna").says("hi")
    await slack.tick()
    assert outcomes(slack) == ["http_timeout", "ok"]
    assert app.got[1].headers["x-slack-retry-reason"] == "http_timeout"


async def test_moving_the_clock_on_ends_an_attempt_that_hangs() -> None:
    async with receiver() as app, standing_in(ack_seconds=3) as (slack, clock, _):
        await slack.use_http(app.url)
        reached, hanging = asyncio.Event(), asyncio.Event()

        async def hang() -> Response:
            reached.set()
            await hanging.wait()
            return PlainTextResponse("")

        app.answers = [hang]
        slack.person("Anna").says("hi")
        await reached.wait()
        clock.move(seconds=3)
        await slack.tick()
        assert outcomes(slack) == ["http_timeout", "ok"]
        hanging.set()


async def test_redirects_are_followed_twice(world: World) -> None:
    slack, _, _, app = world
    app.answers = [RedirectResponse(app.url, 302), RedirectResponse(app.url, 301), PlainTextResponse("")]
    slack.person("Anna").says("hi")
    await slack.tick()
    assert outcomes(slack) == ["ok"]
    app.answers = [RedirectResponse(app.url, 302) for _ in range(3)]
    slack.person("Tom").says("hi")
    await slack.tick()
    assert outcomes(slack) == ["ok", "too_many_redirects", "ok"]


async def test_no_retry_is_respected_and_a_dead_app_is_a_failed_connection(world: World) -> None:
    slack, _, _, app = world
    app.answers = [PlainTextResponse("", 500, {"X-Slack-No-Retry": "1"})]
    slack.person("Anna").says("hi")
    await slack.tick()
    assert outcomes(slack) == ["http_error"]
    assert slack.deliveries.waiting == 0
    assert not await slack.use_http("http://127.0.0.1:9/slack/events")
    slack.person("Tom").says("hi")
    await slack.tick()
    assert outcomes(slack)[-2:] == ["connection_failed", "connection_failed"]


async def test_events_can_be_doubled_and_sent_in_another_order(world: World) -> None:
    slack, _, _, app = world
    anna = slack.person("Anna")
    slack.deliveries.hold()
    for text in "abc":
        anna.says(text)
    await slack.tick()
    assert app.got == []
    for position in (2, 0, 0):
        await slack.deliveries.release_one(position)
    assert [event["text"] for event in app.events()] == ["c", "a", "b"]
    slack.deliveries.release()
    event_id = app.got[0].payload["event_id"]
    slack.deliveries.again(event_id)
    await slack.tick()
    assert [event["text"] for event in app.events()] == ["c", "a", "b", "c"]
    assert app.got[3].payload["event_id"] == event_id
    assert "x-slack-retry-num" not in app.got[3].headers
    slack.deliveries.again(event_id, as_new=False)
    await slack.tick()
    assert app.got[4].headers["x-slack-retry-num"] == "1"


async def test_held_events_go_in_the_order_wanted_and_twice_where_named_twice(world: World) -> None:
    slack, _, _, app = world
    anna = slack.person("Anna")
    slack.deliveries.hold()
    anna.says("a")
    anna.says("b")

    def backwards_and_the_first_twice(payloads: Sequence[dict[str, Any]]) -> list[int]:
        return [*reversed(range(len(payloads))), 0]

    released = slack.deliveries.release(backwards_and_the_first_twice)
    await slack.tick()
    assert [payload["event"]["text"] for payload in released] == ["b", "a", "a"]
    assert sorted(event["text"] for event in app.events()) == ["a", "a", "b"]


async def test_doubles_at_random_are_the_same_for_the_same_seed(world: World) -> None:
    slack, _, _, app = world
    slack.deliveries.doubled = 1.0
    slack.person("Anna").says("hi")
    for _ in range(200):
        if len(app.got) >= 2:
            break
        await asyncio.sleep(0.005)
    slack.deliveries.doubled = 0.0
    await slack.tick()
    assert len({got.payload["event_id"] for got in app.got}) == 1
    assert len(app.got) >= 2


async def test_answers_can_get_lost_so_that_what_was_taken_is_retried(world: World) -> None:
    slack, clock, _, app = world
    slack.deliveries.unheard = 1.0
    slack.person("Anna").says("hi")
    await slack.tick()
    clock.move(minutes=5)
    await slack.tick()
    assert [got.headers.get("x-slack-retry-num") for got in app.got] == [None, "1", "2", "3"]
    assert {got.headers.get("x-slack-retry-reason") for got in app.got} == {None, "http_timeout"}


async def test_a_rush_is_delivered_side_by_side(world: World) -> None:
    """The stand-in must not be the bottleneck of a load run: with a slow client, deliveries timed out by themselves."""
    slack, _, _, _ = world
    slack.deliveries.ack_seconds = 3.0
    anna = slack.person("Anna")
    for number in range(300):
        anna.says(f"{number}")
    await slack.tick()
    assert outcomes(slack) == ["ok"] * 300


async def test_random_delays_mix_the_order(world: World) -> None:
    slack, _, _, app = world
    slack.deliveries.most_delay_seconds = 0.05
    anna = slack.person("Anna")
    said = [anna.says(f"{number}").text for number in range(10)]
    await slack.tick()
    arrived = [event["text"] for event in app.events()]
    assert sorted(arrived) == said
    assert arrived != said


async def test_retries_need_nobody_to_call_tick() -> None:
    async with receiver() as app, SlackStandIn() as slack:
        await slack.use_http(app.url)
        slack.deliveries.retries = (timedelta(seconds=0.1),)
        app.answers = [PlainTextResponse("", 500)]
        slack.person("Anna").says("hi")
        async with asyncio.timeout(5):
            while len(app.got) < 2:  # noqa: ASYNC110 - the receiver is polled as the bot's tables are
                await asyncio.sleep(0.01)
    assert app.got[1].headers["x-slack-retry-num"] == "1"


async def test_a_mention_comes_twice_with_different_ids(world: World) -> None:
    slack, _, _, app = world
    anna = slack.person("Anna")
    channel = slack.channel("help", anna)
    said = anna.says("gdzie paczka?", channel, mention=True)
    await slack.tick()
    assert sorted(event["type"] for event in app.events()) == ["app_mention", "message"]
    assert {event["ts"] for event in app.events()} == {said.ts}
    assert len({got.payload["event_id"] for got in app.got}) == 2
    anna.says(f"<@{slack.app.bot_user}> hi", markup=True)
    await slack.tick()
    assert app.events()[-1]["channel_type"] == "im"
    assert len(app.got) == 3


async def test_edits_deletes_tombstones_and_unfurls(world: World) -> None:
    slack, _, _, app = world
    anna = slack.person("Anna")
    said = anna.says("one")
    anna.edits(said, "two")
    await slack.tick()
    edit = next(event for event in app.events() if event.get("subtype") == "message_changed")
    assert edit["hidden"]
    assert edit["ts"] != said.ts
    assert (edit["message"]["ts"], edit["message"]["text"]) == (said.ts, "two")
    assert edit["message"]["edited"]["user"] == anna.id
    assert edit["previous_message"]["text"] == "one"
    app.got.clear()
    slack.unfurls(said)
    await slack.tick()
    assert app.events()[0]["message"]["text"] == "two"
    app.got.clear()
    anna.deletes(said)
    await slack.tick()
    assert app.events()[0]["subtype"] == "message_deleted"
    assert app.events()[0]["deleted_ts"] == said.ts
    parent = anna.says("parent")
    anna.says("reply", thread=parent)
    await slack.tick()
    app.got.clear()
    anna.deletes(parent)
    await slack.tick()
    assert app.events()[0]["subtype"] == "message_changed"
    assert app.events()[0]["message"]["subtype"] == "tombstone"


async def test_an_unfurl_has_no_edited_mark(world: World) -> None:
    slack, _, _, app = world
    said = slack.person("Anna").says("https://example.com")
    slack.unfurls(said)
    await slack.tick()
    changed = next(event for event in app.events() if event.get("subtype") == "message_changed")
    assert "edited" not in changed["message"]
    assert changed["message"]["text"] == changed["previous_message"]["text"]


async def test_own_posts_come_back_and_other_bots_are_told_apart(world: World) -> None:
    slack, _, client, app = world
    channel = slack.channel("help")
    await client.chat_postMessage(channel=channel.id, text="ours")
    slack.other_bot_says(channel, "theirs")
    await slack.tick()
    ours, theirs = sorted(app.events(), key=lambda event: event["text"])
    assert (ours["bot_id"], ours["app_id"], ours["user"]) == (slack.app.bot_id, slack.app.app_id, slack.app.bot_user)
    assert theirs["bot_id"] != slack.app.bot_id


async def test_shapes_that_trip_parsers(world: World) -> None:
    slack, _, _, app = world
    anna = slack.person("Anna")
    channel = slack.channel("help", anna)
    anna.says(None)
    parent = anna.says("parent", channel)
    anna.says("aloud", channel, thread=parent, broadcast=True)
    anna.says("reply", channel, thread=parent)
    anna.says("waves", channel, me=True)
    anna.uploads("a.png", b"png", "image/png")
    await slack.tick()
    events = [event for event in app.events() if event["type"] == "message"]
    assert next(event for event in events if event["channel_type"] == "im" and "files" not in event)["text"] is None
    subtypes = {event.get("subtype") for event in events}
    assert subtypes == {None, "thread_broadcast", "me_message", "file_share"}
    shared = next(event for event in events if event.get("subtype") == "file_share")
    assert shared["text"] == ""
    reply = next(event for event in events if event["text"] == "reply")
    assert reply["thread_ts"] == parent.ts
    assert "subtype" not in reply


async def test_slack_connect(world: World) -> None:
    slack, _, client, app = world
    tom = slack.person("Tom", from_other_company=True)
    channel = slack.channel("us-and-them", tom, private=True, shared=True)
    tom.says("hello", channel)
    tom.uploads("a.pdf", b"%PDF", "application/pdf", channel=channel)
    await slack.tick()
    assert all(got.payload["is_ext_shared_channel"] for got in app.got)
    hello = next(event for event in app.events() if event.get("text") == "hello")
    assert hello["user_team"] == tom.user.team_id != slack.app.team_id
    shared = next(event for event in app.events() if event.get("files"))
    file = shared["files"][0]
    assert file == {"id": file["id"], "mode": "file_access", "file_access": "check_file_info", "user": ""}
    assert (await client.files_info(file=file["id"]))["file"]["name"] == "a.pdf"
    old = slack.changes_id(channel)
    await slack.tick()
    assert app.events()[-1]["old_channel_id"] == old
    assert app.events()[-1]["new_channel_id"] == channel.id


async def test_everything_else_that_happens_in_a_workspace(world: World) -> None:
    slack, _, _, app = world
    anna, tom = slack.person("Anna"), slack.person("Tom")
    channel = slack.channel("help", anna, with_bot=False)
    anna.says("unheard", channel)
    slack.invites_bot(channel, anna)
    tom.joins(channel)
    tom.leaves(channel)
    said = anna.says("hi", channel)
    anna.reacts(said, "thumbsup::skin-tone-2")
    anna.unreacts(said, "thumbsup::skin-tone-2")
    anna.opens_home()
    anna.changes(tz="Europe/London")
    anna.starts_assistant()
    slack.archives(channel, anna)
    slack.uninstalls()
    await slack.tick()
    types = {event["type"] for event in app.events()}
    assert types == {
        "message", "member_joined_channel", "member_left_channel", "reaction_added", "reaction_removed",
        "app_home_opened", "user_change", "assistant_thread_started", "channel_archive", "app_uninstalled",
        "tokens_revoked",
    }  # fmt: skip
    assert not any(event.get("text") == "unheard" for event in app.events())
    reaction = next(event for event in app.events() if event["type"] == "reaction_added")
    assert (reaction["reaction"], reaction["item"]["ts"]) == ("thumbsup::skin-tone-2", said.ts)


async def test_what_is_not_subscribed_does_not_come(world: World) -> None:
    slack, _, _, app = world
    slack.app.events.discard("message.im")
    slack.person("Anna").says("hi")
    await slack.tick()
    assert app.got == []


async def test_above_the_hourly_limit_one_notice_a_minute_comes_instead(world: World) -> None:
    slack, clock, _, app = world
    slack.deliveries.health.most_per_hour = 2
    anna = slack.person("Anna")
    for number in range(5):
        anna.says(f"{number}")
        await slack.tick()
    assert [got.payload["type"] for got in app.got] == ["event_callback", "event_callback", "app_rate_limited"]
    notice = app.got[-1].payload
    assert "event" not in notice
    assert "event_id" not in notice
    assert notice["minute_rate_limited"] == int(clock().timestamp()) // 60 * 60


async def test_a_subscription_that_mostly_fails_is_disabled_until_a_person_enables_it(world: World) -> None:
    slack, _, _, app = world
    slack.deliveries.health.exempt_below = 4
    app.answers = [PlainTextResponse("", 500) for _ in range(4)]
    anna = slack.person("Anna")
    for text in "ab":
        anna.says(text)
        await slack.tick()
    assert slack.deliveries.health.is_disabled
    anna.says("c")
    await slack.tick()
    assert len(app.got) == 4
    slack.deliveries.health.enable()
    anna.says("d")
    await slack.tick()
    assert app.events()[-1]["text"] == "d"


async def test_bolt_takes_the_payloads_and_their_signature() -> None:
    """The real library, on the wall clock as it checks signatures against that."""
    async with receiver() as app, SlackStandIn() as slack:
        await slack.use_http(app.url)
        bolt = AsyncApp(
            signing_secret=slack.app.signing_secret,
            client=AsyncWebClient(token=slack.app.bot_token, base_url=slack.api_url),
            process_before_response=True,
        )
        heard: list[str] = []

        @bolt.event("message")
        async def hear(event: dict[str, Any]) -> None:
            heard.append(event["text"])

        slack.person("Anna").says("Dzień dobry")
        await slack.tick()
        got = app.got[0]
        headers = {name: [value] for name, value in got.headers.items()}
        answer = await bolt.async_dispatch(AsyncBoltRequest(body=got.body.decode(), headers=headers))
        assert answer.status == 200
        assert heard == ["Dzień dobry"]
        forged = await bolt.async_dispatch(AsyncBoltRequest(body=got.body.decode() + " ", headers=headers))
        assert forged.status == 401
        assert [call.method for call in slack.journal.calls] == ["auth.test"]
