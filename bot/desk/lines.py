"""What of an event is told in its ticket's thread: lines, copies of messages, files. Reads, and decides no more."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.slack.blocks import cut, escape, render
from bot.desk import blocks, rich, word_lines
from bot.desk.blocks import Block
from bot.desk.rich import Element
from bot.desk.wording import Wording, mention
from handlers.attachments import Attachment
from handlers.markup import to_plain
from handlers.plain_text import shorten
from storage import agents, cases, desk_threads, ticket_links
from storage.conversations import Conversation, Message
from storage.customers import Customer
from storage.desk_threads import DeskThread
from storage.ticket_notes import TicketNote
from storage.tickets import Status, Ticket, TicketEvent

SILENT = frozenset({"opened", "note_edited", "note_deleted", "asked_again"})  # told by the card, or by who did it
MAY_BE_MISSING = ("before", "after", "cause", "reason", "words", "other", "why", "to", "until", "name")
LEAST_OF_BEFORE = 200  # of the wording before an edit, however long the new one is


@dataclass(frozen=True)
class Line:
    """One post in the thread. `message_ids`: it is the copy of these messages; `replaces`: an earlier post (its ts) is
    changed into this; `file` is sent in place of words, which say what it is where it cannot be."""

    text: str
    blocks: list[Block] = field(default_factory=list)
    message_ids: tuple[int, ...] = ()
    replaces: str | None = None
    file: Attachment | None = None


class Lines:
    """The lines of one event, for `thread`. `anew`: a copy that was to be changed is not there any more."""

    def __init__(
        self,
        session: AsyncSession,
        wording: Wording,
        ticket: Ticket,
        event: TicketEvent,
        thread: DeskThread,
        *,
        anew: bool = False,
    ) -> None:
        self._session = session
        self._thread = thread
        self._anew = anew
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
            case "word_drafted":
                return [Line(*word_lines.draft(self._event, self._ticket, self._wording, await self._called()))]
            case "promise_seen":
                return [Line(*word_lines.promise(self._event, self._ticket, self._wording))]
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
        called = await self._called()
        if self._event.kind == "assigned":
            return [self._small(self._told(to=called or self._values()["to"]), loud=bool(called))]
        told = self._told()
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
        elif self._event.kind == "tone":
            read["tone"] = wording.known(f"desk.tone.{self._event.data['tone']}", str(self._event.data["tone"]))
            read["words"] = ", ".join(f"„{escape(str(word))}”" for word in self._event.data["words"])
        elif "target" in self._event.data:
            read["target"] = wording.target(str(self._event.data["target"]))
        if "intent" in self._event.data:
            read["intent"] = escape(wording.topic(str(self._event.data["intent"])))
        if "until" in self._event.data:
            until = datetime.fromisoformat(str(self._event.data["until"]))
            read["until"] = blocks.moment(until, wording.zone)
        if read.get("reason") and self._event.kind == "status":
            read["reason"] = f": {read['reason']}"
        if "cause" in self._event.data:
            read["cause"] = f"({escape(wording.cause(str(self._event.data['cause'])))})"
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
        return ", ".join(mention(agent) for agent in found)

    async def _brief(self) -> Line:
        """What a person taking over has to know, in a few lines instead of the whole conversation."""
        case = await cases.case_of(self._session, self._ticket)
        texts, wording, ticket = self._texts, self._wording, self._ticket
        head = f":bell: *{texts('desk.brief.head', reason=wording.reason(str(self._event.data.get('reason', ''))))}*"
        wants = shorten(to_plain(ticket.subject), 300)
        rest = []
        if case.answers:
            topics = ", ".join(escape(wording.topic(name)) for name in case.answers)
            rest.append(texts("desk.brief.answered", answers=topics))
        if ticket.missing:
            rest.append(texts("desk.brief.missing", fields=escape(", ".join(map(wording.field, ticket.missing)))))
        if ticket.next_word_at is not None:
            rest.append(texts("desk.brief.due", by=blocks.moment(ticket.next_word_at, wording.zone)))
        text = "\n".join([head, texts("desk.brief.wants", words=escape(wants)), *rest])
        drawn = [blocks.section(head), rich.quote(rich.words(wants))]
        drawn += [blocks.section("\n".join(rest))] if rest else []
        return Line(text, [*drawn, blocks.actions(blocks.button("talk", texts("desk.button.talk"), ticket.number))])

    async def _customers_words(self) -> list[Line]:
        data = self._event.data
        if "text" in data:
            chat = await self._session.get_one(Conversation, self._ticket.conversation_id)
            return self._copies(None, await self._name_in(chat), str(data["text"]))
        conversation_id = int(data.get("conversation_id") or self._ticket.conversation_id)
        said = await cases.said_in(self._session, conversation_id, str(data.get("correlation_id", "")))
        chat = await self._session.get_one(Conversation, conversation_id)
        called = await self._called()
        name = await self._name_in(chat)
        lines: list[Line] = []
        for message in said:
            lines += self._customers(message, name, called)
            called = ""
        return lines

    def _customers(self, message: Message, name: str, called: str) -> list[Line]:
        """Their words as they are now, then each file by itself."""
        files = [Attachment.from_payload(one) for one in message.attachments or ()]
        lines = []
        if message.text.strip() or message.deleted_at is not None or not files:
            lines = self._words_of(message, name, called)
        return lines + [self._file(file) for file in files if file.reference]

    def _file(self, file: Attachment) -> Line:
        text = f":paperclip: {self._texts('desk.copy.file', name=escape(file.file_name))}"
        return Line(text, blocks.context(text), file=file)

    def _words_of(self, message: Message, name: str, called: str = "", replaces: str | None = None) -> list[Line]:
        """With the wording before, where it was edited; without any, where it was deleted."""
        name = message.said_by or name
        if message.deleted_at is not None:
            gone = self._texts("desk.copy.deleted", at=blocks.moment(message.deleted_at, self._wording.zone))
            text = f":speech_balloon: *{escape(name)}:* _{gone}_"
            return [Line(text, [blocks.section(text)], message_ids=(message.id,), replaces=replaces)]
        before = str(message.versions[-1]["text"]) if message.versions else ""
        return self._copies(message, name, message.text, before, called, replaces)

    async def _name_in(self, chat: Conversation) -> str:
        """Whose chat it is, and which, if not the one that the ticket came from."""
        customer = await self._session.get_one(Customer, chat.customer_id)
        name = customer.name or self._texts("desk.actor.customer")
        return name if chat.id == self._ticket.conversation_id else f"{name} [{chat.channel.capitalize()}]"

    def _copies(
        self,
        message: Message | None,
        name: str,
        text: str,
        before: str = "",
        called: str = "",
        replaces: str | None = None,
    ) -> list[Line]:
        """Somebody's words, literally; long ones in several posts, of which the first stands for the message."""
        first, *more = rich.pieces(text)
        said: list[Element] = [rich.emoji("speech_balloon"), rich.words(f" {name}: ", "bold")]
        said.append(rich.words(first) if first.strip() else rich.words(self._texts("desk.copy.wordless"), "italic"))
        written = f":speech_balloon: *{escape(name)}:* {escape(first)} {called}".strip()
        if before:
            earlier = self._texts("desk.copy.edited")
            shown = cut(before, max(LEAST_OF_BEFORE, rich.LONGEST_POST - len(first)))
            said += [rich.words(f"\n{earlier} ", "italic"), rich.words(shown, "strike")]
            written += f"\n_{earlier}_ {escape(shown)}"
        drawn = [rich.section(*said)] + ([blocks.section(called)] if called else [])
        lines = [Line(written, drawn, message_ids=(message.id,) if message else (), replaces=replaces)]
        return lines + [Line(escape(piece), [rich.section(rich.words(piece))]) for piece in more]

    async def _changed(self, message_id: int) -> list[Line]:
        """The copy in the thread shows both versions; a line below tells whoever has read it already. What has no copy
        in this thread, such as words the bot has heard, gets one."""
        message = await self._session.get_one(Message, message_id)
        copy = await desk_threads.copy_of(self._session, message_id)
        chat = await self._session.get_one(Conversation, message.conversation_id)
        is_here = copy is not None and not self._anew and desk_threads.is_in(copy, self._thread)
        changed = self._words_of(
            message, await self._name_in(chat), replaces=copy.ts if copy is not None and is_here else None
        )
        return [*changed, self._small(self._told())]

    async def _agents_words(self) -> list[Line]:
        """Words that an agent sent from elsewhere than the thread; what they wrote here stands here already."""
        ids = [int(one) for one in self._event.data.get("message_ids", ())]
        if not ids:
            return []
        copy = await desk_threads.copy_of(self._session, ids[0])
        if copy is not None and copy.is_own:
            return []
        message = await self._session.get_one(Message, ids[0])
        if message.deleted_at is not None:
            return []
        head = self._texts("desk.copy.agent", who=self._event.actor.partition(":")[2] or self._event.actor)
        said = rich.shortened(rich.from_markup(message.text), rich.LONGEST_POST)
        text = f":outbox_tray: *{escape(head)}* {render(message.text)}"
        drawn = rich.section(rich.emoji("outbox_tray"), rich.words(f" {head} ", "bold"), *said)
        return [Line(text, [drawn], message_ids=tuple(ids))]

    async def _note(self, note_id: int) -> list[Line]:
        """A note from a form; one that was written in the thread stands there already."""
        note = await self._session.get_one(TicketNote, note_id)
        if note.ts is not None or note.deleted_at is not None:
            return []
        head = self._texts("desk.copy.note", who=note.agent)
        text = f":lock: *{escape(head)}* {escape(note.text)}"
        first, *more = rich.pieces(note.text)
        drawn = rich.section(rich.emoji("lock"), rich.words(f" {head} ", "bold"), rich.words(first))
        return [Line(text, [drawn]), *(Line(escape(one), [rich.section(rich.words(one))]) for one in more)]

    def _small(self, text: str, *, loud: bool = False) -> Line:
        """Small print; mentions in small print tell nobody, so what calls people is a section."""
        return Line(text, [blocks.section(text)] if loud else blocks.context(text))


def marks(statuses: list[str]) -> str | None:
    """The emoji on an agent's post for the fate of its words: the worst one, where they went to several chats."""
    worst = next((one for one in _WORST_FIRST if one in statuses), None)
    return _MARKS[worst] if worst else None


_MARKS: dict[str, str] = {
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
