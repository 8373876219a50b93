"""What an agent does to a ticket and its customer's chat. Each action is one transaction of the caller's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import duplicates, handoff, ladder, next_word, promises, speaking, tickets
from handlers.attachments import Attachment
from handlers.awaiting import button
from handlers.calendars import after_working_time
from handlers.content import Content
from handlers.desk import Desk
from handlers.errors import SupportError
from handlers.filing import promised_word
from handlers.markup import escape
from handlers.messages import Reply
from handlers.plain_text import storable
from handlers.template_rendering import UnresolvedVariables, variables_left_in
from storage import desk_threads
from storage.conversations import Author, Conversation, Message, Owner
from storage.customers import Customer
from storage.desk_threads import DeskCopy
from storage.tickets import Ticket, ticket_numbered


class NotYours(SupportError):
    """Only the owner of a ticket, or a lead, may do this; the text names the owner."""


class NothingToSay(SupportError):
    """There are no words in it."""


class AlreadySo(SupportError):
    """There is nothing to change: somebody was quicker, or it was pressed twice."""


@dataclass(frozen=True)
class Post:
    """Where in Slack an agent wrote something."""

    channel: str
    ts: str


@dataclass(frozen=True)
class Act:
    """An agent's action on one ticket. `leads`: they may also act on what others have in hand."""

    session: AsyncSession
    desk: Desk
    agent: str
    now: datetime
    leads: bool = False

    async def take_over(self, number: int) -> None:
        """From here on the bot is silent in the ticket's chats. Whoever had them already, for another ticket of the
        customer's, does not greet again. Raises `TicketNotFound`, `AlreadyTaken`."""
        ticket, chats = await self.find(number)
        if all(self._has(chat, ticket) for chat in chats):
            return
        is_there = all(chat.owner == Owner.AGENT and chat.agent == self.agent for chat in chats)
        await self.take(ticket, chats)
        if not is_there:
            await self.tell(ticket, chats, "handoff.agent_joined", agent=escape(self.agent))

    async def reply(
        self,
        number: int,
        text: str,
        *,
        files: tuple[Attachment, ...] = (),
        post: Post | None = None,
        hold: bool = False,
    ) -> None:
        """The agent's own words, as they are; `hold`: for a few seconds they can still be taken back. Raises as
        `take_over`, `NothingToSay`, `UnresolvedVariables`."""
        words = as_words(text, self.desk.content)
        if not words and not files:
            raise NothingToSay
        await self.send(number, Reply(words, files=files), post, hold=hold)

    async def send(self, number: int, reply: Reply, post: Post | None = None, *, hold: bool = False) -> None:
        """As `reply`, for words that are in our markup already, such as a template's."""
        ticket, chats = await self.find(number)
        await self.take(ticket, chats)
        held_until = self.now + timedelta(seconds=self.desk.content.desk.undo_seconds) if hold else None
        said = await self.say(ticket, chats, reply, held_until=held_until)
        if post is not None:
            for message in said:
                copy = DeskCopy(message_id=message.id, channel=post.channel, ts=post.ts, is_own=True)
                self.session.add(copy)
        await self.session.flush()
        await promises.kept(self.session, self.desk, ticket, self.now)
        await next_word.said(self.session, self.desk, ticket, self.now)
        await self.log(ticket, "agent_replied", message_ids=[message.id for message in said])
        await promises.look(self.session, self.desk, ticket, said, self.agent, self.now)

    async def change_reply(self, post: Post, text: str) -> bool:
        """They edited what they had written: the customer sees it as it is now. False: it is taken back already.
        Raises `UnresolvedVariables`."""
        reply = Reply(as_words(text, self.desk.content))
        found = False
        for copy in await desk_threads.copies_at(self.session, post.channel, post.ts):
            message = await self._own(copy)
            if message is None or message.deleted_at is not None:
                continue
            found = True
            if message.text == reply.text:
                continue
            await speaking.say_again(self.session, message, reply, dedupe=f"edit:{uuid4().hex}", now=self.now)
            await self._log_about(message, "agent_edited")
            await self._look_again(message)
        return found

    async def take_reply_back(self, post: Post) -> bool:
        """They deleted what they had written, or took it back in time: it is gone for the customer, too. False: there
        was nothing of theirs."""
        found = False
        for copy in await desk_threads.copies_at(self.session, post.channel, post.ts):
            message = await self._own(copy)
            if message is None or message.deleted_at is not None:
                continue
            found = True
            withdrawn = await speaking.unsay(self.session, message, dedupe=f"delete:{uuid4().hex}", now=self.now)
            await self._log_about(message, "agent_deleted", withdrawn=withdrawn)
            await self._look_again(message)
        return found

    async def _look_again(self, message: Message) -> None:
        ticket = await self.session.get(Ticket, message.ticket_id) if message.ticket_id else None
        if ticket is not None:
            await promises.look_again(self.session, self.desk, ticket, message, self.now)

    async def _own(self, copy: DeskCopy) -> Message | None:
        message = await self.session.get(Message, copy.message_id)
        return message if copy.is_own and message is not None and message.agent == self.agent else None

    async def _log_about(self, message: Message, kind: str, **data: object) -> None:
        ticket = await self.session.get(Ticket, message.ticket_id) if message.ticket_id else None
        if ticket is not None:
            await self.log(ticket, kind, message_id=message.id, **data)

    async def resolve(self, number: int, cause: str | None = None, words: str = "") -> None:
        """Settled: the customer is told, with `words` of the agent's where there are any; the bot answers again.
        Raises as `take_over`, `NotYours`, `IllegalTransition`, `UnresolvedVariables`."""
        ticket, chats = await self.find(number)
        self.refuse_a_strangers_chat(ticket, chats)
        await tickets.resolve(self.session, ticket, self.actor, self.now, cause)
        await promises.kept(self.session, self.desk, ticket, self.now, settled=True)
        mine = [chat for chat in chats if _is_free_for(ticket, chat)]
        await self.tell(
            ticket, mine, "ticket.resolved_by_agent", words=words, press=("button.problem_back", "do", "reopen_ticket")
        )
        self._let_go(ticket, chats)

    async def reopen(self, number: int) -> None:
        """Raises as `take_over`, `IllegalTransition`."""
        ticket, chats = await self.find(number)
        await tickets.reopen(self.session, ticket, self.actor, self.desk.content, self.now)
        await self.tell(ticket, chats, "ticket.reopened_by_agent")

    async def hand_back(self, number: int) -> None:
        """The bot answers again; the ticket stays open. Raises as `take_over`, `NotYours`, `AlreadySo`."""
        ticket, chats = await self.find(number)
        self.refuse_a_strangers_chat(ticket, chats)
        held = [chat for chat in chats if chat.ticket_id == ticket.id and chat.owner != Owner.BOT]
        if not held:
            raise AlreadySo
        self._let_go(ticket, held)
        ladder.stop(ticket)
        await self.log(ticket, "handed_back")
        await self.tell(ticket, held, "handoff.agent_left")

    async def release(self, number: int) -> None:
        """Back into the queue: somebody else is to take it. Whoever had an agent in their chat hears so, and by when.
        Raises as `hand_back`, and `IllegalTransition` for a settled one."""
        ticket, chats = await self.find(number)
        self.refuse_a_strangers_chat(ticket, chats)
        tickets.refuse_settled(ticket)
        held = _held(ticket, chats)
        if not held and ticket.assignee is None:
            raise AlreadySo
        ticket.assignee = None
        for chat in held:
            chat.owner, chat.agent = Owner.QUEUE, None
        ladder.start(ticket, self.desk.content, self.now)
        if held:
            forms, calendar = self.desk.content.forms, self.desk.content.calendar
            ticket.next_word_at = after_working_time(calendar, self.now, forms.minutes_for(ticket.category))
        await self.log(ticket, "released")
        await self.tell(ticket, held, "handoff.released")

    async def assign(self, number: int, to: str) -> None:
        """`to` has it from now on, at once where somebody had it in hand. Raises as `release`."""
        ticket, chats = await self.find(number)
        self.refuse_a_strangers_chat(ticket, chats)
        tickets.refuse_settled(ticket)
        if ticket.assignee == to:
            raise AlreadySo
        held = _held(ticket, chats)
        before = ticket.assignee
        ticket.assignee = to
        for chat in held:
            chat.agent = to
        await self.log(ticket, "assigned", to=to, before=before)
        if held:
            await self.tell(ticket, held, "handoff.agent_changed", agent=escape(to))

    def refuse_a_strangers_chat(self, ticket: Ticket, chats: list[Conversation]) -> None:
        """What another agent has in hand is theirs, unless a lead decides. Raises `NotYours`."""
        others = [chat.agent for chat in _held(ticket, chats) if chat.agent != self.agent]
        if others and not self.leads:
            raise NotYours(others[0] or "")

    def _has(self, chat: Conversation, ticket: Ticket) -> bool:
        return (chat.owner, chat.agent, chat.ticket_id) == (Owner.AGENT, self.agent, ticket.id)

    async def take(self, ticket: Ticket, chats: list[Conversation]) -> None:
        """They speak in these chats now. Raises `AlreadyTaken`."""
        for chat in chats:
            await handoff.take(self.session, chat, ticket, self.agent, self.desk.content, self.now)
        ladder.stop(ticket)

    def _let_go(self, ticket: Ticket, chats: list[Conversation]) -> None:
        for chat in chats:
            if chat.ticket_id == ticket.id:
                handoff.release(chat)

    @property
    def actor(self) -> str:
        return f"agent:{self.agent}"

    async def log(self, ticket: Ticket, kind: str, **data: object) -> None:
        await tickets.log_event(self.session, ticket, kind, self.actor, self.now, **data)

    async def tell(
        self,
        ticket: Ticket,
        chats: list[Conversation],
        key: str,
        *,
        words: str = "",
        press: tuple[str, str, str] | None = None,
        **values: str,
    ) -> None:
        """A text of the catalogue into each chat, in its customer's language and with the number they know; `words` of
        the agent's go before it. `press`: label, verb and argument of a button."""
        for chat in chats:
            customer = await self.session.get_one(Customer, chat.customer_id)
            texts = self.desk.catalogue[customer.language or ticket.language]
            number = await duplicates.own_number(self.session, ticket, chat)
            word = promised_word(self.desk, texts, ticket, self.now)
            told = texts(key, number=number, next_word=word, **values)
            own = as_words(words, self.desk.content)
            buttons = (button(texts(press[0]), press[1], press[2]),) if press else ()
            await self.say(ticket, [chat], Reply(f"{own}\n\n{told}" if own else told, buttons))

    async def find(self, number: int) -> tuple[Ticket, list[Conversation]]:
        """The ticket and the chats it is worked in, which are kept from changing. One that was merged into another is
        worked as that; the chat of a merged one that people have for another case by now is left to them. Raises
        `TicketNotFound`."""
        ticket = await ticket_numbered(self.session, number)
        if ticket is None:
            raise tickets.TicketNotFound(f"#{number}")
        while ticket.merged_into is not None:
            ticket = await self.session.get_one(Ticket, ticket.merged_into)
        chats = await duplicates.conversations_of(self.session, ticket)
        await self.session.refresh(ticket)
        return ticket, [chat for chat in chats if chat.id == ticket.conversation_id or _is_free_for(ticket, chat)]

    async def say(
        self, ticket: Ticket, chats: list[Conversation], reply: Reply, *, held_until: datetime | None = None
    ) -> list[Message]:
        """The same words into each chat."""
        correlation_id = uuid4().hex
        said = []
        for chat in chats:
            message = await speaking.say(
                self.session,
                chat,
                reply,
                author=Author.AGENT,
                agent=self.agent,
                correlation_id=correlation_id,
                dedupe=f"agent:{correlation_id}:{chat.id}",
                now=self.now,
                held_until=held_until,
            )
            message.ticket_id = ticket.id
            said.append(message)
        return said


def as_words(text: str, content: Content) -> str:
    """What an agent typed for a customer, in our markup, which they do not write. Raises `UnresolvedVariables` where
    a {variable} of ours was left in it."""
    words = storable(text).strip()
    if left := variables_left_in(words, content):
        raise UnresolvedVariables(left)
    return "\n".join(escape(line) for line in words.split("\n"))


def _is_free_for(ticket: Ticket, chat: Conversation) -> bool:
    """Whether people do not have the chat for another case."""
    return chat.owner == Owner.BOT or chat.ticket_id in {ticket.id, None}


def _held(ticket: Ticket, chats: list[Conversation]) -> list[Conversation]:
    """Those in which an agent speaks about this ticket."""
    return [chat for chat in chats if chat.owner == Owner.AGENT and chat.ticket_id == ticket.id]
