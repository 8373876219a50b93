"""The demo's page: be a customer, watch the bot, and answer as an agent, all in one browser window."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import FastAPI
from nicegui import ui

from bot.app import App
from bot.channels.local import LocalChannel
from bot.intake import NotAccepted
from bot.sandbox.agent import AGENT, DeskAgent
from bot.sandbox.chat import chat_view
from bot.sandbox.chat_pane import ChatPane
from bot.sandbox.customers import STANDING, DemoCustomer, Visitors, customer_entries
from bot.sandbox.customers_pane import CustomersPane
from bot.sandbox.desk_card import DeskFrame
from bot.sandbox.desk_pane import DeskPane
from bot.sandbox.elements import PressButton, Words, box
from bot.sandbox.loopback import LoopbackOnly
from bot.sandbox.snapshot import CHANNEL, Snapshot, look
from bot.sandbox.tickets import history, ticket_card
from handlers.messages import IncomingMessage, Reply
from handlers.texts import LANGUAGES

STYLES = Path(__file__).with_name("styles.css")
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f5fbf"/>'
    '<path d="M8 10h16v10H15l-5 4v-4H8z" fill="#fff"/></svg>'
)
TITLE = "supportbot"
ACCENT = "#1f5fbf"
POLL_SECONDS = 1.0
TICK_SECONDS = 0.1
DELIVERY_SECONDS = 0.1
PANES = ("customers", "chat", "desk")


def mount_demo(web: FastAPI, app: App, storage_secret: str) -> None:
    """Puts the demo at `/` of `web`, for this machine's browsers only. Once per process: NiceGUI has one app."""
    add_demo_page(app)
    ui.run_with(
        web, title=TITLE, favicon=FAVICON, storage_secret=storage_secret, tailwind=False, show_welcome_message=False
    )
    web.add_middleware(LoopbackOnly)


def add_demo_page(app: App) -> None:
    visitors = Visitors()

    @ui.page("/")
    def demo(lang: str = "", chat: str = "") -> None:
        DemoPage(app, visitors, lang if lang in LANGUAGES else app.settings.default_language, chat).build()


class DemoPage:
    """One open page. It looks at the database every second, and at once when it or the channel did something."""

    def __init__(self, app: App, visitors: Visitors, language: str, wanted: str) -> None:
        self._app = app
        self._visitors = visitors
        self._language = language
        self._everybody: list[DemoCustomer] = list(STANDING)
        self._chosen = STANDING[0]
        self._wanted = wanted
        self._pane = "chat"
        self._chat_drafts: dict[str, str] = {}
        self._reply_drafts: dict[int, str] = {}
        self._unfolded: set[int] = set()
        self._look_at = 0.0

    def build(self) -> None:
        ui.add_css(STYLES)
        ui.colors(primary=ACCENT)
        self._root = box("div", "demo")
        self._lay_out()
        channel = self._app.channels[CHANNEL]
        if isinstance(channel, LocalChannel):
            ui.context.client.on_delete(channel.listen(self._heard))
        ui.timer(TICK_SECONDS, self._tick)

    def _lay_out(self) -> None:
        """Everything in the page's language; called again when that changes, what was typed is kept."""
        self._texts = self._app.desk().catalogue[self._language]
        self._root.clear()
        agent = DeskAgent(self._app, self._texts, self._wake)
        desk = DeskFrame(self._texts, AGENT, agent, self._reply_drafts, self._unfolded, self._choose, self._wake)
        with self._root:
            ui.run_javascript(f"document.documentElement.lang = '{self._language}'")
            self._draw_header()
            self._draw_tabs()
            with box("main", "panes"):
                self._customers_pane = CustomersPane(self._texts, self._choose, self._add_customer)
                self._chat_pane = ChatPane(self._texts, self._chat_drafts, self._say)
                self._desk_pane = DeskPane(desk)
        self._open_chat(self._chosen)
        self._show_pane(self._pane)

    def _draw_header(self) -> None:
        texts = self._texts
        with box("header", "top"):
            Words("h1", TITLE)
            with box("p", "what"):
                Words("span", texts("demo.what"))
                Words("span", texts("demo.where"), "where")
            with box("div", "languages", role="group", aria_label=texts("demo.page_language")):
                self._languages = {
                    name: PressButton(name.upper(), partial(self._switch_to, name), "language") for name in LANGUAGES
                }
        for name, button in self._languages.items():
            button.props["aria-pressed"] = "true" if name == self._language else "false"

    def _draw_tabs(self) -> None:
        """On a narrow screen one pane is shown at a time."""
        with box("nav", "tabs", aria_label=self._texts("demo.panes")):
            self._tabs = {
                name: PressButton(self._texts(f"demo.{name}"), partial(self._show_pane, name), "tab") for name in PANES
            }

    def _show_pane(self, name: str) -> None:
        self._pane = name
        self._root.props["data-pane"] = name
        for other, tab in self._tabs.items():
            tab.props["aria-pressed"] = "true" if other == name else "false"

    def _switch_to(self, language: str) -> None:
        self._language = language
        with self._root:  # the button that was pressed is gone with the old layout
            self._lay_out()
            self._languages[language].focus()
            self._keep_address()

    def _add_customer(self, name: str, language: str) -> None:
        visitor = self._visitors.add(name, language)
        self._everybody.append(visitor)
        self._choose(visitor.chat_id)

    def _choose(self, chat_id: str) -> None:
        customer = next((one for one in self._everybody if one.chat_id == chat_id), None)
        if customer is None:
            return
        if customer.chat_id != self._chosen.chat_id:
            self._open_chat(customer)
        self._show_pane("chat")
        self._keep_address()

    def _open_chat(self, customer: DemoCustomer) -> None:
        self._chosen = customer
        self._chat_pane.open(customer, self._app.desk().catalogue[customer.language])
        self._wake()

    def _keep_address(self) -> None:
        """A reload shows the same again."""
        ui.navigate.history.replace(f"/?{urlencode({'lang': self._language, 'chat': self._chosen.chat_id})}")

    async def _say(self, text: str, action: str | None) -> bool:
        """The chosen customer says it; False when it could not be put on record."""
        customer = self._chosen
        message = IncomingMessage(
            channel=CHANNEL,
            chat_id=customer.chat_id,
            sender_id=customer.chat_id,
            sender_name=customer.name,
            external_id=uuid4().hex,
            text=text,
            sent_at=self._app.clock(),
            action=action,
            language_hint=customer.language,
        )
        try:
            await self._app.intake.accept(message)
        except NotAccepted:
            return False
        self._wake()
        return True

    def _wake(self) -> None:
        self._look_at = 0.0

    def _heard(self, _chat_id: str, _reply: Reply) -> None:
        """The channel was handed a message; a moment later it is on record as sent."""
        self._look_at = min(self._look_at, time.monotonic() + DELIVERY_SECONDS)

    async def _tick(self) -> None:
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + POLL_SECONDS
        chosen = self._chosen
        async with self._app.database.reading() as session:
            snapshot = await look(session, chosen.chat_id, frozenset(self._unfolded))
        if chosen is self._chosen:
            self._draw(snapshot)

    def _draw(self, snapshot: Snapshot) -> None:
        texts, content, now = self._texts, self._app.desk().content, self._app.clock()
        zone = content.calendar.zone
        self._everybody = self._visitors.everybody(snapshot.chats, self._app.settings.default_language)
        read = self._visitors.mark_read(snapshot.chats, self._chosen.chat_id)
        entries = customer_entries(self._everybody, snapshot.chats, read, self._chosen.chat_id, texts)
        self._customers_pane.draw(entries)
        self._chat_pane.draw(
            chat_view(snapshot.conversation, snapshot.lines, snapshot.unworked, snapshot.sending, texts, now, zone)
        )
        self._desk_pane.draw(
            [ticket_card(case, AGENT, content, texts, now) for case in snapshot.cases],
            {number: history(events, zone, texts) for number, events in snapshot.events.items()},
        )
        if self._wanted:
            wanted, self._wanted = self._wanted, ""
            self._choose(wanted)
