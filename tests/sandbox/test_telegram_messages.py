"""What people send and do, and what becomes of messages afterwards: PLATFORM.md 11 and 12."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from telegram import InputMediaPhoto, Message, ReplyKeyboardMarkup, Update
from telegram.error import BadRequest

from bot.sandbox.telegram.people import Person
from tests.sandbox.telegram_scene import Scene, open_scene

KEYBOARD = {"inline_keyboard": [[{"text": "Tak", "callback_data": "yes"}, {"text": "Nie", "callback_data": "no"}]]}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_scene() as scene:
        yield scene


@pytest.fixture
def anna(scene: Scene) -> Person:
    anna = scene.api.person("Anna", language="pl")
    anna.types("Dzień dobry")
    return anna


async def told(scene: Scene) -> list[Update]:
    """The updates that came since the last call, read by the real library."""
    updates = await scene.bot.get_updates()
    scene.later(3)
    await scene.call("getUpdates", offset=updates[-1].update_id + 1)
    scene.later(3)
    return list(updates)


async def messages(scene: Scene) -> list[Message]:
    return [update.message for update in await told(scene) if update.message]


async def test_a_deep_link_is_a_start_command_with_its_payload(scene: Scene, anna: Person) -> None:
    anna.opens("tok_EN-1")
    message = (await messages(scene))[-1]
    assert message.text == "/start tok_EN-1"
    assert [(one.type, one.offset, one.length) for one in message.entities] == [("bot_command", 0, 6)]
    assert message.from_user is not None
    assert message.from_user.language_code == "pl"


async def test_an_edit_has_the_same_id_and_may_change_nothing(scene: Scene, anna: Person) -> None:
    message = anna.types("frist")
    scene.later(5)
    anna.edits(message, "first")
    anna.edits(message, "first")
    edits = [update.edited_message for update in await told(scene) if update.edited_message]
    assert [(one.message_id, one.text) for one in edits] == [(message.id, "first")] * 2
    assert [(one.edit_date - one.date).total_seconds() for one in edits if one.edit_date] == [5, 5]
    assert (anna.sees()[-1].is_edited, anna.sees()[-1].earlier) == (True, ("frist", "first"))


async def test_an_album_is_one_update_a_picture_with_the_caption_on_the_first(scene: Scene, anna: Person) -> None:
    anna.sends_album(["broken", "", ""])
    album = (await messages(scene))[1:]
    assert len({one.media_group_id for one in album}) == 1
    assert [one.caption for one in album] == ["broken", None, None]
    assert all(one.photo[-1].file_size > one.photo[0].file_size for one in album if one.photo)


@pytest.mark.parametrize("kind", ["photo", "document", "voice", "video", "video_note", "audio", "animation", "sticker"])
async def test_every_kind_of_file_is_read_by_the_real_library_and_sent_back(
    scene: Scene, anna: Person, kind: str
) -> None:
    anna.sends_file(kind, "x.bin", b"content")
    attachment = (await messages(scene))[-1].effective_attachment
    file_id = attachment[-1].file_id if isinstance(attachment, tuple) else attachment.file_id
    method = "send" + kind.replace("_", "")
    sent = await scene.call(method, chat_id=anna.id, **{kind: file_id})
    assert kind in sent
    assert anna.sees()[-1].file == kind
    assert await scene.refused(method, chat_id=anna.id, **{kind: "AgACnonsense"}) == (
        "Bad Request: wrong file identifier/HTTP URL specified"
    )


async def test_contacts_and_places(scene: Scene, anna: Person) -> None:
    anna.shares_contact("+48600100200", "Jan", user_id=4242)
    anna.shares_location(52.2, 21.0)
    _, contact, place = await messages(scene)
    assert contact.contact is not None
    assert contact.contact.user_id == 4242, "somebody else's"
    assert place.location is not None
    assert place.location.latitude == 52.2


async def test_a_file_can_be_fetched_for_an_hour_up_to_20_megabytes(scene: Scene, anna: Person) -> None:
    anna.sends_file("document", "faktura.pdf", b"%PDF-1.7", mime="application/pdf")
    anna.sends_file("document", "film.mkv", b"", size=20 * 2**20 + 1)
    _, small, big = await messages(scene)
    assert small.document is not None
    assert big.document is not None
    file = await small.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"%PDF-1.7"
    with pytest.raises(BadRequest, match="File is too big"):
        await big.document.get_file()
    words = "Bad Request: wrong file_id or the file is temporarily unavailable"
    assert await scene.refused("getFile", file_id="nonsense") == words

    path = str(file.file_path).removeprefix(scene.api.url)
    scene.later(3601)
    assert (await scene.http.get(path)).status_code == 404
    assert scene.api.token not in repr(scene.api.journal.entries[-1])


async def test_what_the_bot_uploads_is_there_to_fetch(scene: Scene, anna: Person) -> None:
    sent = await scene.bot.send_document(anna.id, b"a,b\n1,2\n", caption="<i>Raport</i>", parse_mode="HTML",
                                         filename="raport.csv")  # fmt: skip
    assert sent.document is not None
    assert sent.document.file_name == "raport.csv"
    assert bytes(await (await sent.document.get_file()).download_as_bytearray()) == b"a,b\n1,2\n"
    assert (anna.sees()[-1].file, anna.sees()[-1].text) == ("document", "Raport")

    album = await scene.bot.send_media_group(anna.id, [InputMediaPhoto(b"1", caption="one"), InputMediaPhoto(b"2")])
    assert [message.caption for message in album] == ["one", None]
    assert await scene.refused("sendMediaGroup", chat_id=anna.id, media=[{"type": "photo", "media": "x"}] * 11)


async def test_buttons_are_pressed_answered_and_answered_too_late(scene: Scene, anna: Person) -> None:
    await scene.call("sendMessage", chat_id=anna.id, text="Pewnie?", reply_markup=KEYBOARD)
    anna.presses("Nie")
    query = (await told(scene))[-1].callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("no", anna.id)
    await query.answer("Anulowano")
    assert anna.notices == ["Anulowano"]
    assert await scene.refused("answerCallbackQuery", callback_query_id=query.id, text="x" * 201) == (
        "Bad Request: MESSAGE_TOO_LONG"
    )
    scene.later(150)
    with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
        await query.answer()
    with pytest.raises(LookupError):
        anna.presses("Może")


async def test_a_press_under_a_removed_message_is_inaccessible(scene: Scene, anna: Person) -> None:
    sent = await scene.call("sendMessage", chat_id=anna.id, text="Pewnie?", reply_markup=KEYBOARD)
    await scene.bot.delete_message(anna.id, sent["message_id"])
    anna.presses("Tak", sent["message_id"])
    query = (await told(scene))[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert not query.message.is_accessible
    assert anna.sees()[-1].is_removed


async def test_editing_changes_what_is_seen_and_nothing_new_is_refused(scene: Scene, anna: Person) -> None:
    sent = await scene.call("sendMessage", chat_id=anna.id, text="Pewnie?", reply_markup=KEYBOARD)
    place = {"chat_id": anna.id, "message_id": sent["message_id"]}
    assert await scene.refused("editMessageText", **place, text="Pewnie?", reply_markup=KEYBOARD) == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as "
        "a current content and reply markup of the message"
    )
    await scene.call("editMessageText", **place, text="Zrobione")
    assert (anna.sees()[-1].text, anna.sees()[-1].buttons, anna.sees()[-1].is_edited) == ("Zrobione", (), True)
    await scene.call("editMessageReplyMarkup", **place, reply_markup=KEYBOARD)
    assert anna.sees()[-1].buttons == (("Tak", "Nie"),)

    own, gone = anna.sees()[0].message_id, 999
    edit = {"chat_id": anna.id, "text": "x"}
    assert await scene.refused("editMessageText", **edit, message_id=own) == "Bad Request: message can't be edited"
    assert await scene.refused("editMessageText", **edit, message_id=gone) == "Bad Request: message to edit not found"
    assert await scene.refused("editMessageCaption", **place, caption="x") == (
        "Bad Request: there is no caption in the message to edit"
    )


async def test_messages_can_be_removed_for_two_days(scene: Scene, anna: Person) -> None:
    old = await scene.bot.send_message(anna.id, "old")
    scene.later(48 * 3600 + 1)
    new = await scene.bot.send_message(anna.id, "new")
    await scene.bot.delete_message(anna.id, new.message_id)
    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await scene.bot.delete_message(anna.id, old.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await scene.bot.delete_message(anna.id, new.message_id)
    assert [seen.is_removed for seen in anna.sees()] == [False, False, True]


async def test_replies_protection_and_keyboards_of_keys(scene: Scene, anna: Person) -> None:
    first = anna.sees()[0].message_id
    keys = ReplyKeyboardMarkup([["Status", "Pomoc"]])
    sent = await scene.bot.send_message(
        anna.id, "Proszę", reply_to_message_id=first, reply_markup=keys, protect_content=True
    )
    assert sent.reply_to_message is not None
    assert sent.has_protected_content
    assert (anna.sees()[-1].reply_to, anna.sees()[-1].keyboard) == (first, (("Status", "Pomoc"),))


async def test_a_customer_who_deletes_a_message_leaves_no_trace_for_the_bot(scene: Scene, anna: Person) -> None:
    message = anna.types("secret")
    before = len(scene.api.updates)
    anna.removes(message)
    assert len(scene.api.updates) == before
    assert (
        await scene.refused("sendMessage", chat_id=anna.id, text="x", reply_parameters={"message_id": message.id})
        == "Bad Request: message to be replied not found"
    )
