"""Slack's events as we read them: the payloads of PLATFORM's traps (sections 1 to 4), each with what it means.

Not here, and why: the order of edits and merging a flood (the handlers' and the intake's); time zones (no time is told
by a customer's own clock); who may press what, and internal notes (the agents' desk); two processes on one app token
(an operator's mistake that no process can see).
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.slack.events import SAID, read_event, removal
from bot.channels.slack.facts import Unreadable, Us
from handlers.attachments import AttachmentKind
from handlers.messages import IncomingMessage, Kind, Setting

US = Us()
TS, LATER, ROOT = "1795500000.000100", "1795500060.000200", "1795400000.000001"
Json = dict[str, Any]


def envelope(event: Json, **more: Any) -> Json:
    return {
        "type": "event_callback",
        "team_id": "TOUR",
        "api_app_id": "AOUR",
        "event_id": "Ev1",
        "event_time": 1795500000,
        "authorizations": [{"team_id": "TOUR", "user_id": "UBOT", "is_bot": True}],
        "is_ext_shared_channel": False,
        "event": event,
        "something_new": {"ignore": "me"},
        **more,
    }


def said(text: str | None = "gdzie paczka?", **more: Any) -> Json:
    """In a direct conversation."""
    event = {"type": "message", "channel": "D1", "channel_type": "im", "user": "UANNA", "team": "TOUR", "ts": TS}
    return {**event, "event_ts": TS, "text": text, "client_msg_id": "c-1", **more}


def in_channel(text: str | None = "<@UBOT> gdzie?", **more: Any) -> Json:
    return said(text, **{"channel": "C1", "channel_type": "channel", **more})


def heard(event: Json, **more: Any) -> IncomingMessage:
    message = read_event(envelope(event, **more), US)
    assert message is not None
    return message


def is_dropped(event: Json, us: Us = US, **more: Any) -> bool:
    return read_event(envelope(event, **more), us) is None


# Messages


def test_a_direct_message() -> None:
    message = heard(said())
    assert (message.chat_id, message.sender_id, message.external_id) == ("D1", "TOUR:UANNA", f"D1:{TS}")
    assert (message.text, message.about, message.kind) == ("gdzie paczka?", TS, Kind.SAID)
    assert (message.setting, message.addressed, message.thread) == (Setting.PRIVATE, True, None)
    assert message.sent_at.timestamp() == pytest.approx(float(TS))


def test_a_thread_in_direct_messages_is_the_same_chat_and_answered_there() -> None:
    """An assistant's threads are such, too."""
    message = heard(said(thread_ts=ROOT))
    assert (message.chat_id, message.thread) == ("D1", ROOT)
    assert heard(said(thread_ts=TS)).thread is None, "the parent of a thread is no reply"


def test_a_mention_opens_a_thread_of_its_own_and_comes_twice_under_one_id() -> None:
    message = heard(in_channel())
    mention = heard({**in_channel(), "type": "app_mention", "channel_type": None}, event_id="Ev2")
    assert message == mention
    assert (message.chat_id, message.thread, message.text) == (f"C1:{TS}", TS, "gdzie?")
    assert (message.setting, message.addressed, message.external_id) == (Setting.THREAD, True, f"C1:{TS}")


def test_a_reply_in_a_thread_belongs_to_that_thread_said_to_us_or_not() -> None:
    named, unnamed = heard(in_channel(thread_ts=ROOT)), heard(in_channel("i co?", thread_ts=ROOT))
    assert (named.chat_id, named.addressed, named.thread) == (f"C1:{ROOT}", True, ROOT)
    assert (unnamed.chat_id, unnamed.addressed, unnamed.thread) == (f"C1:{ROOT}", False, ROOT)


@pytest.mark.parametrize("kind", ["channel", "group", "mpim"])
def test_talk_among_others_is_none_of_our_business(kind: str) -> None:
    assert is_dropped(said("hej wszyscy", channel="C1", channel_type=kind))
    assert is_dropped(said("hej <@UOTHER>", channel="G1", channel_type=kind))


def test_privacy_is_not_told_by_the_first_letter_of_an_id() -> None:
    """A group conversation may be called anything; the event says what it is."""
    assert is_dropped(said("hej", channel="D9", channel_type="mpim"))
    assert heard(said("hej", channel="X9", channel_type="im")).setting is Setting.PRIVATE


@pytest.mark.parametrize("subtype", sorted(SAID - {""}))
def test_subtypes_that_carry_a_customers_words(subtype: str) -> None:
    assert heard(said(subtype=subtype)).text == "gdzie paczka?"


@pytest.mark.parametrize(
    "subtype",
    ["bot_message", "message_replied", "channel_join", "channel_leave", "channel_topic", "channel_purpose",
     "channel_name", "channel_archive", "group_join", "group_topic", "pinned_item", "reminder_add",
     "assistant_app_thread", "document_mention", "ekm_access_denied", "tombstone", "something_new"],
)  # fmt: skip
def test_other_subtypes_are_nobodys_words(subtype: str) -> None:
    assert is_dropped(said(subtype=subtype))


def test_message_replied_comes_without_its_subtype_and_is_no_message() -> None:
    parent = {"type": "message", "user": "UANNA", "text": "<@UBOT> gdzie?", "thread_ts": TS, "ts": TS, "reply_count": 1}
    told = {"type": "message", "message": parent, "channel": "C1", "channel_type": "channel", "hidden": True}
    assert is_dropped({**told, "event_ts": LATER, "ts": LATER})


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "BOUR", "app_id": "AOUR", "user": "UBOT"},
        {"app_id": "AOUR"},
        {"user": "UBOT"},
        {"bot_id": "BOTHER", "app_id": "AOTHER", "user": "UOTHERBOT"},
        {"bot_id": "BOTHER", "user": None},
        {"user": "USLACKBOT"},
        {"bot_id": "BOUR", "app_id": "AOUR", "user": "UBOT", "subtype": "file_share", "files": [{"id": "F1"}]},
    ],
)
def test_bots_are_not_talked_with(more: Json) -> None:
    assert is_dropped(said(**more))
    assert is_dropped(in_channel(**more))
    assert is_dropped({**in_channel(**more), "type": "app_mention"})


def test_who_we_are_is_known_from_the_event_or_from_before() -> None:
    bare = envelope(in_channel("<@UBOT> hej"), authorizations=[])
    assert read_event(bare, US) is None
    told = read_event(bare, Us(frozenset({"UBOT"})))
    assert told is not None
    assert told.text == "hej"


@pytest.mark.parametrize("text", [None, "", "<@UBOT>"])
def test_a_message_without_words_is_a_message(text: str | None) -> None:
    assert heard(said(text)).text == ""


def test_files_come_along_by_reference() -> None:
    files = [
        {"id": "F1", "name": "zdjęcie.png", "mimetype": "image/png", "size": 12, "mode": "hosted"},
        {"id": "F2", "name": "faktura.pdf", "mimetype": "application/pdf", "size": "?", "mode": "external"},
        {"id": "F3", "mode": "file_access", "file_access": "check_file_info", "user": ""},
        {"id": "F4", "mimetype": "audio/webm", "subtype": "slack_audio", "name": "audio_message"},
        {"id": "F5", "mode": "tombstone"},
        None,
    ]
    message = heard(said("", subtype="file_share", files=files))
    assert [(one.reference, one.kind, one.name, one.size) for one in message.attachments] == [
        ("slack:F1", AttachmentKind.PHOTO, "zdjęcie.png", 12),
        ("slack:F2", AttachmentKind.DOCUMENT, "faktura.pdf", None),
        ("slack:F3", AttachmentKind.DOCUMENT, None, None),
        ("slack:F4", AttachmentKind.VOICE, "audio_message", None),
    ]


# Who


def test_a_stranger_of_another_company_goes_by_their_own_workspace() -> None:
    own = in_channel(team="TTHEIRS", user_team="TTHEIRS", source_team="TTHEIRS")
    assert heard(own, is_ext_shared_channel=True).sender_id == "TTHEIRS:UANNA"


def test_without_a_team_it_is_ours_or_in_a_shared_channel_to_be_asked_for() -> None:
    event = in_channel()
    del event["team"]
    assert heard(event).sender_id == "TOUR:UANNA"
    assert heard(event, is_ext_shared_channel=True).sender_id == ":UANNA"


# Edits and deletes


def changed(now: Json, before: Json | None = None, **more: Any) -> Json:
    """Around a message as `said` or `in_channel` make one."""
    event = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": LATER, "event_ts": LATER}
    event |= {"channel": now["channel"], "channel_type": now["channel_type"], "message": now, **more}
    return event | ({"previous_message": before} if before is not None else {})


EDITED = {"user": "UANNA", "ts": LATER}


def test_an_edit_names_the_message_it_changes() -> None:
    message = heard(changed(said("gdzie moja paczka?", edited=EDITED), said()))
    assert (message.kind, message.about, message.text) == (Kind.EDITED, TS, "gdzie moja paczka?")
    assert (message.chat_id, message.external_id) == ("D1", f"D1:{TS}:edited:{LATER}")
    assert message.sent_at.timestamp() == pytest.approx(float(LATER))
    assert heard(changed(said("inaczej", edited=EDITED))).kind is Kind.EDITED, "also without what it was"


def test_a_preview_of_a_link_is_no_edit() -> None:
    assert is_dropped(changed(said(attachments=[{"id": 1}]), said()))
    assert is_dropped(changed(said(edited=EDITED, attachments=[{"id": 1}]), said(edited=EDITED))), "of an edited one"


def test_edits_of_bots_are_not_ours_to_read() -> None:
    assert is_dropped(changed(said("nowe", bot_id="BOUR", edited=EDITED), said(bot_id="BOUR")))
    assert is_dropped(changed(said("nowe", subtype="channel_topic", edited=EDITED), said()))


def test_an_edit_in_a_channel_goes_to_its_thread_and_may_call_us_only_now() -> None:
    reply = heard(changed(in_channel("inaczej", thread_ts=ROOT, edited=EDITED), in_channel("i co?", thread_ts=ROOT)))
    assert (reply.chat_id, reply.addressed) == (f"C1:{ROOT}", False)
    called = heard(changed(in_channel(edited=EDITED), in_channel("gdzie?")))
    assert (called.chat_id, called.addressed) == (f"C1:{TS}", True)
    no_longer = heard(changed(in_channel("gdzie?", edited=EDITED), in_channel()))
    assert (no_longer.chat_id, no_longer.addressed) == (f"C1:{TS}", True)
    assert is_dropped(changed(in_channel("hej hej", edited=EDITED), in_channel("hej")))


def test_a_delete_names_the_message_that_is_gone() -> None:
    event = {"type": "message", "subtype": "message_deleted", "hidden": True, "channel": "D1", "channel_type": "im"}
    message = heard({**event, "ts": LATER, "event_ts": LATER, "deleted_ts": TS, "previous_message": said()})
    assert (message.kind, message.about, message.sender_id, message.text) == (Kind.DELETED, TS, "TOUR:UANNA", "")
    assert message.external_id == f"D1:{TS}:deleted"


def test_a_parent_with_replies_is_deleted_as_a_tombstone() -> None:
    grave = said("This message was deleted.", subtype="tombstone", user="USLACKBOT", hidden=True)
    message = heard(changed(grave, said()))
    assert (message.kind, message.about, message.sender_id) == (Kind.DELETED, TS, "TOUR:UANNA")
    assert is_dropped(changed(grave, said(bot_id="BOUR"))), "ours"


# Reactions


def reaction(name: str = "+1", **more: Any) -> Json:
    event = {"type": "reaction_added", "user": "UANNA", "reaction": name, "item_user": "UBOT", "event_ts": LATER}
    return {**event, "item": {"type": "message", "channel": "D1", "ts": TS}, **more}


def test_a_reaction_to_our_message_is_its_sign() -> None:
    message = heard(reaction("thumbsup::skin-tone-4"))
    assert (message.kind, message.text, message.about, message.chat_id) == (Kind.REACTED, "👍", TS, "D1")
    assert heard(reaction(type="reaction_removed")).text == ""
    ids = {heard(one).external_id for one in (reaction(), reaction("-1"), reaction(type="reaction_removed"))}
    assert len(ids) == 3


def test_reactions_to_others_messages_by_ourselves_or_to_files_are_not_heard() -> None:
    assert is_dropped(reaction(item_user="UOTHER"))
    assert is_dropped(reaction(user="UBOT"))
    assert is_dropped(reaction(item={"type": "file", "file": "F1"}))


# The rest


def test_opening_the_home_tab() -> None:
    event = {"type": "app_home_opened", "user": "UANNA", "channel": "D1", "tab": "home", "event_ts": LATER}
    message = heard(event)
    assert (message.kind, message.chat_id, message.sender_id) == (Kind.OPENED_HOME, "D1", "TOUR:UANNA")
    assert is_dropped({**event, "tab": "messages"})


def test_a_channel_that_gets_another_id_moves_its_chats() -> None:
    event = {"type": "channel_id_changed", "old_channel_id": "G1", "new_channel_id": "C2", "event_ts": LATER}
    message = heard(event)
    assert (message.kind, message.chat_id, message.about) == (Kind.MOVED, "G1", "C2")


def test_the_end_of_our_token_is_told() -> None:
    assert removal(envelope({"type": "app_uninstalled"})) == "app_uninstalled"
    assert removal(envelope({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["UBOT"]}})) == "token_revoked"
    assert removal(envelope({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}})) is None
    assert removal(envelope(said())) is None


@pytest.mark.parametrize("kind", ["member_joined_channel", "file_shared", "user_change", "team_join", "", "x" * 99])
def test_events_we_have_no_use_for_are_dropped(kind: str) -> None:
    assert is_dropped({"type": kind, "user": 3})


@pytest.mark.parametrize(
    "event",
    [
        said(channel=None),
        said(channel="D1:x"),
        said(channel=["D1"]),
        said(ts=1795500000.0001),
        said(ts="soon"),
        said(user=None),
        said(user={"id": "U1"}),
        said(thread_ts="x"),
        said(files=[{"name": "no id"}]),
        reaction(item=None),
        reaction(event_ts=None),
        changed(said(edited={"ts": None})),
        {**changed(said()), "message": "?"},
        {"type": "message", "subtype": "message_deleted", "channel": "D1", "channel_type": "im", "deleted_ts": TS},
        {"type": "channel_id_changed", "old_channel_id": "C1"},
        {"type": "app_home_opened", "tab": "home"},
    ],
)
def test_what_lacks_what_slack_promises_is_unreadable(event: Json) -> None:
    with pytest.raises(Unreadable):
        read_event(envelope(event), US)
