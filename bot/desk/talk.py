"""The whole conversation of a ticket, to read."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.slack.blocks import escape, render
from bot.desk import blocks
from bot.desk.blocks import Block
from bot.desk.wording import Wording
from handlers.plain_text import shorten
from storage import cases, ticket_links, ticket_notes
from storage.conversations import Author, Conversation, Message
from storage.tickets import Ticket

SHOWN_CHARACTERS = 900
MOST_BLOCKS = 95


async def talk(session: AsyncSession, ticket: Ticket, wording: Wording) -> list[Block]:
    """What was said in its chats and noted by agents, oldest first; of a long one the end."""
    chats = [await session.get_one(Conversation, ticket.conversation_id)]
    for merged in await ticket_links.merged_into(session, ticket.id):
        if merged.conversation_id not in {chat.id for chat in chats}:
            chats.append(await session.get_one(Conversation, merged.conversation_id))
    lines = []
    for chat in chats:
        where = f" ({chat.channel.capitalize()})" if len(chats) > 1 else ""
        lines += [(one.created_at, _message(one, wording, where)) for one in await cases.talk_of(session, chat.id)]
    for note in await ticket_notes.notes_of(session, ticket.id):
        head = wording.texts("desk.copy.note", who=escape(note.agent))
        words = escape(shorten(note.text, SHOWN_CHARACTERS)) if note.deleted_at is None else "–"
        lines.append((note.created_at, f":lock: *{head}* {words}"))
    lines.sort(key=lambda line: line[0])
    drawn = [blocks.section(f"{blocks.moment(at, wording.zone)}\n{text}") for at, text in lines[-MOST_BLOCKS:]]
    if len(lines) > MOST_BLOCKS:
        drawn = [*blocks.context(wording.texts("desk.talk.cut", count=MOST_BLOCKS)), *drawn]
    return drawn or [blocks.section(wording.texts("desk.talk.nothing"))]


def _message(message: Message, wording: Wording, where: str) -> str:
    if message.author == Author.AGENT:
        who = escape(message.agent or "")
    elif message.said_by:
        who = escape(message.said_by)
    else:
        who = wording.actor(message.author)
    if message.deleted_at is not None:
        words = f"_{wording.texts('desk.talk.deleted')}_"
    elif message.author == Author.CUSTOMER:
        words = escape(shorten(message.text, SHOWN_CHARACTERS))
    else:
        words = shorten(render(message.text), SHOWN_CHARACTERS)
    files = " ".join(
        f":paperclip: {escape(str(one.get('name') or one.get('kind')))}" for one in message.attachments or ()
    )
    return f"*{who}*{where}: {words} {files}".strip()
