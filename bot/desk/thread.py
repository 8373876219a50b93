"""What is written in a ticket's thread: the owner's words to the customer, everything else a note for agents."""

from __future__ import annotations

from bot.desk.actions import Doing, Notice
from handlers import casework
from handlers.agent_actions import Post
from storage.conversations import Owner

NOTE_MARK = "//"
INTERNAL = "lock"  # the emoji on what no customer sees


async def said(doing: Doing) -> Notice:
    event, act = doing.event, doing.act
    post = Post(event.channel, event.ts)
    if event.text.lstrip().startswith(NOTE_MARK):
        await casework.note(act, doing.number, event.text.lstrip().removeprefix(NOTE_MARK), post, event.files)
        return Notice(mark=INTERNAL)
    if act.desk.content.desk.replies == "direct" and await _is_owner(doing):
        await act.reply(doing.number, event.text, files=event.files, post=post, hold=True)
        seconds = int(act.desk.content.desk.undo_seconds)
        return Notice("desk.notice.on_its_way", {"seconds": seconds}, undo=True) if seconds else Notice()
    await casework.note(act, doing.number, event.text, post, event.files)
    is_direct = act.desk.content.desk.replies == "direct"
    return Notice("desk.notice.kept_as_note" if is_direct else "", {"number": doing.number}, mark=INTERNAL)


async def _is_owner(doing: Doing) -> bool:
    ticket, chats = await doing.act.find(doing.number)
    return any((chat.owner, chat.agent, chat.ticket_id) == (Owner.AGENT, doing.agent.name, ticket.id) for chat in chats)


async def edited(doing: Doing) -> Notice | None:
    """Words that become a note by being edited are taken back from the customer: better late than not at all."""
    event, act = doing.event, doing.act
    post = Post(event.channel, event.ts)
    if event.text.lstrip().startswith(NOTE_MARK):
        words = event.text.lstrip().removeprefix(NOTE_MARK)
        if await act.take_reply_back(post):
            await casework.note(act, doing.number, words, post)
            return Notice("desk.notice.taken_back", mark=INTERNAL)
        await casework.change_note(act, post, words)
        return None
    if not await casework.change_note(act, post, event.text):
        await act.change_reply(post, event.text)
    return None


async def deleted(doing: Doing) -> None:
    post = Post(doing.event.channel, doing.event.ts)
    if not await casework.change_note(doing.act, post, None):
        await doing.act.take_reply_back(post)
