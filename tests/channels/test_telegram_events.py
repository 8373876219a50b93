"""What Telegram tells, in our words: PLATFORM 11 on payloads of the Bot API's shape."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.telegram.events import ALLOWED_UPDATES, Me, UnreadableUpdate, is_from_group, translate
from handlers.attachments import Attachment, AttachmentKind
from handlers.messages import IncomingMessage, Kind, Setting
from tests.channels.telegram_payloads import (
    ANNA,
    AT,
    BOT,
    GROUP,
    ME,
    NOW,
    PRIVATE,
    Json,
    edited,
    member,
    message,
    pressed,
    reacted,
    said,
    update,
)

FILE = {"file_id": "AgACAgQ", "file_unique_id": "AQAD", "file_size": 1234}


def one(told: Json, me: Me = ME) -> IncomingMessage:
    [read] = translate(told, me, NOW)
    return read


def none(told: Json) -> bool:
    return translate(told, ME, NOW) == ()


def test_a_text_is_read_with_everything_the_desk_needs() -> None:
    assert one(said(text="Gdzie jest moja paczka?")) == IncomingMessage(
        channel="telegram",
        chat_id="5123456789",
        sender_id="5123456789",
        external_id="5123456789:41",
        text="Gdzie jest moja paczka?",
        sent_at=datetime(2026, 11, 23, 11, 0, tzinfo=UTC),
        sender_name="Anna",
        language_hint="pl",
        about="41",
    )


def test_the_same_message_under_another_update_id_is_the_same_event() -> None:
    first, again = (one(update("message", message(text="hej"), number)) for number in (7, 800_000_900))
    assert first == again


def test_a_person_is_known_by_their_id_whatever_their_name_is() -> None:
    nameless = {"id": ANNA["id"], "is_bot": False, "first_name": "Ania"}
    assert one(said(text="hej", **{"from": nameless})).sender_id == one(said(text="hej")).sender_id
    assert one(said(text="hej", **{"from": nameless})).language_hint is None


@pytest.mark.parametrize("tag", ["pl", "pt-br", "zh-hans"])
def test_a_language_is_passed_on_as_it_is_told(tag: str) -> None:
    assert one(said(text="hej", **{"from": ANNA | {"language_code": tag}})).language_hint == tag


@pytest.mark.parametrize("tag", ["", "p l", "😀"])
def test_what_is_no_language_is_none(tag: str) -> None:
    assert one(said(text="hej", **{"from": ANNA | {"language_code": tag}})).language_hint is None


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("/start", "start"),
        ("/start Ab_9-x", "start:Ab_9-x"),
        ("/start@dom_i_lampa_bot Ab_9-x", "start:Ab_9-x"),
        ("/START", "start"),
        ("/start hello there", "start"),
        (f"/start {'a' * 65}", "start"),
        ("/help", "do:help"),
        ("/status 1234", "do:ticket_status"),
        ("/human proszę szybko", "human"),
        ("/language@Dom_I_Lampa_Bot", "do:change_language"),
        ("/link", "link"),
        ("/link ab3c-d4ef", "link:ab3c-d4ef"),
        ("/refund", None),
        ("/help@some_other_bot", None),
        ("help", None),
        ("see /help", None),
        ("/", None),
    ],
)
def test_a_command_is_the_action_behind_it_and_a_strange_one_is_plain_text(text: str, action: str | None) -> None:
    """A deep link's payload was typed by anyone: only what a link could hold is passed on."""
    read = one(said(text=text))
    assert (read.text, read.action) == (text, action)


def test_a_press_has_the_buttons_action_label_and_message() -> None:
    read = one(pressed())
    assert (read.action, read.text, read.about) == ("do:help", "Pomoc", "40")
    assert (read.external_id, read.sent_at, read.sender_name) == ("press:2200476583914522", NOW, "Anna")
    assert read.own_id is None


def test_a_press_under_a_message_too_old_to_be_shown_still_counts() -> None:
    read = one(pressed(message={"chat": PRIVATE, "message_id": 40, "date": 0}))
    assert (read.action, read.text, read.about) == ("do:help", "", "40")


def test_a_forged_press_of_a_button_that_is_not_there_has_no_label() -> None:
    assert one(pressed("settle:1")).text == ""


@pytest.mark.parametrize("changes", [{"data": None, "game_short_name": "x"}, {"message": None}, {"from": BOT}])
def test_presses_that_are_not_ours_are_left_alone(changes: Json) -> None:
    assert none(pressed(**changes))


def test_an_edit_names_its_message_and_two_in_one_second_are_two() -> None:
    first, second = one(edited(text="zamówienie 1")), one(edited(text="zamówienie 2"))
    assert (first.kind, first.about, first.own_id) == (Kind.EDITED, "41", "41")
    assert first.sent_at == datetime(2026, 11, 23, 11, 0, 3, tzinfo=UTC)
    assert len({first.external_id, second.external_id, one(said(text="zamówienie 1")).external_id}) == 3
    assert one(edited(text="zamówienie 1")) == first


def test_an_edited_command_is_not_given_again() -> None:
    assert one(edited(text="/human")).action is None


def test_a_place_shared_live_is_not_followed() -> None:
    assert none(edited(location={"latitude": 52.2, "longitude": 21.0, "live_period": 900}))


def photo(reference: str = "AgACAgQ") -> tuple[Attachment, ...]:
    return (Attachment(AttachmentKind.PHOTO, f"telegram:{reference}", None, "image/jpeg", 1234),)


def test_a_picture_is_kept_in_its_largest_size_with_its_caption_as_the_words() -> None:
    sizes = [{"file_id": "small", "file_size": 9, "width": 90}, FILE | {"width": 1280}]
    read = one(said(photo=sizes, caption="pęknięta"))
    assert (read.text, read.attachments) == ("pęknięta", photo())


def test_pictures_sent_as_one_share_an_album() -> None:
    first = one(said(photo=[FILE], media_group_id="13579", caption="dwie"))
    second = one(said(message_id=42, photo=[FILE], media_group_id="13579"))
    assert (first.album, second.album, second.text) == ("13579", "13579", "")
    assert first.external_id != second.external_id


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        ({"document": FILE | {"file_name": "faktura.pdf", "mime_type": "application/pdf"}}, "document", "faktura.pdf"),
        ({"voice": FILE | {"duration": 3, "mime_type": "audio/ogg"}}, "voice", None),
        ({"video": FILE | {"mime_type": "video/mp4"}}, "video", None),
        ({"video_note": FILE | {"length": 240}}, "video", None),
        ({"audio": FILE | {"file_name": "a.mp3"}}, "audio", "a.mp3"),
        ({"animation": FILE | {"file_name": "a.mp4"}, "document": FILE | {"file_name": "a.mp4"}}, "video", "a.mp4"),
        ({"sticker": FILE | {"type": "regular"}}, "sticker", None),
    ],
)
def test_a_file_is_kept_by_reference(content: Json, kind: str, name: str | None) -> None:
    [attachment] = one(said(**content)).attachments
    assert (attachment.kind, attachment.name, attachment.size) == (kind, name, 1234)
    assert attachment.reference == "telegram:AgACAgQ"


def test_a_sticker_reads_like_the_emoji_it_stands_for() -> None:
    read = one(said(sticker=FILE | {"emoji": "👍"}))
    assert (read.text, read.attachments) == ("👍", ())


def test_a_contact_and_a_place_never_become_words() -> None:
    """PLATFORM 11: personal data sent on purpose; the contact may be somebody else's."""
    contact = one(said(contact={"phone_number": "+48600100200", "first_name": "Jan", "user_id": 1}))
    place = {"latitude": 52.2297, "longitude": 21.0122}
    location = one(said(location=place))
    venue = one(said(venue={"location": place, "title": "Biuro", "address": "Prosta 1"}, location=place))
    assert contact.text == location.text == venue.text == ""
    assert contact.attachments[0].kind is AttachmentKind.CONTACT
    assert contact.attachments[0].details == {"phone_number": "+48600100200", "first_name": "Jan"}
    assert location.attachments[0].details == {"latitude": "52.2297", "longitude": "21.0122"}
    assert venue.attachments[0].details == location.attachments[0].details | {"title": "Biuro", "address": "Prosta 1"}


@pytest.mark.parametrize("name", ["poll", "dice", "story", "game", "paid_media", "checklist"])
def test_what_we_can_do_nothing_with_is_still_acknowledged(name: str) -> None:
    assert one(said(**{name: {"id": 1}})).attachments == (Attachment(AttachmentKind.OTHER),)


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [([], ["👍"], "👍"), (["👍"], [], ""), (["👎"], ["👍"], "👍"), (["👍"], ["👍", "🔥"], "🔥")],
)
def test_a_reaction_tells_the_new_sign_or_that_it_was_taken_back(
    before: list[str], after: list[str], text: str
) -> None:
    read = one(reacted(before, after))
    assert (read.kind, read.text, read.about, read.addressed) == (Kind.REACTED, text, "40", True)


def test_putting_a_reaction_and_taking_it_back_are_two_events() -> None:
    assert one(reacted([], ["👍"])).external_id != one(reacted(["👍"], [])).external_id


def test_a_reaction_in_a_group_concerns_only_what_goes_on_there_already() -> None:
    assert one(reacted([], ["👍"], GROUP)).addressed is False
    assert none(reacted([], ["👍"], GROUP, user=None, actor_chat=GROUP))


@pytest.mark.parametrize(("status", "kind"), [("kicked", Kind.BLOCKED), ("member", Kind.UNBLOCKED)])
def test_being_blocked_and_let_in_again_is_told(status: str, kind: Kind) -> None:
    assert one(member(status)).kind is kind
    assert none(member(status, GROUP))


def test_a_group_that_gets_another_id_tells_it_once() -> None:
    old = {"id": -4567, "title": "Osiedle", "type": "group"}
    read = one(said(old, migrate_to_chat_id=-1_001_234_567_890))
    assert (read.kind, read.chat_id, read.about) == (Kind.MOVED, "-4567", "-1001234567890")
    assert none(said(GROUP, migrate_from_chat_id=-4567))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"text": "@dom_i_lampa_bot gdzie moja paczka?"}, "gdzie moja paczka?"),
        ({"text": "hej @Dom_I_Lampa_Bot gdzie?"}, "hej gdzie?"),
        ({"text": "/help@dom_i_lampa_bot"}, "/help@dom_i_lampa_bot"),
        ({"text": "/help"}, "/help"),
        ({"text": "/zwrot@dom_i_lampa_bot"}, "/zwrot@dom_i_lampa_bot"),
        ({"text": "tak", "reply_to_message": message(GROUP, text="?") | {"from": BOT}}, "tak"),
        ({"photo": [FILE], "caption": "@dom_i_lampa_bot pękła"}, "pękła"),
    ],
)
def test_in_a_group_what_is_said_to_us_is_heard(content: Json, text: str) -> None:
    read = one(said(GROUP, **content))
    assert (read.text, read.setting, read.addressed) == (text, Setting.GROUP, True)


@pytest.mark.parametrize(
    "content",
    [
        {"text": "gdzie moja paczka?"},
        {"text": "@dom_i_lampa_bot_2 hej"},
        {"text": "mail@dom_i_lampa_bot"},
        {"text": "/help@some_other_bot"},
        {"text": "/zwrot"},
        {"text": "tak", "reply_to_message": message(GROUP, text="?")},
        {"photo": [FILE]},
    ],
)
def test_in_a_group_what_people_say_to_each_other_is_not(content: Json) -> None:
    assert none(said(GROUP, **content))


def test_an_edit_in_a_group_is_heard_where_it_is_said_to_us() -> None:
    assert one(edited(GROUP, text="@dom_i_lampa_bot hej")).text == "hej"
    assert none(edited(GROUP, text="hej"))


def test_an_answer_goes_to_the_topic_it_was_asked_in() -> None:
    def thread(**content: Any) -> str | None:
        return one(said(GROUP | {"is_forum": True}, text="/help", **content)).thread

    assert thread(is_topic_message=True, message_thread_id=77) == "77"
    assert thread(is_topic_message=True, message_thread_id=1) is None  # General must be left out when sending
    assert thread(message_thread_id=40) is None  # a reply in an ordinary supergroup carries one, too


@pytest.mark.parametrize(
    "content",
    [
        {"text": "/help", "sender_chat": GROUP, "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}},
        {"text": "/help", "from": ANNA | {"is_bot": True}},
        {"text": "/help", "from": None},
        {"new_chat_members": [BOT]},
        {"new_chat_title": "Nowa nazwa"},
        {"pinned_message": message(GROUP, text="/help")},
        {"forum_topic_created": {"name": "x", "icon_color": 1}},
    ],
)
def test_other_bots_anonymous_admins_and_telegram_itself_are_not_customers(content: Json) -> None:
    assert none(said(GROUP, **content))


@pytest.mark.parametrize("kind", ["channel_post", "edited_channel_post", "business_message", "poll", "guest_message"])
def test_what_we_did_not_subscribe_to_is_ignored(kind: str) -> None:
    assert kind not in ALLOWED_UPDATES
    assert none(update(kind, message(text="hej")))


def test_a_channel_is_no_place_for_us() -> None:
    assert none(said({"id": -100, "title": "News", "type": "channel"}, text="/help"))


@pytest.mark.parametrize(
    "body",
    [
        "text",
        {},
        {"message_id": 1, "date": AT, "chat": {"id": "x", "type": "private"}, "from": ANNA, "text": "hej"},
        {"message_id": 1, "date": AT, "chat": 5, "from": ANNA, "text": "hej"},
        {"message_id": 1, "date": 1e300, "chat": PRIVATE, "from": ANNA, "text": "hej"},
        {"message_id": 1, "date": 10**30, "chat": PRIVATE, "from": ANNA, "text": "hej"},
        {"message_id": True, "date": AT, "chat": PRIVATE, "from": ANNA, "text": "hej"},
        {"message_id": 1, "date": AT, "chat": PRIVATE, "from": ANNA, "text": ["hej"]},
        {"message_id": 1, "date": AT, "chat": PRIVATE, "from": ANNA, "photo": {"file_id": "x"}},
        {"message_id": 1, "date": AT, "chat": PRIVATE, "from": ANNA | {"first_name": 7}, "text": "hej"},
    ],
)
def test_what_is_not_of_the_promised_shape_is_refused_in_words_that_quote_nothing(body: object) -> None:
    with pytest.raises(UnreadableUpdate) as refused:
        translate({"update_id": 1, "message": body}, ME, NOW)
    assert "hej" not in str(refused.value)


def test_what_no_database_can_carry_is_taken_out() -> None:
    read = one(said(text="a\x00b\ud800c", **{"from": ANNA | {"first_name": "An\x00na"}}))
    assert (read.text, read.sender_name) == ("ab?c", "Anna")


def test_every_event_survives_the_inbox() -> None:
    for told in (said(text="hej"), edited(text="hej"), pressed(), reacted([], ["👍"]), member("kicked")):
        read = one(told)
        assert IncomingMessage.from_payload(read.to_payload()) == replace(read)


def test_only_in_groups_our_name_matters() -> None:
    assert [is_from_group(told) for told in (said(text="x"), said(GROUP, text="x"), edited(GROUP, text="x"))] == [
        False, True, True,
    ]  # fmt: skip
    assert is_from_group(pressed()) is is_from_group(member("kicked")) is False
