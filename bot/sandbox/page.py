"""The demo's page: customers in Telegram and Slack beside the agents in Slack, and a clock to move on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI
from nicegui import ui
from nicegui.events import GenericEventArguments

from bot.app import App
from bot.sandbox.agent import DeskAgent
from bot.sandbox.deeds import Deeds
from bot.sandbox.desk_card import DeskFrame
from bot.sandbox.desk_pane import DeskPane
from bot.sandbox.elements import box
from bot.sandbox.loopback import LoopbackOnly
from bot.sandbox.page_header import SIDES, TITLE, PageHeader
from bot.sandbox.page_side import PageSide
from bot.sandbox.page_state import DeskState, PhoneState, SlackState
from bot.sandbox.people_bar import PersonEntry
from bot.sandbox.read_marks import ReadMarks
from bot.sandbox.slack.person import Person
from bot.sandbox.slack_deeds import SlackDeeds
from bot.sandbox.slack_pane import FIRST_COLOUR, SlackPane
from bot.sandbox.snapshot import Snapshot, look
from bot.sandbox.telegram_deeds import PhoneDeeds
from bot.sandbox.telegram_pane import TelegramPane
from bot.sandbox.tickets import history, ticket_card
from bot.sandbox.world import DemoWorld
from handlers.texts import LANGUAGES

STYLES = [Path(__file__).with_name(name) for name in ("styles.css", "styles_telegram.css", "styles_slack.css")]
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f5fbf"/>'
    '<path d="M8 10h16v10H15l-5 4v-4H8z" fill="#fff"/></svg>'
)
ACCENT = "#1f5fbf"
POLL_SECONDS = 1.0
TICK_SECONDS = 0.2

FOLLOW_LINK = """(event) => {
    const link = event.target.closest('a[href^="https://t.me/BOT?start="]');
    if (!link) return;
    event.preventDefault();
    emit(new URL(link.href).searchParams.get('start'));
}"""


def mount_demo(web: FastAPI, app: App, world: DemoWorld, storage_secret: str) -> None:
    """Puts the demo at `/` of `web`, for this machine's browsers only. Once per process: NiceGUI has one app."""
    add_demo_page(app, world)
    ui.run_with(
        web, title=TITLE, favicon=FAVICON, storage_secret=storage_secret, tailwind=False, show_welcome_message=False
    )
    web.add_middleware(LoopbackOnly)


def add_demo_page(app: App, world: DemoWorld) -> None:
    marks = ReadMarks()

    @ui.page("/")
    def demo(lang: str = "") -> None:
        language = lang if lang in LANGUAGES else app.settings.default_language
        DemoPage(app, world, marks, language).build()


class DemoPage:
    """One open page. It looks at the stand-ins five times a second and at the database every second, and at once
    when something was done on it."""

    def __init__(self, app: App, world: DemoWorld, marks: ReadMarks, language: str) -> None:
        self._app = app
        self._world = world
        self._marks = marks
        self._language = language
        self._side = SIDES[0]
        self._shown = {"customers": "telegram", "agents": "desk"}
        self._phone = PhoneState(world.customers[0].id)
        self._slack = self._slack_state(world.slack_customers[0])
        self._desk_slack = self._slack_state(world.agents[0])
        self._desk_slack.places = {person.id: world.desk_channel.id for person in world.desk_people}
        self._desk = DeskState(world.agents[0].user.name)
        self._snapshot = Snapshot()
        self._look_at = 0.0

    def _slack_state(self, person: Person) -> SlackState:
        """As after a reload: what only one person saw is gone, and so are the modals."""
        space = self._world.slack.space
        closed = frozenset(view.id for view in space.views.open_now())
        return SlackState(person.id, closed, {(one.channel, one.ts) for one in space.talk.ephemeral()})

    def build(self) -> None:
        for sheet in STYLES:
            ui.add_css(sheet)
        ui.colors(primary=ACCENT)
        self._root = box("div", "demo")
        self._lay_out()
        username = self._world.telegram.world.bot.username
        self._root.on("click", self._follow_link, js_handler=FOLLOW_LINK.replace("BOT", username))
        self._draw()
        ui.timer(TICK_SECONDS, self._tick)

    def _lay_out(self) -> None:
        """Everything in the page's language; called again when that changes, what was typed is kept."""
        catalogue = self._app.desk().catalogue
        self._texts = texts = catalogue[self._language]
        deeds = Deeds(texts, self._wake)
        self._phone_deeds = PhoneDeeds(self._world, self._phone, texts, deeds)
        world, frame = self._world, self._desk_frame()
        self._root.clear()
        with self._root:
            ui.run_javascript(f"document.documentElement.lang = '{self._language}'")
            self._header = PageHeader(world, texts, deeds, self._show_side, self._switch_to)
            with box("main", "panes"):
                with PageSide("customers", ("telegram", "slack"), texts, self._shown) as self._customers:
                    self._telegram_pane = TelegramPane(
                        world, self._marks, self._phone, texts, catalogue, self._phone_deeds
                    )  # fmt: skip
                    self._slack_pane = self._slack_of("slack", lambda: world.slack_customers, self._slack, deeds)
                with PageSide("agents", ("desk", "tickets"), texts, self._shown) as self._agents:
                    self._desk_slack_pane = self._slack_of("desk", lambda: world.desk_people, self._desk_slack, deeds)
                    self._desk_pane = DeskPane(frame, self._become_agent)
        self._show_side(self._side)

    def _slack_of(
        self, name: str, people: Callable[[], Sequence[Person]], state: SlackState, deeds: Deeds
    ) -> SlackPane:
        texts = self._texts
        slack_deeds = SlackDeeds(self._world, people, self._marks, state, texts, deeds)
        return SlackPane(name, self._world, self._marks, state, texts, slack_deeds, self._roles(), self._become)

    def _roles(self) -> dict[str, str]:
        texts, world = self._texts, self._world
        roles = {person.id: texts("demo.role.agent") for person in world.agents}
        for person in (*world.slack_customers, *world.colleagues):
            user = person.user
            is_guest, role = user.is_restricted, texts("demo.role.colleague")
            role = texts("demo.role.guest") if is_guest else role
            roles[person.id] = texts("demo.role.other_company") if user.is_stranger else role
        return roles

    def _desk_frame(self) -> DeskFrame:
        agent = DeskAgent(self._app, lambda: self._desk.agent, self._texts, self._wake)
        return DeskFrame(self._texts, agent, self._desk.drafts, self._desk.unfolded, self._show_chat, self._wake)

    def _show_side(self, name: str) -> None:
        self._side = name
        self._root.props["data-side"] = name
        self._header.show_side(name)

    def _switch_to(self, language: str) -> None:
        self._language = language
        with self._root:  # the button that was pressed is gone with the old layout
            self._lay_out()
            self._header.language.focus()
            ui.navigate.history.replace(f"/?{urlencode({'lang': language})}")  # a reload shows the same again
        self._draw()

    def _become(self, person: Person) -> None:
        """An agent in Slack is the same one with the cards."""
        if person in self._world.agents:
            self._desk.agent = person.user.name
        self._wake()

    def _become_agent(self, name: str) -> None:
        self._desk.agent = name
        self._draw()

    async def _show_chat(self, channel: str, chat_id: str) -> None:
        """The customer's side of a ticket."""
        if channel == "telegram":
            self._telegram_pane.choose(int(chat_id))
        elif channel == "slack":
            await self._slack_pane.show(chat_id.partition(":")[0])
        self._customers.show(channel)
        self._show_side("customers")
        self._draw()

    async def _follow_link(self, event: GenericEventArguments) -> None:
        """A link to our bot in Telegram is followed on the phone shown, not in the world outside."""
        await self._phone_deeds.open_link(str(event.args))
        self._customers.show("telegram")
        self._show_side("customers")

    def _wake(self) -> None:
        self._look_at = 0.0
        self._draw()

    async def _tick(self) -> None:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + POLL_SECONDS
            async with self._app.database.reading() as session:
                self._snapshot = await look(session, frozenset(self._desk.unfolded))
        self._draw()

    def _draw(self) -> None:
        self._header.draw(self._snapshot.waiting)
        self._telegram_pane.draw()
        self._slack_pane.draw()
        self._desk_slack_pane.draw()
        self._agents.count("tickets", self._snapshot.waiting)
        self._draw_desk()

    def _draw_desk(self) -> None:
        texts, content, now = self._texts, self._app.desk().content, self._app.clock()
        agents = [
            PersonEntry(
                agent.user.name,
                agent.user.name,
                texts("demo.role.agent"),
                unread=0,
                is_chosen=agent.user.name == self._desk.agent,
                colour=FIRST_COLOUR + self._world.slack_people.index(agent),
            )
            for agent in self._world.agents
        ]
        self._desk_pane.draw(
            agents,
            [ticket_card(case, self._desk.agent, content, texts, now) for case in self._snapshot.cases],
            {number: history(events, content.calendar.zone, texts) for number, events in self._snapshot.events.items()},
        )
