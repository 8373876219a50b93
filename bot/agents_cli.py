"""`supportbot agents …`: who answers customers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from bot.command_line import run_to_end
from bot.content import read_content
from bot.queue_cli import with_database
from bot.settings import Settings, SettingsError, load_settings
from handlers import agents as desk_agents
from handlers.agents import NewAgent
from handlers.content import Content
from handlers.duty import EXAMPLE, Schedule, on_duty, read_schedule
from storage import agents
from storage.agents import Agent, Role
from storage.database import Database

agents_app = typer.Typer(help="Who answers customers.", no_args_is_help=True)
listing = Console()

COMPANY_HOURS = "company"
Email = Annotated[str, typer.Argument(help="Their e-mail address in Slack: by it they are recognised.")]
Groups = Annotated[list[str] | None, typer.Option("--group", help="A group of desk.yml; may be given several times.")]
Cap = Annotated[int, typer.Option(min=0, help="The most open tickets that are given to them unasked; 0: none.")]
Hours = Annotated[
    str | None, typer.Option(help=f'When they are on duty: "{EXAMPLE}". Without it: when the company is open.')
]


@agents_app.command()
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="What customers are told they are called.")],
    role: Role = Role.AGENT,
    group: Groups = None,
    cap: Cap = 10,
    schedule: Hours = None,
) -> None:
    """Puts somebody on the list."""
    groups = _groups(group)
    hours = _hours(schedule)
    if "@" not in email:
        raise SettingsError(f"{email}: not an e-mail address")

    async def work(session: AsyncSession) -> str:
        new = NewAgent(email, name, role, groups, cap, hours)
        agent = await desk_agents.add(session, new, datetime.now(UTC))
        return f"{agent.name} is on the list. They are recognised when they first act in Slack as {agent.email}."

    _change(work)


@agents_app.command(name="list")
def list_agents(all_: Annotated[bool, typer.Option("--all", help="Also those who left.")] = False) -> None:
    """Everybody, with what they have in hand."""
    content = _content()

    async def show(database: Database) -> None:
        async with database.reading() as session:
            everybody = await agents.agents(session, active=not all_)
            loads = await agents.loads(session)
        now = datetime.now(UTC)
        listing.print(_table([_row(one, loads.get(one.name, 0), content, now) for one in everybody]))

    run_to_end(with_database(show))


@agents_app.command()
def change(
    email: Email,
    new_email: Annotated[str | None, typer.Option("--email", help="Another address.")] = None,
    role: Annotated[Role | None, typer.Option()] = None,
    group: Groups = None,
    no_groups: Annotated[bool, typer.Option("--no-groups", help="Takes them out of all groups.")] = False,
    cap: Annotated[int | None, typer.Option(min=0)] = None,
    schedule: Annotated[
        str | None, typer.Option(help=f'"{EXAMPLE}", or "{COMPANY_HOURS}": when the company is open.')
    ] = None,
    duty: Annotated[bool | None, typer.Option("--on-duty/--off-duty", help="Their own switch.")] = None,
    forget_slack: Annotated[
        bool, typer.Option("--forget-slack", help="The next Slack account with their address is theirs.")
    ] = False,
    active: Annotated[bool, typer.Option("--active", help="They left, and are back.")] = False,
) -> None:
    """Changes what is given; groups replace those they had. The name stays: tickets and events know them by it."""
    groups = _groups(group)
    hours = _hours(schedule)

    async def work(session: AsyncSession) -> str:
        agent = await desk_agents.on_the_list(session, email)
        if new_email:
            await desk_agents.set_email(session, agent, new_email)
        if forget_slack:
            desk_agents.forget_slack(agent)
        if group or no_groups:
            agent.groups = list(groups)
        if schedule:
            agent.schedule = hours
        agent.role = role or agent.role
        agent.load_cap = agent.load_cap if cap is None else cap
        agent.is_on_duty = agent.is_on_duty if duty is None else duty
        agent.is_active = agent.is_active or active
        return f"{agent.name} is changed."

    _change(work)


@agents_app.command()
def remove(email: Email) -> None:
    """Somebody left: they may not act any more, and their open tickets go back into the queue."""
    content = _content()

    async def work(session: AsyncSession) -> str:
        agent = await desk_agents.on_the_list(session, email)
        left = await desk_agents.remove(session, agent, content, datetime.now(UTC))
        tickets = ", ".join(f"#{ticket.number}" for ticket in left)
        return f"{agent.name} may not act any more. " + (
            f"Back in the queue: {tickets}." if left else "They had nothing."
        )

    _change(work)


def _content() -> Content:
    settings: Settings = load_settings()
    return read_content(settings.content_dir, settings.timezone)


def _groups(names: list[str] | None) -> tuple[str, ...]:
    if not names:
        return ()
    known = _content().desk.groups
    for name in names:
        if name not in known:
            raise SettingsError(f"{name}: no group of desk.yml; there are: {', '.join(known) or 'none'}")
    return tuple(dict.fromkeys(names))


def _hours(schedule: str | None) -> Schedule | None:
    return None if schedule in {None, "", COMPANY_HOURS} else read_schedule(schedule or "", _content().calendar)


def _change(work: Callable[[AsyncSession], Awaitable[str]]) -> None:
    async def start(database: Database) -> None:
        async with database.transaction() as session:
            said = await work(session)
        listing.print(said, highlight=False, markup=False)

    run_to_end(with_database(start))


def _row(agent: Agent, load: int, content: Content, now: datetime) -> tuple[str, ...]:
    duty = "left" if not agent.is_active else "on duty" if on_duty(agent, content.calendar, now) else "off duty"
    known = agent.user_id or "not yet"
    return agent.name, agent.email, agent.role, ", ".join(agent.groups), duty, f"{load}/{agent.load_cap}", known


def _table(rows: list[tuple[str, ...]]) -> Table:
    table = Table("name", "e-mail", "role", "groups", "duty now", "open/cap", "in Slack", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    return table
