"""Customers and the channel identities they are known by.

An identity changes hands when its person links their accounts. Every turn keeps the row of its identity (`identity_of`)
until its transaction ends, so that what it writes belongs to the customer it read; who links takes the rows of all
identities concerned for itself first (`identities_of`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, insert_into


class Customer(Base):
    """A person. Whatever is personal hangs on this row, so that export and erasure find all of it.

    `language_chosen`: they asked for the language themselves, so single messages no longer change it.
    `notice_version`: the privacy notice they were shown with the bot's first words. `tier`: how they are to be served
    (a `handlers.desk_rules.Tier`). `updates`: how often they want to hear of an open ticket unasked
    (rarely, normal, often); `notices_refused_at`, `surveys_refused_at`: since when they want none.
    """

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    language: Mapped[str | None]
    language_chosen: Mapped[bool] = mapped_column(default=False)
    notice_version: Mapped[str | None]
    tier: Mapped[str] = mapped_column(default="mass")
    updates: Mapped[str] = mapped_column(default="normal")
    notices_refused_at: Mapped[datetime | None]
    surveys_refused_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ChannelIdentity(Base):
    """Who a customer is on one channel; `external_id` is the provider's stable id, never a name."""

    __tablename__ = "channel_identity"
    __table_args__ = (UniqueConstraint("channel", "external_id", name="uq_identity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    channel: Mapped[str]
    external_id: Mapped[str]
    display_name: Mapped[str | None]


async def identity_of(
    session: AsyncSession, channel: str, external_id: str, display_name: str | None, now: datetime
) -> ChannelIdentity:
    """Who this is on the channel, kept from changing hands for this transaction; made, with a customer, at first
    sight: two first messages at once make one customer."""
    look = (
        select(ChannelIdentity)
        .where(ChannelIdentity.channel == channel, ChannelIdentity.external_id == external_id)
        .with_for_update(read=True, key_share=True)
    )
    identity = (await session.scalars(look)).one_or_none()
    if identity is None:
        await _introduce(session, channel, external_id, display_name, now)
        identity = (await session.scalars(look)).one()
    return identity


async def customer_of(session: AsyncSession, identity: ChannelIdentity, display_name: str | None = None) -> Customer:
    """The customer behind an identity, by the name they go by there now."""
    customer = await session.get_one(Customer, identity.customer_id)
    if display_name and display_name != identity.display_name:
        identity.display_name = customer.name = display_name
    return customer


async def by_id(session: AsyncSession, customer_ids: Iterable[int]) -> dict[int, Customer]:
    """As they are now."""
    look = select(Customer).where(Customer.id.in_(tuple(customer_ids))).execution_options(populate_existing=True)
    return {customer.id: customer for customer in (await session.scalars(look)).all()}


async def identities_of(session: AsyncSession, *customer_ids: int) -> list[ChannelIdentity]:
    """All identities of these customers, oldest first, waiting for every turn that has one of them in hand."""
    look = (
        select(ChannelIdentity)
        .where(ChannelIdentity.customer_id.in_(customer_ids))
        .order_by(ChannelIdentity.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(look)).all())


async def _introduce(
    session: AsyncSession, channel: str, external_id: str, display_name: str | None, now: datetime
) -> None:
    customer = Customer(name=display_name, created_at=now)
    session.add(customer)
    await session.flush()
    identity = {
        "customer_id": customer.id,
        "channel": channel,
        "external_id": external_id,
        "display_name": display_name,
    }
    inserted = await session.execute(
        insert_into(session, ChannelIdentity).values(identity).on_conflict_do_nothing().returning(ChannelIdentity.id)
    )
    if inserted.scalar_one_or_none() is None:
        await session.delete(customer)
        await session.flush()


async def known_customer(session: AsyncSession, channel: str, external_id: str) -> Customer | None:
    """The customer behind a channel identity, None before their first message."""
    look = (
        select(Customer)
        .join(ChannelIdentity, ChannelIdentity.customer_id == Customer.id)
        .where(ChannelIdentity.channel == channel, ChannelIdentity.external_id == external_id)
    )
    return (await session.scalars(look)).one_or_none()
