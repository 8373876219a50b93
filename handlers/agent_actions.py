"""What an agent does to a ticket: take over, answer, resolve, hand back. Each is one transaction of the caller's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import handoff, tickets
from handlers.awaiting import button
from handlers.calendars import after_working_time
from handlers.desk import Desk
from handlers.markup import escape
from handlers.messages import Reply
from handlers.plain_text import storable
from handlers.speaking import say
from handlers.texts import Texts
from storage.conversations import Author, Conversation, locked
from storage.customers import Customer
from storage.tickets import Ticket, ticket_numbered


@dataclass(frozen=True)
class Act:
    """An agent's action on one ticket."""

    session: AsyncSession
    desk: Desk
    agent: str
    now: datetime

    async def take_over(self, number: int) -> None:
        """From here on the bot is silent in this chat. Raises `TicketNotFound`, `AlreadyTaken`."""
        ticket, conversation = await self._find(number)
        await handoff.take(self.session, conversation, ticket, self.agent, self.desk.content, self.now)
        texts = await self._texts(ticket)
        await self._say(conversation, Reply(texts("handoff.agent_joined", agent=escape(self.agent))))

    async def reply(self, number: int, text: str) -> None:
        """The agent's own words, as they are. Raises as `take_over`; an empty text says nothing."""
        words = storable(text).strip()
        if not words:
            return
        ticket, conversation = await self._find(number)
        await handoff.take(self.session, conversation, ticket, self.agent, self.desk.content, self.now)
        await self._say(conversation, Reply("\n".join(escape(line) for line in words.split("\n"))))
        await tickets.log_event(self.session, ticket, "agent_replied", self._actor, self.now)
        forms, calendar = self.desk.content.forms, self.desk.content.calendar
        ticket.next_word_at = after_working_time(calendar, self.now, forms.follow_up_within)

    async def resolve(self, number: int) -> None:
        """Settled: the customer is told, the bot answers again. Raises as `take_over`, and `IllegalTransition`."""
        ticket, conversation = await self._find(number)
        self._refuse_a_strangers_chat(ticket, conversation)
        await tickets.resolve(self.session, ticket, self._actor, self.now)
        texts = await self._texts(ticket)
        if conversation.ticket_id == ticket.id:
            handoff.release(conversation)
        buttons = (button(texts("button.problem_back"), "do", "reopen_ticket"),)
        await self._say(conversation, Reply(texts("ticket.resolved_by_agent", number=number), buttons))

    async def hand_back(self, number: int) -> None:
        """The bot answers again; the ticket stays open. Raises as `take_over`."""
        ticket, conversation = await self._find(number)
        self._refuse_a_strangers_chat(ticket, conversation)
        if conversation.ticket_id != ticket.id:
            return
        handoff.release(conversation)
        await tickets.log_event(self.session, ticket, "handed_back", self._actor, self.now)
        texts = await self._texts(ticket)
        await self._say(conversation, Reply(texts("handoff.agent_left", number=number)))

    def _refuse_a_strangers_chat(self, ticket: Ticket, conversation: Conversation) -> None:
        """What another agent has in hand is theirs to end."""
        if conversation.ticket_id == ticket.id and conversation.agent not in {None, self.agent}:
            raise handoff.AlreadyTaken(conversation.agent or "")

    @property
    def _actor(self) -> str:
        return f"agent:{self.agent}"

    async def _texts(self, ticket: Ticket) -> Texts:
        """In the language the customer has the conversation in by now."""
        customer = await self.session.get_one(Customer, ticket.customer_id)
        return self.desk.catalogue[customer.language or ticket.language]

    async def _find(self, number: int) -> tuple[Ticket, Conversation]:
        ticket = await ticket_numbered(self.session, number)
        if ticket is None:
            raise tickets.TicketNotFound(f"#{number}")
        return ticket, await locked(self.session, ticket.conversation_id)

    async def _say(self, conversation: Conversation, reply: Reply) -> None:
        correlation_id = uuid4().hex
        await say(
            self.session,
            conversation,
            reply,
            author=Author.AGENT,
            agent=self.agent,
            correlation_id=correlation_id,
            dedupe=f"agent:{correlation_id}",
            now=self.now,
        )
