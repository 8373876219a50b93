"""The demo's page: customers in Telegram and Slack beside the agents in Slack, and a clock to move on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI
from nicegui import ui
from nicegui.events import GenericEventArguments

from bot.app import App
from bot.console.app import run_nicegui
from bot.sandbox.deeds import Deeds
from bot.sandbox.elements import box
from bot.sandbox.loopback import LoopbackOnly
from bot.sandbox.page_header import SIDES, TITLE, PageHeader
from bot.sandbox.page_side import PageSide
from bot.sandbox.page_state import PhoneState, SlackState
from bot.sandbox.read_marks import ReadMarks
from bot.sandbox.slack.person import Person
from bot.sandbox.slack_deeds import SlackDeeds
from bot.sandbox.slack_pane import SlackPane
from bot.sandbox.telegram_deeds import PhoneDeeds
from bot.sandbox.telegram_pane import TelegramPane
from bot.sandbox.world import DemoWorld
from handlers.texts import LANGUAGES

STYLES = [Path(__file__).with_name(name) for name in ("styles.css", "styles_telegram.css", "styles_slack.css")]
ACCENT = "#1f5fbf"
TICK_SECONDS = 0.2

FOLLOW_LINK = """(event) => {
    const link = event.target.closest('a[href^="https://t.me/BOT?start="]');
    if (!link) return;
    event.preventDefault();
    emit(new URL(link.href).searchParams.get('start'));
}"""


def mount_demo(web: FastAPI, app: App, world: DemoWorld) -> None:
    """Puts the demo at `/` of `web`, for this machine's browsers only. Once per process: NiceGUI has one app."""
    add_demo_page(app, world)
    run_nicegui(web, TITLE)
    web.add_middleware(LoopbackOnly)


def add_demo_page(app: App, world: DemoWorld) -> None:
    marks = ReadMarks()

    @ui.page("/")
    def demo(lang: str = "") -> None:
        language = lang if lang in LANGUAGES else app.settings.default_language
        DemoPage(app, world, marks, language).build()


class DemoPage:
    """One open page. It looks at the stand-ins five times a second, and at once when something was done on it."""

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
        ui.timer(TICK_SECONDS, self._draw)

    def _lay_out(self) -> None:
        """Everything in the page's language; called again when that changes, what was typed is kept."""
        catalogue = self._app.desk().catalogue
        self._texts = texts = catalogue[self._language]
        deeds = Deeds(texts, self._draw)
        self._phone_deeds = PhoneDeeds(self._world, self._phone, texts, deeds)
        world = self._world
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
                with PageSide("agents", ("desk",), texts, self._shown):
                    self._desk_pane = self._slack_of("desk", lambda: world.desk_people, self._desk_slack, deeds)
        self._show_side(self._side)

    def _slack_of(
        self, name: str, people: Callable[[], Sequence[Person]], state: SlackState, deeds: Deeds
    ) -> SlackPane:
        texts = self._texts
        slack_deeds = SlackDeeds(self._world, people, self._marks, state, texts, deeds)
        return SlackPane(name, self._world, self._marks, state, texts, slack_deeds, self._role, self._draw)

    def _role(self, person: Person) -> str:
        """What stands under somebody's name."""
        texts, user = self._texts, person.user
        if person in self._world.agents:
            return texts("demo.role.agent")
        if user.is_stranger:
            return texts("demo.role.other_company")
        return texts("demo.role.guest" if user.is_restricted else "demo.role.colleague")

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

    async def _follow_link(self, event: GenericEventArguments) -> None:
        """A link to our bot in Telegram is followed on the phone shown, not in the world outside."""
        await self._phone_deeds.open_link(str(event.args))
        self._customers.show("telegram")
        self._show_side("customers")

    def _draw(self) -> None:
        self._header.draw()
        self._telegram_pane.draw()
        self._slack_pane.draw()
        self._desk_pane.draw()
