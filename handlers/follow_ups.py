"""A ticket that waits for somebody never waits for ever: reminders, then a closing with notice (R3)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import duplicates, follow_up_steps, next_word, ticket_choice, tickets, when
from handlers.agent_actions import Act, AlreadySo
from handlers.awaiting import button
from handlers.desk import Desk
from handlers.handoff import customer_wrote
from handlers.handoff import release as let_go
from handlers.messages import Reply, Turn
from handlers.rhythm import Deed
from handlers.speaking import say
from handlers.status_updates import Case, case_of, is_being_written_in
from storage.conversations import Author
from storage.customers import Customer
from storage.tickets import Status

NO_ANSWER = "no_answer"
"""The cause (in `desk.yml`) of what was closed because the customer did not answer."""


async def step(session: AsyncSession, desk: Desk, ticket_id: int, now: datetime) -> bool:
    """Takes the step that is due. What was said meanwhile, also what is not even read yet, has ended the wait."""
    if desk.content.rhythm.in_quiet_hours(now):
        return False
    case = await case_of(session, ticket_id)
    ticket = case.ticket
    if ticket.follow_up_at is None or ticket.follow_up_at > now or not ticket.is_open:
        return False
    if ticket.status == Status.WAITING_THIRD_PARTY:
        follow_up_steps.start(ticket, desk.content.rhythm, now)
        names = [ticket.assignee] if ticket.assignee else []
        await tickets.log_event(session, ticket, "third_party_due", tickets.BOT, now, names=names)
        return True
    if ticket.status != Status.WAITING_CUSTOMER or await is_being_written_in(session, case.chats):
        return False
    steps = desk.content.rhythm.rules.follow_ups
    if steps[min(ticket.follow_up_step, len(steps) - 1)].do is Deed.CLOSE:
        await _close(session, desk, case, now)
    else:
        await _remind(session, desk, case, now)
    return True


async def _remind(session: AsyncSession, desk: Desk, case: Case, now: datetime) -> None:
    ticket, steps = case.ticket, desk.content.rhythm.rules.follow_ups
    number = ticket.follow_up_step + 1
    follow_up_steps.go_on(ticket, desk.content.rhythm, now)
    is_last = steps[ticket.follow_up_step].do is Deed.CLOSE
    key = "follow_up.last" if is_last else "follow_up.again"
    await _tell(session, desk, case, f"followup:{ticket.id}:{int(now.timestamp())}", now, key=key)
    until = ticket.next_word_at.isoformat() if ticket.next_word_at else ""
    await tickets.log_event(session, ticket, "followed_up", tickets.BOT, now, step=number, until=until)


async def _close(session: AsyncSession, desk: Desk, case: Case, now: datetime) -> None:
    """Closed with notice: they are told how to come back."""
    ticket = case.ticket
    await _tell(session, desk, case, f"noanswer:{ticket.id}:{int(now.timestamp())}", now, key="follow_up.closed")
    ticket.cause = NO_ANSWER
    await tickets.set_status(session, ticket, Status.CLOSED, tickets.BOT, now, cause=NO_ANSWER)
    for chat in case.chats:
        if chat.ticket_id == ticket.id:
            let_go(chat)


async def _tell(session: AsyncSession, desk: Desk, case: Case, dedupe: str, now: datetime, *, key: str) -> None:
    """What we wait for is said each time (R36)."""
    ticket = case.ticket
    for chat in case.reachable:
        customer = await session.get_one(Customer, chat.customer_id)
        texts = desk.catalogue[customer.language or ticket.language]
        number = await duplicates.own_number(session, ticket, chat)
        why = next_word.why(case.reason, texts)
        said_when = when.at if key == "follow_up.last" else when.by
        by = said_when(ticket.next_word_at or now, now, desk.content.calendar.zone, texts)
        buttons = (button(texts("button.settled"), "settle", str(number)),)
        if key == "follow_up.closed":
            buttons = (button(texts("button.problem_back"), "reopen", str(number)),)
        reply = Reply(texts(key, number=number, why=why, by=by), buttons)
        key_here = f"{dedupe}:{chat.id}"
        message = await say(
            session, chat, reply, author=Author.SYSTEM, correlation_id=key_here, dedupe=key_here, now=now
        )
        message.ticket_id = ticket.id


async def heard(turn: Turn) -> None:
    """They said something, to whomever: none of their tickets waits for a word of theirs any more."""
    if turn.is_bystander or turn.message.action:
        return
    for _, case in await duplicates.seen_as(turn.session, await ticket_choice.mine(turn)):
        if case.status == Status.WAITING_CUSTOMER:
            await customer_wrote(turn, case)


async def resume(act: Act, number: int) -> None:
    """What it waited for is there: it goes on, and the customer hears so. Raises `AlreadySo`, `NotYours`."""
    ticket, chats = await act.find(number)
    act.refuse_a_strangers_chat(ticket, chats)
    if ticket.status not in tickets.WAITING:
        raise AlreadySo
    await tickets.go_on(act.session, ticket, act.actor, act.desk.content, act.now)
    await act.tell(ticket, chats, "waiting.over")
