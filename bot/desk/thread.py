"""What is written in a ticket's thread: the owner's words to the customer, everything else a note for agents."""

from __future__ import annotations

from dataclasses import replace

from bot.desk.actions import Doing, Notice, empty_phrases
from bot.desk.events import DeskEvent, DeskKind
from handlers import casework
from handlers.agent_actions import Post
from handlers.plain_text import ZERO_WIDTH
from storage import desk_threads, inbound, ticket_notes
from storage.conversations import Owner

NOTE_MARK = "//"
STYLING = " \t\r\n*_~`>"  # what may stand before the mark: "*// in bold*"
INTERNAL = "lock"  # the emoji on what no customer sees


def internal(text: str) -> str | None:
    """The words of a note for agents; None where it is none. In doubt it is one: nothing internal may get out."""
    bare = text.translate(ZERO_WIDTH).lstrip(STYLING)
    if bare.startswith("／／"):
        bare = NOTE_MARK + bare[2:]
    return bare.removeprefix(NOTE_MARK).strip() if bare.startswith(NOTE_MARK) else None


async def said(doing: Doing) -> Notice:
    """As it reads by now: an edit or a delete may have come in before this was worked, or even before it came in."""
    event = await _as_it_reads_now(doing)
    if event is None or await _is_on_record(doing):
        return Notice()
    act, post = doing.act, Post(event.channel, event.ts)
    words, is_direct = internal(event.text), act.desk.content.desk.replies == "direct"
    if words is not None:
        await casework.note(act, doing.number, words, post, event.files)
        return Notice(mark=INTERNAL)
    if is_direct and await _is_owner(doing):
        await act.reply(doing.number, event.text, files=event.files, post=post, hold=True)
        return await _on_its_way(doing, event.text)
    await casework.note(act, doing.number, event.text, post, event.files)
    return Notice("desk.notice.kept_as_note" if is_direct else "", {"number": doing.number}, mark=INTERNAL)


async def _as_it_reads_now(doing: Doing) -> DeskEvent | None:
    event = doing.event
    known = await inbound.about_post(doing.act.session, event.lane, event.ts)
    changes = [DeskEvent.from_payload(one.payload) for one in known]
    if any(one.kind is DeskKind.DELETED for one in changes):
        return None
    edits = sorted((one for one in changes if one.kind is DeskKind.EDITED), key=lambda one: one.at)
    files = next((one.files for one in changes if one.files), ())
    return replace(event, text=edits[-1].text if edits else event.text, files=files)


async def _is_on_record(doing: Doing) -> bool:
    event, session = doing.event, doing.act.session
    if await desk_threads.copies_at(session, event.channel, event.ts):
        return True
    return await ticket_notes.note_at(session, event.channel, event.ts) is not None


async def _on_its_way(doing: Doing, text: str) -> Notice:
    phrases = await empty_phrases(doing, text)
    seconds = int(doing.act.desk.content.desk.undo_seconds)
    if not seconds:
        return Notice(empty_phrases=phrases)
    return Notice("desk.notice.on_its_way", {"seconds": seconds}, undo=True, empty_phrases=phrases)


async def _is_owner(doing: Doing) -> bool:
    ticket, chats = await doing.act.find(doing.number)
    return any((chat.owner, chat.agent, chat.ticket_id) == (Owner.AGENT, doing.agent.name, ticket.id) for chat in chats)


async def edited(doing: Doing) -> Notice | None:
    """Words that become a note by being edited are taken back from the customer: better late than not at all. What was
    refused as it was written counts as written now."""
    event, act = doing.event, doing.act
    if not await _is_on_record(doing):
        return await said(doing)
    post = Post(event.channel, event.ts)
    words = internal(event.text)
    if words is None:
        return await _reworded(doing, post)
    was_reply = await act.take_reply_back(post)
    if not await casework.change_note(act, post, words):
        await casework.note(act, doing.number, words, post)
    return Notice("desk.notice.taken_back", mark=INTERNAL) if was_reply else None


async def _reworded(doing: Doing, post: Post) -> Notice | None:
    act, text = doing.act, doing.event.text
    if await casework.change_note(act, post, text):
        is_direct = act.desk.content.desk.replies == "direct"
        return Notice("desk.notice.stays_note") if is_direct and await _is_owner(doing) else None
    if not await act.change_reply(post, text):
        return Notice("desk.notice.stays_back")
    return Notice(empty_phrases=await empty_phrases(doing, text))


async def deleted(doing: Doing) -> None:
    """It keeps no words here either."""
    event, act = doing.event, doing.act
    post = Post(event.channel, event.ts)
    if not await casework.change_note(act, post, None):
        await act.take_reply_back(post)
    for told in await inbound.about_post(act.session, event.lane, event.ts):
        told.payload = {**told.payload, "text": "", "files": []}
