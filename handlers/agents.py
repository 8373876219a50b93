"""Who is an agent: recognised by their Slack account, and kept on the list by an admin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import ladder, tickets
from handlers.content import Content
from handlers.duty import Schedule
from handlers.errors import SupportError
from storage import agents
from storage.agents import Agent, Role
from storage.conversations import Owner
from storage.tickets import Ticket

log = structlog.get_logger(__name__)


class Stranger(StrEnum):
    """Why somebody is none of ours. `UNKNOWN`: not on the list, or on it with another Slack account."""

    EXTERNAL = "external"
    GUEST = "guest"
    BOT = "bot"
    UNKNOWN = "unknown"
    LEFT = "left"


class NotAnAgent(SupportError):
    """They may not act at the desk."""

    def __init__(self, why: Stranger) -> None:
        super().__init__(why.value)
        self.why = why


class NotOnTheList(SupportError):
    """No agent has this e-mail address."""


class AlreadyOnTheList(SupportError):
    """Another agent has this name or e-mail address; the text says who."""


@dataclass(frozen=True)
class SlackPerson:
    """A Slack account, as Slack tells of it. `is_full_member`: of our own workspace; no guest, no bot, not disabled.
    `limit`: what makes them less than that, by Slack's name."""

    team_id: str
    user_id: str
    name: str
    email: str | None
    is_full_member: bool
    limit: str | None = None


LIMITS = {
    "deleted": Stranger.LEFT,
    "is_bot": Stranger.BOT,
    "is_restricted": Stranger.GUEST,
    "is_ultra_restricted": Stranger.GUEST,
}


async def recognised(session: AsyncSession, who: SlackPerson) -> Agent:
    """The agent whose account this is. At first sight it is known by its e-mail address, and theirs from then on.

    Raises `NotAnAgent`, and then nothing has changed.
    """
    if not who.is_full_member:
        raise NotAnAgent(LIMITS.get(who.limit or "", Stranger.EXTERNAL))
    agent = await agents.bound_to(session, who.team_id, who.user_id)
    if agent is None:
        agent = await _met(session, who)
    if not agent.is_active:
        raise NotAnAgent(Stranger.LEFT)
    return agent


async def _met(session: AsyncSession, who: SlackPerson) -> Agent:
    agent = await agents.agent_with_email(session, who.email) if who.email else None
    if agent is None:
        raise NotAnAgent(Stranger.UNKNOWN)
    if not agent.is_active:
        raise NotAnAgent(Stranger.LEFT)
    if not await agents.bind(session, agent, who.team_id, who.user_id):
        # Somebody else's account with the agent's address, or a new one of theirs: an admin has to say which.
        log.warning("agent.other_account", agent_id=agent.id, team_id=who.team_id, user_id=who.user_id)
        raise NotAnAgent(Stranger.UNKNOWN)
    log.info("agent.bound", agent_id=agent.id, team_id=who.team_id, user_id=who.user_id)
    return agent


@dataclass(frozen=True)
class NewAgent:
    email: str
    name: str
    role: Role = Role.AGENT
    groups: tuple[str, ...] = ()
    load_cap: int = 10
    schedule: Schedule | None = None


async def add(session: AsyncSession, new: NewAgent, now: datetime) -> Agent:
    """Raises `AlreadyOnTheList`."""
    email, name = new.email.strip().lower(), new.name.strip()
    if found := await agents.agent_with_email(session, email):
        back = "" if found.is_active else f" and left; to have them back: supportbot agents change {email} --active"
        raise AlreadyOnTheList(f"{email} is {found.name}'s{back}")
    if found := await agents.agent_named(session, name):
        raise AlreadyOnTheList(f"{name} is the name of {found.email}; customers are told it, so it must be unique")
    agent = Agent(
        email=email,
        name=name,
        role=new.role,
        groups=list(new.groups),
        load_cap=new.load_cap,
        schedule=new.schedule,
        is_active=True,
        is_on_duty=True,
        created_at=now,
    )
    session.add(agent)
    await session.flush()
    return agent


async def on_the_list(session: AsyncSession, email: str) -> Agent:
    """Also somebody who left. Raises `NotOnTheList`."""
    agent = await agents.agent_with_email(session, email)
    if agent is None:
        raise NotOnTheList(f"{email}: no agent has this e-mail address; supportbot agents list shows them")
    return agent


async def set_email(session: AsyncSession, agent: Agent, email: str) -> None:
    """Raises `AlreadyOnTheList`."""
    email = email.strip().lower()
    found = await agents.agent_with_email(session, email)
    if found is not None and found.id != agent.id:
        raise AlreadyOnTheList(f"{email} is {found.name}'s")
    agent.email = email


def set_duty(agent: Agent, *, on: bool) -> None:
    """Their own switch: whether they are given tickets at all in their hours."""
    if agent.is_on_duty != on:
        agent.is_on_duty = on
        log.info("agent.duty", agent_id=agent.id, on=on)


def forget_slack(agent: Agent) -> None:
    """The next account with their e-mail address is theirs."""
    agent.team_id = agent.user_id = None


async def remove(session: AsyncSession, agent: Agent, content: Content, now: datetime) -> list[Ticket]:
    """They left: what they had goes back into the queue, and people are called for it. Returns those tickets."""
    agent.is_active = False
    forget_slack(agent)
    chats = await agents.chats_of(session, agent.name)
    left = await agents.open_tickets_of(session, agent.name)
    for chat in chats:
        chat.owner, chat.agent = Owner.QUEUE, None
    for ticket in left:
        ticket.assignee = None
        ladder.start(ticket, content, now)
        await tickets.log_event(session, ticket, "released", tickets.BOT, now, name=agent.name, why=Stranger.LEFT)
    return left
