"""Outbox: what waits, what failed and why, and another try."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from bot.console.elements import Cell, Fields, Words, box, head, link, row, sending, submit, table
from bot.console.guard import Handler, Visit, may
from bot.console.moments import moment
from handlers.markup import to_plain
from handlers.masking import mask
from handlers.plain_text import shorten
from handlers.resending import FAILED, Key, send_again, tell_desk_again
from storage import desk_posts, outbox_lists
from storage.admins import AdminRole
from storage.desk_posts import DeskPost
from storage.outbox import Delivery, Failed
from storage.tickets import Ticket

PATH = "/console/outbox"
PAGE_SIZE = 50
SHOWN_CHARACTERS = 120
VIEWS: dict[str, tuple[Delivery, ...]] = {
    "failed": FAILED,
    "waiting": (Delivery.WAITING, Delivery.SENDING),
    "withheld": (Delivery.WITHHELD, Delivery.WITHDRAWN),
}
DESK = "desk"


async def build(visit: Visit) -> None:
    page = OutboxPage(visit)
    head(visit.texts("console.nav.outbox"), visit.texts("console.outbox.intro"))
    page.body = box("div", "stack")
    await page.refresh()


class OutboxPage:
    body: ui.element

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        shown = visit.query.get("show", "failed")
        self._shown = shown if shown in {*VIEWS, DESK} else "failed"
        self._before = next(iter(_keys({"key": [visit.query.get("before", "")]})), None)

    async def refresh(self) -> None:
        async with self.visit.database.reading() as session:
            totals = {name: await outbox_lists.count_listed(session, statuses) for name, statuses in VIEWS.items()}
            dead = await desk_posts.count_dead(session)
            rows = await outbox_lists.listed(session, VIEWS.get(self._shown, ()), PAGE_SIZE + 1, self._before)
            posts = await desk_posts.dead(session, PAGE_SIZE) if self._shown == DESK else []
        self.body.clear()
        with self.body:
            self._draw_views({**totals, DESK: dead})
            if self._shown == DESK:
                self._draw_posts(posts)
            else:
                self._draw_rows(rows[:PAGE_SIZE])
                self._draw_pager(rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None)

    def _draw_views(self, totals: dict[str, int]) -> None:
        texts = self.visit.texts
        with box("nav", "views", aria_label=texts("console.outbox.views")):
            for name, count in totals.items():
                here = {"aria_current": "true"} if name == self._shown else {}
                with link("", f"{PATH}?{urlencode({'show': name})}", "view", **here):
                    Words("span", texts(f"console.outbox.view.{name}"))
                    Words("span", _told(count), "count")

    def _draw_rows(self, rows: Sequence[Failed]) -> None:
        texts = self.visit.texts
        if not rows:
            Words("p", texts("console.outbox.none"), "empty")
            return
        columns = [texts(f"console.outbox.{name}") for name in ("since", "channel", "status", "why", "text")]
        can_send = self._shown == "failed" and self.visit.who.may(AdminRole.EDITOR)
        with self._form(self.send) if can_send else box("div"):
            if can_send:
                Words("p", texts("console.outbox.twice"), "hint")
            with table(texts("console.nav.outbox"), [*([texts("console.outbox.pick")] if can_send else []), *columns]):
                for failed in rows:
                    self._draw_row(failed, can_send=can_send)
            if can_send:
                submit(texts("console.outbox.send"))

    def _draw_row(self, failed: Failed, *, can_send: bool) -> None:
        one, texts = failed.row, self.visit.texts
        key = f"{one.lane_id}-{one.seq}"
        text = shorten(mask(to_plain(one.payload.get("text", ""))), SHOWN_CHARACTERS)
        row(
            *([partial(self._draw_pick, key)] if can_send else []),
            Cell(moment(one.created_at, self.visit), "when"),
            one.channel.capitalize(),
            partial(Words, "span", texts(f"console.delivery.{one.status}"), f"tag {one.status}"),
            mask(one.last_error or ""),
            text,
        )

    def _draw_pick(self, key: str) -> None:
        label = self.visit.texts("console.outbox.pick_one", id=key)
        box("input", "", type="checkbox", name="key", value=key, aria_label=label)

    def _draw_posts(self, posts: Sequence[tuple[DeskPost, Ticket]]) -> None:
        texts = self.visit.texts
        if not posts:
            Words("p", texts("console.outbox.none"), "empty")
            return
        can_send = self.visit.who.may(AdminRole.EDITOR)
        columns = [texts(f"console.outbox.{name}") for name in ("since", "ticket", "kind", "why")]
        with self._form(self.tell) if can_send else box("div"):
            with table(texts("console.nav.outbox"), [*([texts("console.outbox.pick")] if can_send else []), *columns]):
                for post, ticket in posts:
                    row(
                        *([partial(self._draw_pick, f"{post.lane_id}-{post.seq}")] if can_send else []),
                        Cell(moment(post.created_at, self.visit), "when"),
                        partial(link, f"#{ticket.number}", f"/console/tickets/{ticket.number}"),
                        texts(f"console.post.{post.kind}"),
                        mask(post.last_error or ""),
                    )
            if can_send:
                submit(texts("console.outbox.tell"))

    def _form(self, on_sent: Handler) -> ui.element:
        return sending(on_sent, "form wide")

    def _draw_pager(self, last: Failed | None) -> None:
        """`last`: of this page, where there is another one below it."""
        texts, newest = self.visit.texts, {"show": self._shown}
        with box("nav", "pager", aria_label=texts("console.pages")):
            if self._before is not None:
                link(texts("console.newest"), f"{PATH}?{urlencode(newest)}", "button")
            if last is not None:
                below = {**newest, "before": f"{last.row.lane_id}-{last.row.seq}"}
                link(texts("console.older"), f"{PATH}?{urlencode(below)}", "button", rel="next")

    @may(AdminRole.EDITOR)
    async def send(self, fields: Fields) -> None:
        keys = _keys(fields)
        async with self.visit.changing() as session:
            count = await send_again(session, keys, self.visit.now())
        await self._done(count)

    @may(AdminRole.EDITOR)
    async def tell(self, fields: Fields) -> None:
        keys = _keys(fields)
        async with self.visit.changing() as session:
            count = await tell_desk_again(session, keys)
        await self._done(count)

    async def _done(self, count: int) -> None:
        texts = self.visit.texts
        if count:
            self.visit.tell(texts.plural("console.outbox.sent", count))
            await self.refresh()
        else:
            self.visit.tell(texts("console.outbox.nothing"), is_bad=True)


def _told(count: int) -> str:
    return str(count) if count <= outbox_lists.MOST_COUNTED else f"{outbox_lists.MOST_COUNTED}+"


def _keys(fields: Fields) -> list[Key]:
    """As they stand in the boxes: `12-3`. What is bent names nothing."""
    found = (text.partition("-") for text in fields.get("key", ()))
    return [(int(lane), int(seq)) for lane, _, seq in found if _is_number(lane) and _is_number(seq)]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18
