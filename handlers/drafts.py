"""The words an agent is given before a customer has to hear something: sent with one press, or left."""

from __future__ import annotations

from datetime import datetime

from handlers import next_word
from handlers.agent_actions import Act, AlreadySo
from handlers.casework import the_ticket
from handlers.messages import Reply
from handlers.tickets import refuse_settled
from storage.conversations import Conversation
from storage.tickets import Ticket, TicketEvent, events_of


async def latest(act: Act, ticket: Ticket) -> TicketEvent | None:
    """The draft that is still to be sent: made for the word that is due now, and not declined."""
    events = await events_of(act.session, ticket.id)
    return current(events, ticket)


def current(events: list[TicketEvent], ticket: Ticket) -> TicketEvent | None:
    drafted = next((one for one in reversed(events) if one.kind in {"word_drafted", "word_declined"}), None)
    if drafted is None or drafted.kind == "word_declined" or ticket.next_word_at is None:
        return None
    is_for = datetime.fromisoformat(str(drafted.data["until"]))
    return drafted if is_for == ticket.next_word_at else None


async def send(act: Act, number: int) -> None:
    """As it was shown; whoever has the ticket keeps it. A status is no answer: it counts as none (R30). Raises
    `AlreadySo`, `NotYours`, `IllegalTransition`."""
    ticket, chats = await act.find(number)
    await act.session.refresh(ticket, with_for_update=True)
    act.refuse_a_strangers_chat(ticket, chats)
    refuse_settled(ticket)
    drafted = await latest(act, ticket)
    if drafted is None:
        raise AlreadySo
    text = str(drafted.data["text"])
    said = await act.say(ticket, _reachable(chats), Reply(text))
    ticket.next_word_at = datetime.fromisoformat(str(drafted.data["by"]))
    ticket.last_word = next_word.digest(text)
    await act.log(ticket, "word_sent", message_ids=[message.id for message in said])


def _reachable(chats: list[Conversation]) -> list[Conversation]:
    return [chat for chat in chats if chat.blocked_at is None]


async def decline(act: Act, number: int) -> None:
    """Not now: nothing is sent, and what was promised stands. Raises `AlreadySo`."""
    ticket = await the_ticket(act, number)
    if await latest(act, ticket) is None:
        raise AlreadySo
    await act.log(ticket, "word_declined")
