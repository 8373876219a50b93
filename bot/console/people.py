"""People: the agents with their duty and load, and, for admins, who may use the console."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from bot.console.console_people import ConsolePeople
from bot.console.elements import (
    Fields,
    Press,
    Words,
    box,
    choice,
    field,
    first,
    head,
    link,
    row,
    sending,
    submit,
    table,
    tick,
)  # fmt: skip
from bot.console.guard import Visit, may
from handlers import agents as desk_agents
from handlers.agents import NewAgent
from handlers.duty import EXAMPLE, on_duty, read_schedule, written_schedule
from storage import agents
from storage.admins import AdminRole
from storage.agents import Agent, Role

PATH = "/console/people"
MOST_LOAD = 999


async def build(visit: Visit) -> None:
    head(visit.texts("console.nav.people"), visit.texts("console.people.intro"))
    page = PeoplePage(visit)
    page.body = box("div", "stack")
    await page.refresh()
    if visit.who.may(AdminRole.ADMIN):
        page.draw_new()
        await ConsolePeople(visit).build()


class PeoplePage:
    body: ui.element

    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    async def refresh(self) -> None:
        visit, texts = self.visit, self.visit.texts
        async with visit.database.reading() as session:
            everybody = await agents.agents(session, active=False)
            loads = await agents.loads(session)
        names = ("name", "role", "groups", "hours", "duty", "load", "slack")
        self.body.clear()
        with self.body, table(texts("console.people.agents"), [texts(f"console.people.{name}") for name in names]):
            for agent in sorted(everybody, key=lambda one: not one.is_active):
                self._draw_row(agent, loads.get(agent.name, 0))

    def _draw_row(self, agent: Agent, load: int) -> None:
        visit, texts = self.visit, self.visit.texts

        def name() -> None:
            if visit.who.may(AdminRole.ADMIN):
                link(agent.name, f"{PATH}/{agent.id}")
            else:
                Words("span", agent.name)
            Words("div", agent.email, "hint")

        row(
            name,
            texts(f"console.agent_role.{agent.role}"),
            ", ".join(agent.groups) or "–",
            written_schedule(agent.schedule) if agent.schedule else texts("console.people.company_hours"),
            partial(Words, "span", texts(f"console.duty.{duty(agent, visit)}"), f"tag {duty(agent, visit)}"),
            f"{load}/{agent.load_cap}",
            texts("console.people.known" if agent.user_id else "console.people.not_yet"),
            classes="" if agent.is_active else "gone",
        )

    def draw_new(self) -> None:
        texts = self.visit.texts
        with box("details", "card"):
            Words("summary", texts("console.people.add"))
            with sending(self.add) as self._form:
                field("name", texts("console.people.name"), required="true", hint=texts("console.people.name_hint"))
                field("email", texts("console.people.email"), kind="email", required="true")
                draw_facts(self.visit, None)
                submit(texts("console.people.add"))

    @may(AdminRole.ADMIN)
    async def add(self, fields: Fields) -> None:
        texts = self.visit.texts
        name, email = first(fields, "name"), first(fields, "email")
        if not name or "@" not in email:
            self.visit.tell(texts("console.people.unfilled"), is_bad=True)
            return
        facts = Facts(self.visit, fields)
        new = NewAgent(email, name[:80], facts.role, facts.groups, facts.load_cap, facts.schedule)
        async with self.visit.changing() as session:
            agent = await desk_agents.add(session, new, self.visit.now())
        ui.run_javascript(f"getHtmlElement({self._form.id}).reset()")
        self.visit.tell(texts("console.people.added", name=agent.name))
        await self.refresh()


class Facts:
    """What the form says of an agent. Raises `BadSchedule`."""

    def __init__(self, visit: Visit, fields: Fields) -> None:
        role, cap, hours = (first(fields, name) for name in ("role", "load_cap", "schedule"))
        self.role = Role(role) if role in set(Role) else Role.AGENT
        self.groups = tuple(name for name in visit.content.desk.groups if name in fields.get("group", ()))
        self.load_cap = min(int(cap), MOST_LOAD) if cap.isascii() and cap.isdecimal() and len(cap) < 10 else 10
        self.schedule = read_schedule(hours, visit.content.calendar) if hours else None


def draw_facts(visit: Visit, agent: Agent | None) -> None:
    texts = visit.texts
    roles = {role.value: texts(f"console.agent_role.{role.value}") for role in Role}
    choice("role", texts("console.people.role"), roles, agent.role if agent else Role.AGENT)
    if visit.content.desk.groups:
        with box("fieldset"):
            Words("legend", texts("console.people.groups"))
            for name in visit.content.desk.groups:
                tick("group", name, name, ticked=agent is not None and name in agent.groups)
    cap = str(agent.load_cap if agent else 10)
    limits = {"min": "0", "max": str(MOST_LOAD)}
    field("load_cap", texts("console.people.cap"), cap, kind="number", hint=texts("console.people.cap_hint"), **limits)
    hours = written_schedule(agent.schedule) if agent and agent.schedule else ""
    field("schedule", texts("console.people.hours"), hours, hint=texts("console.people.hours_hint", example=EXAMPLE))


def duty(agent: Agent, visit: Visit) -> str:
    if not agent.is_active:
        return "left"
    return "on" if on_duty(agent, visit.content.calendar, visit.now()) else "off"


async def build_one(visit: Visit) -> None:
    number = visit.query.get("agent", "")
    known = number.isascii() and number.isdecimal() and len(number) < 18
    async with visit.database.reading() as session:
        agent = await session.get(Agent, int(number)) if known else None
    link(visit.texts("console.people.all"), PATH, "back")
    if agent is None:
        ui.context.client.status_code = 404
        Words("p", visit.texts("console.people.unknown"), "empty")
        return
    page = AgentPage(visit, agent)
    page.body = box("div", "stack")
    page.draw()


class AgentPage:
    body: ui.element

    def __init__(self, visit: Visit, agent: Agent) -> None:
        self.visit = visit
        self._agent = agent

    def draw(self) -> None:
        texts, agent = self.visit.texts, self._agent
        self.body.clear()
        with self.body:
            head(agent.name, agent.email)
            if not agent.is_active:
                Words("p", texts("console.people.left"), "notice")
                Press(texts("console.people.back"), self.take_back, "button main")
                return
            with sending(self.change, "form card"):
                Words("h2", texts("console.people.facts"))
                field("email", texts("console.people.email"), agent.email, kind="email", required="true")
                draw_facts(self.visit, agent)
                tick("duty", texts("console.people.duty_switch"), ticked=agent.is_on_duty)
                if agent.user_id:
                    tick("forget", texts("console.people.forget"))
                submit(texts("console.save"))
            with box("details", "card danger"):
                Words("summary", texts("console.people.remove"))
                Words("p", texts("console.people.remove_hint", name=agent.name))
                Press(texts("console.people.remove_now", name=agent.name), self.remove, "button bad")

    @may(AdminRole.ADMIN)
    async def change(self, fields: Fields) -> None:
        facts, email = Facts(self.visit, fields), first(fields, "email")
        if "@" not in email:
            self.visit.tell(self.visit.texts("console.people.unfilled"), is_bad=True)
            return
        async with self.visit.changing() as session:
            agent = await session.get_one(Agent, self._agent.id, with_for_update=True)
            await desk_agents.set_email(session, agent, email)
            agent.role, agent.groups, agent.load_cap = facts.role, list(facts.groups), facts.load_cap
            agent.schedule = facts.schedule
            desk_agents.set_duty(agent, on=bool(first(fields, "duty")))
            if first(fields, "forget"):
                desk_agents.forget_slack(agent)
        self._show(agent, "console.people.changed")

    @may(AdminRole.ADMIN)
    async def remove(self) -> None:
        visit = self.visit
        async with visit.changing() as session:
            agent = await session.get_one(Agent, self._agent.id, with_for_update=True)
            left = await desk_agents.remove(session, agent, visit.content, visit.now())
        self._agent = agent
        numbers = ", ".join(f"#{ticket.number}" for ticket in left) or "–"
        visit.tell(visit.texts("console.people.removed", name=agent.name, tickets=numbers))
        self.draw()

    @may(AdminRole.ADMIN)
    async def take_back(self) -> None:
        async with self.visit.changing() as session:
            agent = await session.get_one(Agent, self._agent.id, with_for_update=True)
            agent.is_active = True
        self._show(agent, "console.people.changed")

    def _show(self, agent: Agent, told: str) -> None:
        self._agent = agent
        self.visit.tell(self.visit.texts(told, name=agent.name))
        self.draw()
