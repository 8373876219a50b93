"""What of an event is told in its ticket's thread: lines, copies of messages, files. Reads, and decides no more."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.slack.blocks import PART_CHARACTERS, escape, render
from bot.desk import blocks
from bot.desk.blocks import Block
from bot.desk.wording import Wording, mention
from handlers.attachments import Attachment
from handlers.markup import to_plain
from handlers.plain_text import shorten
from storage import agents, cases, desk_threads, ticket_links
from storage.conversations import Conversation, Message
from storage.ticket_notes import TicketNote
from storage.tickets import Status, Ticket, TicketEvent

SILENT = frozenset({"opened", "note_edited", "note_deleted"})  # told by the card, or by what the agent did themselves
MAY_BE_MISSING = ("before", "after", "cause", "reason", "words", "other", "why", "to", "until", "name")
WORDS_CHARACTERS = 3 * PART_CHARACTERS


@dataclass(frozen=True)
class Line:
    """One post in the thread. `message_ids`: it is the copy of these messages; `replaces`: an earlier post (its ts) is
    changed into this; `file` is sent in place of words."""

    text: str
    blocks: list[Block] = field(default_factory=list)
    message_ids: tuple[int, ...] = ()
    replaces: str | None = None
    file: Attachment | None = None


class Lines:
    """The lines of one event."""

    def __init__(self, session: AsyncSession, wording: Wording, ticket: Ticket, event: TicketEvent) -> None:
        self._session = session
        self._wording = wording
        self._texts = wording.texts
        self._ticket = ticket
        self._event = event

    async def all(self) -> list[Line]:
        data = self._event.data
        match self._event.kind:
            case kind if kind in SILENT:
                return []
            case "handed_over":
                return [await self._brief()]
            case "customer_wrote":
                return await self._customers_words()
            case "customer_edited" | "customer_deleted":
                return await self._changed(int(data["message_id"]))
            case "agent_replied":
                return await self._agents_words()
            case "noted":
                return await self._note(int(data["note_id"]))
            case "followed" | "unfollowed":
                return [self._small(self._told(who=escape(str(data.get("name", "")))))]
            case "status" if (data.get("before"), data.get("after")) == (Status.NEW, Status.OPEN):
                return []  # somebody has it now, which is told by itself
            case _:
                return await self._event_line()

    async def _event_line(self) -> list[Line]:
        """Who did what, in small print; who has to know is named so that Slack tells them."""
        told = self._told()
        called = await self._called()
        return [self._small(f"{told} {called}".strip(), loud=bool(called))] if told else []

    def _told(self, **more: str) -> str:
        """The event as a sentence; of one that the catalogue does not know, its name."""
        who = self._wording.actor(self._event.actor)
        kind = self._event.kind
        otherwise = f"{who}: {kind.replace('_', ' ')}"
        told = self._wording.known(f"desk.event.{kind}", otherwise, **{**self._values(), "who": who, **more})
        return re.sub(r"\s+", " ", told).strip()

    def _values(self) -> dict[str, str]:
        """The event's data as words."""
        wording = self._wording
        read = {key: escape(shorten(str(value), 300)) for key, value in self._event.data.items()}
        if self._event.kind == "status":
            read |= {name: wording.status(str(self._event.data[name])) for name in ("before", "after")}
        elif self._event.kind == "category":
            read |= {name: escape(wording.topic(str(self._event.data[name]))) for name in ("before", "after")}
        elif self._event.kind == "priority":
            read |= {name: wording.priority(str(self._event.data[name])) for name in ("before", "after")}
        if "until" in self._event.data:
            until = datetime.fromisoformat(str(self._event.data["until"]))
            read["until"] = blocks.moment(until, wording.zone)
        if "cause" in self._event.data:
            read["cause"] = escape(wording.cause(str(self._event.data["cause"])))
        if "why" in self._event.data:
            read["why"] = wording.known(f"desk.why.{self._event.data['why']}", str(self._event.data["why"]))
        return {**dict.fromkeys(MAY_BE_MISSING, ""), **read}

    async def _called(self) -> str:
        """Mentions of those who are asked to act, and of the followers when something matters to them."""
        data, session = self._event.data, self._session
        names = [str(name) for name in data.get("names", ())]
        if self._event.kind == "assigned":
            names.append(str(data.get("to", "")))
        if self._event.kind == "woken" and self._ticket.assignee:
            names.append(self._ticket.assignee)
        found = [agent for name in names if (agent := await agents.agent_named(session, name)) is not None]
        if self._event.kind in {"status", "risk", "customer_wrote", "unreachable"}:
            followers = await ticket_links.follower_ids(session, self._ticket.id)
            found += [agent for agent in await agents.agents(session) if agent.id in followers and agent not in found]
        return " ".join(mention(agent) for agent in found)

    async def _brief(self) -> Line:
        """What a person taking over has to know, in a few lines instead of the whole conversation."""
        case = await cases.case_of(self._session, self._ticket)
        texts, wording, ticket = self._texts, self._wording, self._ticket
        told = [f":bell: *{texts('desk.brief.head', reason=wording.reason(str(self._event.data.get('reason', ''))))}*"]
        told.append(texts("desk.brief.wants", words=escape(shorten(to_plain(ticket.subject), 300))))
        if case.answers:
            topics = ", ".join(escape(wording.topic(name)) for name in case.answers)
            told.append(texts("desk.brief.answered", answers=topics))
        if ticket.missing:
            told.append(texts("desk.brief.missing", fields=escape(", ".join(map(wording.field, ticket.missing)))))
        if ticket.next_word_at is not None:
            told.append(texts("desk.brief.due", by=blocks.moment(ticket.next_word_at, wording.zone)))
        text = "\n".join(told)
        talk = blocks.button("talk", texts("desk.button.talk"), ticket.number)
        return Line(text, [blocks.section(text), blocks.actions(talk)])

    async def _customers_words(self) -> list[Line]:
        data = self._event.data
        if "text" in data:
            return [self._copy(None, escape(shorten(str(data["text"]), WORDS_CHARACTERS)))]
        conversation_id = int(data.get("conversation_id") or self._ticket.conversation_id)
        said = await cases.said_in(self._session, conversation_id, str(data.get("correlation_id", "")))
        chat = await self._session.get_one(Conversation, conversation_id)
        called = await self._called()
        lines: list[Line] = []
        for message in said:
            lines += self._customers(message, chat, called)
            called = ""
        return lines

    def _customers(self, message: Message, chat: Conversation, called: str) -> list[Line]:
        """Their words as they are now, then each file by itself."""
        files = [Attachment.from_payload(one) for one in message.attachments or ()]
        lines = []
        if message.text.strip() or message.deleted_at is not None or not files:
            lines.append(self._copy(message, self._words_of(message, chat), called))
        return lines + [Line("", file=file) for file in files if file.reference]

    def _words_of(self, message: Message, chat: Conversation) -> str:
        """With the wording before, where it was edited; without any, where it was deleted."""
        texts = self._texts
        if message.deleted_at is not None:
            return f"_{texts('desk.copy.deleted', at=blocks.moment(message.deleted_at, self._wording.zone))}_"
        words = escape(message.text) or f"_{texts('desk.copy.wordless')}_"
        if message.versions:
            before = "\n".join(f"~{escape(line)}~" for line in str(message.versions[-1]["text"]).split("\n") if line)
            words = f"{words}\n_{texts('desk.copy.edited')}_ {before}"
        elsewhere = chat.id != self._ticket.conversation_id
        return f"[{chat.channel.capitalize()}] {words}" if elsewhere else words

    def _copy(self, message: Message | None, words: str, called: str = "", replaces: str | None = None) -> Line:
        name = (message.said_by if message else None) or self._texts("desk.actor.customer")
        text = f":speech_balloon: *{escape(name)}:* {words} {called}".strip()
        return Line(text, _sections(text), message_ids=(message.id,) if message else (), replaces=replaces)

    async def _changed(self, message_id: int) -> list[Line]:
        """The copy in the thread shows both versions; a line below tells whoever has read it already."""
        message = await self._session.get_one(Message, message_id)
        copy = await desk_threads.copy_of(self._session, message_id)
        told = self._small(self._told())
        if copy is None:
            return []  # said to the bot: the whole conversation shows it
        chat = await self._session.get_one(Conversation, message.conversation_id)
        changed = self._copy(message, self._words_of(message, chat), replaces=copy.ts)
        return [changed, told]

    async def _agents_words(self) -> list[Line]:
        """Words that an agent sent from elsewhere than the thread; what they wrote here stands here already."""
        ids = [int(one) for one in self._event.data.get("message_ids", ())]
        if not ids or await desk_threads.copy_of(self._session, ids[0]) is not None:
            return []
        message = await self._session.get_one(Message, ids[0])
        who = self._wording.actor(self._event.actor)
        head = self._texts("desk.copy.agent", who=who)
        text = f":outbox_tray: *{head}* {render(message.text)}"
        return [Line(text, _sections(text), message_ids=tuple(ids))]

    async def _note(self, note_id: int) -> list[Line]:
        """A note from a form; one that was written in the thread stands there already."""
        note = await self._session.get_one(TicketNote, note_id)
        if note.ts is not None:
            return []
        text = f":lock: *{self._texts('desk.copy.note', who=escape(note.agent))}* {escape(note.text)}"
        return [Line(text, _sections(text))]

    def _small(self, text: str, *, loud: bool = False) -> Line:
        """Small print; mentions in small print tell nobody, so what calls people is a section."""
        return Line(text, [blocks.section(text)] if loud else blocks.context(text))


def _sections(text: str) -> list[Block]:
    """Long words in several sections, cut where a line ends if one does."""
    drawn = []
    while text:
        piece = text[:PART_CHARACTERS]
        if len(text) > PART_CHARACTERS and "\n" in piece:
            piece = piece[: piece.rindex("\n")] or piece
        drawn.append(blocks.section(piece))
        text = text[len(piece) :].lstrip("\n")
    return drawn[:10]


def marks(statuses: list[str]) -> str | None:
    """The emoji on an agent's post for the fate of its words: the worst one, where they went to several chats."""
    worst = next((one for one in _WORST_FIRST if one in statuses), None)
    return _MARKS[worst] if worst else None


_MARKS: dict[str, Any] = {
    "dead": "x",
    "blocked": "no_entry_sign",
    "unknown": "question",
    "withheld": "x",
    "waiting": "hourglass_flowing_sand",
    "sending": "hourglass_flowing_sand",
    "sent": "white_check_mark",
    "withdrawn": "leftwards_arrow_with_hook",
}
_WORST_FIRST = ("dead", "withheld", "blocked", "unknown", "waiting", "sending", "sent", "withdrawn")
