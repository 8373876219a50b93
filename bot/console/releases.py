"""Releases: train what was edited, see how far it is, and what is live."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from bot.console.elements import Fields, Press, Words, box, first, head, link, row, sending, submit, table, tick
from bot.console.guard import Visit, may
from bot.console.moments import by_whom, moment, percent
from bot.console.release_page import PATH, ReleasePage
from handlers import releases
from storage import releases as stored
from storage.admins import AdminRole
from storage.releases import UNFINISHED, Release, ReleaseStatus

LOOK_SECONDS = 1.0
USUAL_SECONDS = 60.0  # until a first release has told how long it takes


async def build(visit: Visit) -> None:
    head(visit.texts("console.nav.releases"), visit.texts("console.releases.intro"))
    page = ReleasesPage(visit)
    await page.refresh()
    ui.timer(LOOK_SECONDS, page.look)


async def build_one(visit: Visit) -> None:
    link(visit.texts("console.releases.all"), PATH, "back")
    number = visit.query.get("release", "")
    release = None
    if number.isascii() and number.isdecimal() and len(number) < 10:
        async with visit.database.reading() as session:
            release = await session.get(Release, int(number))
    if release is None:
        head(visit.texts("console.releases.unknown"))
        return
    await ReleasePage(visit, release.id).draw()


class ReleasesPage:
    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self._body = box("div", "stack")
        self._is_busy = False
        self._bar: ui.element | None = None

    async def refresh(self) -> None:
        async with self.visit.database.reading() as session:
            rows = await stored.listed(session)
        unfinished = next((one for one in rows if one.status in UNFINISHED), None)
        self._is_busy = unfinished is not None
        self._body.clear()
        with self._body:
            self._draw_live(rows)
            if unfinished is not None:
                self._draw_progress(unfinished, rows)
            else:
                Press(self.visit.texts("console.releases.train"), self.train, "button main")
            self._draw_rows(rows)

    async def look(self) -> None:
        """While something is being trained, its progress; the whole page once it has ended."""
        if not self._is_busy or await self.visit.console.who(self.visit.token_hash) is None:
            return
        async with self.visit.database.reading() as session:
            release = await stored.one_with(session, *UNFINISHED)
        if release is None or self._bar is None:
            await self.refresh()
        else:
            self._show(release)

    def _draw_live(self, rows: list[Release]) -> None:
        texts = self.visit.texts
        live = next((one for one in rows if one.status == ReleaseStatus.LIVE), None)
        partly = next((one for one in rows if one.status == ReleaseStatus.PARTLY), None)
        with box("section", "card", aria_label=texts("console.releases.live")):
            Words("h2", texts("console.releases.live"))
            if live is None:
                Words("p", texts("console.releases.shipped"))
            else:
                since = moment(live.live_at, self.visit)
                Words("p", texts("console.releases.since", id=live.id, at=since, model=live.model or "–"))
            if partly is not None:
                Words("p", texts("console.releases.partly", id=partly.id, share=percent(partly.share, texts)))
            if partly is not None or (live is not None and live.previous_id is not None):
                with sending(self.roll_back, "form wide"):
                    tick("sure", texts("console.releases.sure_back"))
                    submit(texts("console.releases.roll_back"), "button bad")

    def _draw_progress(self, release: Release, rows: list[Release]) -> None:
        texts = self.visit.texts
        known = next((one.metrics for one in rows if one.metrics and "train_s" in one.metrics), None)
        most = float(known["train_s"]) + float(known["compare_s"]) if known else USUAL_SECONDS
        with box("section", "card", aria_label=texts("console.releases.progress")):
            Words("h2", texts("console.releases.training", id=release.id))
            self._bar = box("progress", "", max=f"{max(most, 1.0):.0f}", aria_label=texts("console.releases.progress"))
            self._stage = Words("p", "", "hint")
        self._show(release)

    def _show(self, release: Release) -> None:
        stage, _, seconds = (release.progress or "wait 0").partition(" ")
        if self._bar is not None:
            self._bar.props["value"] = seconds
            self._bar.update()
        self._stage.set_text(self.visit.texts(f"console.release_stage.{stage}", seconds=seconds))

    def _draw_rows(self, rows: list[Release]) -> None:
        texts = self.visit.texts
        if not rows:
            Words("p", texts("console.releases.none"), "empty")
            return
        names = ("id", "status", "started", "by", "share", "replay")
        with table(texts("console.nav.releases"), [texts(f"console.releases.{name}") for name in names]):
            for one in rows:
                changed = sum(count for name, count in (one.replay or {}).items() if name != "same")
                status = "rolled_back" if one.is_rollback and one.status == ReleaseStatus.LIVE else one.status
                row(
                    partial(link, f"#{one.id}", f"{PATH}/{one.id}"),
                    texts(f"console.release_status.{status}"),
                    moment(one.started_at, self.visit),
                    by_whom(one.started_by, texts),
                    percent(one.share, texts) if one.share else "–",
                    texts.plural("console.releases.changed", changed) if one.replay else "–",
                )

    @may(AdminRole.ADMIN)
    async def train(self) -> None:
        async with self.visit.changing() as session:
            folder = self.visit.app.settings.content_dir
            release = await releases.start(session, self.visit.by, self.visit.now(), folder)
        self.visit.tell(self.visit.texts("console.releases.begun", id=release.id))
        await self.refresh()

    @may(AdminRole.ADMIN)
    async def roll_back(self, fields: Fields) -> None:
        if not first(fields, "sure"):
            self.visit.tell(self.visit.texts("console.releases.not_sure"), is_bad=True)
            return
        async with self.visit.changing() as session:
            await releases.rollback(session, self.visit.by, self.visit.now())
        self.visit.tell(self.visit.texts("console.releases.rolled_back"))
        await self.refresh()
