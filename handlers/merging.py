"""Two customers become one, and an identity becomes a customer of its own again.

A table that comes to point at a customer has to be moved here too. Both take rows in one order: identities,
conversations, then what hangs on them. Whoever calls has made sure that nobody else does the like at the same time
(`storage.link_codes.one_at_a_time`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import duplicates, handoff, tickets
from handlers.awaiting import AwaitingInfo, AwaitingNote, AwaitingTicket, load
from handlers.desk_rules import Tier
from storage import surveys
from storage.conversations import Conversation, conversations_of
from storage.customers import ChannelIdentity, Customer, identities_of
from storage.tickets import Ticket


async def merge(session: AsyncSession, one_id: int, other_id: int, now: datetime) -> Customer:
    """All identities, conversations and tickets of both are the older one's from now on; the other one is gone."""
    identities = await identities_of(session, one_id, other_id)
    conversations = await conversations_of(session, one_id, other_id)
    pair = [await session.get_one(Customer, customer_id) for customer_id in (one_id, other_id)]
    kept, gone = sorted(pair, key=lambda customer: (customer.created_at, customer.id))
    for identity in identities:
        identity.customer_id = kept.id
    for conversation in conversations:
        conversation.customer_id = kept.id
    before, theirs = kept.tier, await tickets.own_tickets(session, kept.id)
    moved = await tickets.own_tickets(session, gone.id)
    for ticket in moved:
        ticket.customer_id = kept.id
        await tickets.log_event(session, ticket, "linked", tickets.CUSTOMER, now)
    await surveys.give_to(session, kept.id, [conversation.id for conversation in conversations])
    _take_over(kept, gone)
    await tickets.tier_changed(session, theirs, before, kept.tier, tickets.BOT, now)
    await tickets.tier_changed(session, moved, gone.tier, kept.tier, tickets.BOT, now)
    await session.flush()
    await session.delete(gone)
    await session.flush()
    return kept


def _take_over(kept: Customer, gone: Customer) -> None:
    """What the one does not know of themselves, or has not chosen, comes from the other; a refusal stays."""
    kept.notices_refused_at = kept.notices_refused_at or gone.notices_refused_at
    kept.surveys_refused_at = kept.surveys_refused_at or gone.surveys_refused_at
    kept.name = kept.name or gone.name
    kept.notice_version = kept.notice_version or gone.notice_version
    kept.tier = max(kept.tier, gone.tier, key=lambda tier: list(Tier).index(Tier(tier)))
    if kept.language is None or (gone.language_chosen and not kept.language_chosen):
        kept.language, kept.language_chosen = gone.language, gone.language_chosen


async def split(session: AsyncSession, identity: ChannelIdentity, now: datetime) -> Customer | None:
    """A customer of its own for this identity, with the conversations it began and the tickets opened in them; None
    where it is its customer's only one."""
    shared = await session.get_one(Customer, identity.customer_id)
    identities = await identities_of(session, shared.id)
    if len(identities) == 1:
        return None
    conversations = await conversations_of(session, shared.id)
    own = await _like(session, shared, identity, now)
    names = [one.display_name for one in identities if one is not identity and one.display_name]
    if shared.name == identity.display_name and names:
        shared.name = names[0]
    identity.customer_id = own.id
    theirs = {conversation.id for conversation in conversations if conversation.identity_id == identity.id}
    for conversation in conversations:
        if conversation.id in theirs:
            conversation.customer_id = own.id
    await surveys.give_to(session, own.id, theirs)
    moved = {ticket.id for ticket in await _move_tickets(session, shared, own, theirs, now)}
    await duplicates.part(session, shared.id, own.id, now)
    for conversation in conversations:
        _forget_others(conversation, is_others=(conversation.ticket_id in moved) != (conversation.id in theirs))
    await session.flush()
    return own


async def _like(session: AsyncSession, shared: Customer, identity: ChannelIdentity, now: datetime) -> Customer:
    own = Customer(
        name=identity.display_name,
        language=shared.language,
        language_chosen=shared.language_chosen,
        notice_version=shared.notice_version,
        tier=shared.tier,
        notices_refused_at=shared.notices_refused_at,
        surveys_refused_at=shared.surveys_refused_at,
        created_at=now,
    )
    session.add(own)
    await session.flush()
    return own


async def _move_tickets(
    session: AsyncSession, shared: Customer, own: Customer, conversation_ids: set[int], now: datetime
) -> list[Ticket]:
    moved = [one for one in await tickets.own_tickets(session, shared.id) if one.conversation_id in conversation_ids]
    for ticket in moved:
        ticket.customer_id = own.id
        await tickets.log_event(session, ticket, "unlinked", tickets.CUSTOMER, now)
    return moved


def _forget_others(conversation: Conversation, *, is_others: bool) -> None:
    """A chat cannot go on about a ticket that is not its customer's any more."""
    if conversation.ticket_id is not None and is_others:
        handoff.release(conversation)
    if isinstance(load(conversation.awaiting), (AwaitingTicket, AwaitingNote, AwaitingInfo)):
        conversation.awaiting = None
