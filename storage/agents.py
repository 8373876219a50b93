"""Agents: who may act at the desk, found by their workspace and user id, or by e-mail at first sight."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Integer, UniqueConstraint, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.conversations import Conversation, Owner
from storage.database import Base
from storage.tickets import OPEN_STATUSES, Ticket


class Role(StrEnum):
    """A lead also acts on what others have in hand; an admin also keeps the list of agents."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"


class Agent(Base):
    """Somebody who answers customers. `name` is unique: tickets, conversations and events name agents by it, and
    customers are told it. `team_id` and `user_id` are learned by the address, at the latest when they first act.

    `schedule`: weekday → intervals ("8:00-16:00"), in which they are on duty; None: whenever the company is open.
    `is_on_duty` is their own switch. `load_cap`: the most open tickets that are given to them unasked.
    `asked_at`: when the last ticket was given to them, so that turns go round.
    """

    __tablename__ = "agent"
    __table_args__ = (UniqueConstraint("team_id", "user_id", name="uq_agent_user"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    team_id: Mapped[str | None]
    user_id: Mapped[str | None]
    role: Mapped[str] = mapped_column(default=Role.AGENT)
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    is_on_duty: Mapped[bool] = mapped_column(Boolean, default=True)
    schedule: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    load_cap: Mapped[int] = mapped_column(Integer, default=10)
    asked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def leads(self) -> bool:
        return self.role in {Role.LEAD, Role.ADMIN}


async def agent_of(session: AsyncSession, team_id: str, user_id: str) -> Agent | None:
    look = select(Agent).where(Agent.team_id == team_id, Agent.user_id == user_id, Agent.is_active)
    return (await session.scalars(look)).one_or_none()


async def agent_with_email(session: AsyncSession, email: str) -> Agent | None:
    """E-mail addresses are compared without regard to case, as Slack does."""
    return (await session.scalars(select(Agent).where(Agent.email == email.strip().lower()))).one_or_none()


async def agent_named(session: AsyncSession, name: str) -> Agent | None:
    return (await session.scalars(select(Agent).where(Agent.name == name))).one_or_none()


async def agents(session: AsyncSession, *, active: bool = True) -> list[Agent]:
    """All of them by name; those who left only where `active` is False."""
    look = select(Agent).order_by(Agent.name)
    if active:
        look = look.where(Agent.is_active)
    return list((await session.scalars(look)).all())


async def without_account(session: AsyncSession) -> list[Agent]:
    """Those who are with us and whose Slack account is not known yet."""
    look = select(Agent).where(Agent.is_active, Agent.user_id.is_(None)).order_by(Agent.id)
    return list((await session.scalars(look)).all())


async def locked(session: AsyncSession) -> list[Agent]:
    """Those who are with us, as they are now, kept from changing until the transaction ends."""
    look = (
        select(Agent)
        .where(Agent.is_active)
        .order_by(Agent.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(look)).all())


async def bound_to(session: AsyncSession, team_id: str, user_id: str) -> Agent | None:
    """As `agent_of`, also somebody who left."""
    look = select(Agent).where(Agent.team_id == team_id, Agent.user_id == user_id)
    return (await session.scalars(look)).one_or_none()


async def bind(session: AsyncSession, agent: Agent, team_id: str, user_id: str) -> bool:
    """From now on this account is theirs; False where they have another one already."""
    bound = await session.execute(
        update(Agent)
        .where(Agent.id == agent.id, Agent.user_id.is_(None))
        .values(team_id=team_id, user_id=user_id)
        .returning(Agent.id)
        .execution_options(synchronize_session=False)
    )
    await session.refresh(agent)
    return bound.scalar_one_or_none() is not None or (agent.team_id, agent.user_id) == (team_id, user_id)


async def loads(session: AsyncSession, *, besides: int | None = None) -> dict[str, int]:
    """How many open tickets each agent has, by name; the ticket `besides` is not counted."""
    look = (
        select(Ticket.assignee, func.count())
        .where(Ticket.assignee.is_not(None), Ticket.status.in_(OPEN_STATUSES))
        .group_by(Ticket.assignee)
    )
    if besides is not None:
        look = look.where(Ticket.id != besides)
    return {name: count for name, count in (await session.execute(look)).all() if name is not None}


async def last_assignee(session: AsyncSession, customer_id: int, since: datetime) -> str | None:
    """Who had the customer's newest ticket that is open, or was so after `since`."""
    is_recent = or_(Ticket.status.in_(OPEN_STATUSES), func.coalesce(Ticket.resolved_at, Ticket.opened_at) >= since)
    look = (
        select(Ticket.assignee)
        .where(Ticket.customer_id == customer_id, Ticket.assignee.is_not(None), is_recent)
        .order_by(Ticket.number.desc())
        .limit(1)
    )
    return (await session.scalars(look)).one_or_none()


async def open_tickets_of(session: AsyncSession, name: str) -> list[Ticket]:
    look = select(Ticket).where(Ticket.assignee == name, Ticket.status.in_(OPEN_STATUSES)).order_by(Ticket.number)
    return list((await session.scalars(look)).all())


async def chats_of(session: AsyncSession, name: str) -> list[Conversation]:
    """The chats that an agent has in hand, kept from changing."""
    look = (
        select(Conversation)
        .where(Conversation.owner == Owner.AGENT, Conversation.agent == name)
        .order_by(Conversation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(look)).all())


async def chats_with(session: AsyncSession, names: Iterable[str]) -> dict[str, int]:
    """How many chats each of these agents has in hand at this moment."""
    look = (
        select(Conversation.agent, func.count())
        .where(Conversation.owner == Owner.AGENT, Conversation.agent.in_(tuple(names)))
        .group_by(Conversation.agent)
    )
    return {name: count for name, count in (await session.execute(look)).all() if name is not None}
