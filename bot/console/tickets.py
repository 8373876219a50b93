"""Tickets: the list, and one ticket with its facts, what was said and what happened."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

import structlog
from nicegui import ui
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.elements import Cell, Press, Words, asking, box, choice, field, head, link, row, submit, table
from bot.console.event_words import told
from bot.console.guard import Visit, may
from bot.console.moments import moment
from handlers.markup import to_plain
from handlers.masking import mask
from handlers.plain_text import shorten
from handlers.texts import UnknownText
from storage import agents, desk_threads, ticket_search, tickets
from storage.admins import AdminRole
from storage.conversations import Author, Message
from storage.customers import Customer
from storage.desk_threads import DeskThread
from storage.ticket_search import MOST_COUNTED, NOBODY, OPEN, Found, Wanted
from storage.tickets import Status, Ticket, TicketEvent

log = structlog.get_logger(__name__)

PATH = "/console/tickets"
SLACK = "https://slack.com/"
PAGE_SIZE = 30  # an element costs the server a tenth of a millisecond and more, and a row has ten of them
MOST_MESSAGES = 200
SUBJECT_CHARACTERS = 90


async def build(visit: Visit) -> None:
    texts, query = visit.texts, visit.query
    wanted = Wanted(
        query.get("status", OPEN), query.get("category", ""), query.get("owner", ""), query.get("text", "")[:200]
    )
    async with visit.database.reading() as session:
        found = await ticket_search.search(
            session, wanted, PAGE_SIZE, before=_number(query.get("before")), after=_number(query.get("after"))
        )
        owners = [one.name for one in await agents.agents(session)]
    head(texts("console.nav.tickets"), _count(visit, found.count))
    _draw_filter(visit, wanted, owners)
    if not found.tickets:
        Words("p", texts("console.tickets.none"), "empty")
        return
    columns = [texts(f"console.tickets.{name}") for name in ("number", "subject", "status", "owner", "opened", "due")]
    with table(texts("console.nav.tickets"), columns):
        for ticket in found.tickets:
            _draw_row(visit, ticket)
    _draw_pager(visit, wanted, found)


def _count(visit: Visit, count: int) -> str:
    texts = visit.texts
    return texts.plural("console.tickets.count", count) if count <= MOST_COUNTED else texts("console.tickets.many")


def _draw_filter(visit: Visit, wanted: Wanted, owners: list[str]) -> None:
    texts = visit.texts
    anything = {"": texts("console.tickets.any")}
    statuses = {OPEN: texts("console.tickets.any_open")} | {one.value: status(visit, one) for one in Status}
    topics = sorted((topic(visit, name), name) for name in visit.content.topics)
    with asking(PATH, role="search"):
        field("text", texts("console.tickets.text"), wanted.text, kind="search")
        choice("status", texts("console.tickets.status"), anything | statuses, wanted.status)
        choice(
            "category",
            texts("console.tickets.category"),
            anything | {name: shown for shown, name in topics},
            wanted.category,
        )
        nobody = {NOBODY: texts("console.tickets.nobody")}
        choice(
            "owner", texts("console.tickets.owner"), anything | nobody | {name: name for name in owners}, wanted.owner
        )
        submit(texts("console.show"))


def _draw_row(visit: Visit, ticket: Ticket) -> None:
    def subject() -> None:
        Words("div", shorten(mask(to_plain(ticket.subject)), SUBJECT_CHARACTERS))
        Words("div", topic(visit, ticket.category), "hint")

    row(
        partial(link, f"#{ticket.number}", f"{PATH}/{ticket.number}", "number"),
        subject,
        partial(Words, "span", status(visit, ticket.status), f"tag {ticket.status}"),
        ticket.assignee or visit.texts("console.tickets.nobody"),
        Cell(moment(ticket.opened_at, visit), "when"),
        partial(_draw_due, visit, ticket),
    )


def _draw_due(visit: Visit, ticket: Ticket) -> None:
    is_late = ticket.is_open and ticket.next_word_at is not None and ticket.next_word_at < visit.now()
    Words("span", moment(ticket.next_word_at, visit) if ticket.is_open else "", "when late" if is_late else "when")
    if is_late:
        Words("div", visit.texts("console.tickets.late"), "hint late")


def _draw_pager(visit: Visit, wanted: Wanted, found: Found) -> None:
    asked = {"status": wanted.status, "category": wanted.category, "owner": wanted.owner, "text": wanted.text}
    with box("nav", "pager", aria_label=visit.texts("console.pages")):
        if found.newer:
            newest = {**asked, "after": str(found.tickets[0].number)}
            link(visit.texts("console.newer"), f"{PATH}?{urlencode(newest)}", "button", rel="prev")
        if found.older:
            oldest = {**asked, "before": str(found.tickets[-1].number)}
            link(visit.texts("console.older"), f"{PATH}?{urlencode(oldest)}", "button", rel="next")


async def build_one(visit: Visit) -> None:
    number = _number(visit.query.get("number"))
    async with visit.database.reading() as session:
        ticket = await tickets.ticket_numbered(session, number) if number is not None else None
        read = await _read(session, ticket) if ticket is not None else None
    if ticket is None or read is None:
        ui.context.client.status_code = 404
        head(visit.texts("console.nav.tickets"))
        Words("p", visit.texts("console.tickets.unknown"), "empty")
        link(visit.texts("console.tickets.all"), PATH)
        return
    TicketPage(visit, ticket, *read).draw()


async def _read(
    session: AsyncSession, ticket: Ticket
) -> tuple[Customer, list[Message], list[TicketEvent], DeskThread | None]:
    return (
        await session.get_one(Customer, ticket.customer_id),
        await ticket_search.said_about(session, ticket, MOST_MESSAGES),
        await tickets.events_of(session, ticket.id),
        await desk_threads.thread_of(session, ticket.id),
    )


class TicketPage:
    """One ticket. Personal data is hidden until an admin asks for it, which is put on record."""

    def __init__(
        self,
        visit: Visit,
        ticket: Ticket,
        customer: Customer,
        said: list[Message],
        events: list[TicketEvent],
        thread: DeskThread | None,
    ) -> None:
        self.visit = visit
        self._ticket = ticket
        self._customer = customer
        self._said = said
        self._events = events
        self._thread = thread
        self._is_open = False

    def draw(self) -> None:
        texts, ticket = self.visit.texts, self._ticket
        link(texts("console.tickets.all"), PATH, "back")
        with box("div", "head"):
            Words("h1", f"#{ticket.number} · {topic(self.visit, ticket.category)}")
            Words("span", status(self.visit, ticket.status), f"tag {ticket.status}")
        with box("div", "tools"):
            if self._thread is not None and self.visit.app.settings.slack_api_url.startswith(SLACK):
                self._draw_thread_link(self._thread)
            if self.visit.who.may(AdminRole.ADMIN):
                self._button = Press(texts("console.tickets.unmask"), self.unmask)
        self._body = box("div", "columns")
        self._draw_body()

    def _draw_thread_link(self, thread: DeskThread) -> None:
        address = f"{SLACK}archives/{thread.channel}/p{thread.ts.replace('.', '')}"
        link(self.visit.texts("console.tickets.thread"), address, "button", target="_blank", rel="noopener noreferrer")

    @may(AdminRole.ADMIN)
    async def unmask(self) -> None:
        log.info("console.personal_data_shown", admin_id=self.visit.who.id, ticket_id=self._ticket.id)
        self._is_open = True
        self._button.set_visibility(False)
        self._draw_body()

    def _shown(self, text: str) -> str:
        return text if self._is_open else mask(text)

    def _draw_body(self) -> None:
        self._body.clear()
        with self._body:
            with box("div"):
                self._draw_facts()
                self._draw_events()
            self._draw_conversation()

    def _draw_facts(self) -> None:
        texts, ticket, visit = self.visit.texts, self._ticket, self.visit
        name = self._customer.name or texts("console.tickets.customer")
        facts = {
            texts("console.tickets.customer"): name if self._is_open else name[:1] + "…",
            texts("console.tickets.owner"): ticket.assignee or texts("console.tickets.nobody"),
            texts("console.tickets.priority"): _known(visit, f"desk.priority.{ticket.priority}", ticket.priority),
            texts("console.tickets.opened"): moment(ticket.opened_at, visit),
            texts("console.tickets.due"): moment(ticket.next_word_at, visit) if ticket.is_open else "",
            texts("console.tickets.resolved"): moment(ticket.resolved_at, visit),
            texts("console.tickets.cause"): self._cause(),
            texts("console.tickets.reason"): _known(visit, f"desk.reason.{ticket.reason}", ticket.reason),
        }
        for key, value in ticket.facts.items():
            known = visit.content.fields.get(key)
            facts[known.label.in_language(texts.language) if known else key] = self._shown(value)
        with box("section", "card", aria_label=texts("console.tickets.facts")):
            Words("h2", texts("console.tickets.facts"))
            Words("p", self._shown(to_plain(ticket.subject)), "subject")
            with box("dl", "facts"):
                for label, value in facts.items():
                    if value:
                        Words("dt", label)
                        Words("dd", value)

    def _cause(self) -> str:
        cause = self._ticket.cause
        known = self.visit.content.desk.causes.get(cause or "")
        return known.in_language(self.visit.texts.language) if known else cause or ""

    def _draw_events(self) -> None:
        texts = self.visit.texts
        with box("section", "card", aria_label=texts("console.tickets.events")):
            Words("h2", texts("console.tickets.events"))
            with box("ol", "events"):
                for event in reversed(self._events):
                    with box("li"):
                        Words("time", moment(event.at, self.visit), "hint")
                        Words("span", self._shown(told(event, self.visit)))

    def _draw_conversation(self) -> None:
        texts = self.visit.texts
        with box("section", "card talk", aria_label=texts("console.tickets.conversation")):
            Words("h2", texts("console.tickets.conversation"))
            if not self._is_open:
                Words("p", texts("console.tickets.masked"), "hint")
            for message in self._said:
                self._draw_message(message)

    def _draw_message(self, message: Message) -> None:
        texts = self.visit.texts
        who = message.agent or texts(f"console.author.{Author(message.author).value}")
        text = texts("console.tickets.deleted") if message.deleted_at else self._shown(to_plain(message.text))
        with box("article", f"said {message.author}"):
            with box("div", "hint"):
                Words("span", who, "author")
                Words("time", moment(message.created_at, self.visit))
            Words("p", text)
            if message.answer:
                Words("p", texts("console.tickets.why", answer=message.answer, version=message.answer_version or "–",
                                 model=message.model or "–"), "hint")  # fmt: skip


def status(visit: Visit, name: str) -> str:
    return _known(visit, f"desk.status.{name}", name)


def topic(visit: Visit, category: str) -> str:
    known = visit.content.topics.get(category)
    return known.in_language(visit.texts.language) if known else category


def _known(visit: Visit, key: str, otherwise: str) -> str:
    try:
        return visit.texts(key)
    except UnknownText:
        return otherwise


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else None
