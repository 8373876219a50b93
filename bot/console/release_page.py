"""One release: how it reads beside the live model, what speaks against it, which replies would change, and its way to
the customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import urlencode

from bot.console.elements import Cell, Fields, Words, box, field, first, head, link, row, sending, submit, table, tick
from bot.console.guard import Visit, may
from bot.console.measured_thresholds import MeasuredThresholds
from bot.console.moments import by_whom, moment, percent
from bot.console.pager import draw_pager, number
from handlers import releases
from handlers.plain_text import shorten
from handlers.release_gate import UNKNOWN, Accuracies, Accuracy, Metrics, Reason, Verdict
from handlers.releases import Standing
from storage import releases as stored
from storage.admins import AdminRole
from storage.releases import Release, ReleaseStatus, ReplayedMessage

PATH = "/console/releases"
SHOWN_CHARACTERS = 200
PAGE = 50
OPEN = (ReleaseStatus.CANDIDATE, ReleaseStatus.PARTLY)


class ReleasePage:
    def __init__(self, visit: Visit, release_id: int) -> None:
        self.visit = visit
        self._id = release_id
        verdict = visit.query.get("verdict")
        self._verdict = verdict if verdict in set(Verdict) else None
        self._skip = number(visit.query.get("skip", ""))

    async def draw(self) -> None:
        head(self.visit.texts("console.releases.title", id=self._id))
        self._body = box("div", "stack")
        await self.refresh()

    async def refresh(self) -> None:
        async with self.visit.database.reading() as session:
            release = await session.get_one(Release, self._id)
            standing = await releases.standing(session)
            rows = await stored.replayed(session, self._id, self._verdict, PAGE + 1, self._skip)
        self._body.clear()
        with self._body:
            self._draw_facts(release)
            if release.status in OPEN:
                self._draw_way(release, standing)
            if release.metrics and "before" in release.metrics:
                before, after = (Metrics.from_json(release.metrics[part]) for part in ("before", "after"))
                self._draw_accuracy("languages", before.languages, after.languages)
                differing = {
                    name: one for name, one in after.intents.items() if before.intents.get(name, UNKNOWN) != one
                }
                self._draw_accuracy("intents", before.intents, differing)
            MeasuredThresholds(self.visit, release, self.refresh).draw()
            if release.replay is not None:
                self._draw_replay(release.replay, rows)

    def _draw_facts(self, release: Release) -> None:
        texts = self.visit.texts
        status = texts(f"console.release_status.{release.status}")
        Words("p", texts("console.releases.about", status=status, by=by_whom(release.started_by, texts),
                         at=moment(release.started_at, self.visit), model=release.model or "–"))  # fmt: skip
        if release.metrics and "train_s" in release.metrics:
            train, compare = (float(release.metrics[part]) for part in ("train_s", "compare_s"))
            took = texts("console.releases.took", train=f"{train:.0f}", compare=f"{compare:.0f}",
                         both=f"{train + compare:.0f}")  # fmt: skip
            Words("p", took, "hint")
        if release.error:
            Words("p", release.error, "notice bad")
        if release.override_reason:
            by = by_whom(release.override_by or "–", texts)
            Words("p", texts("console.releases.overridden", by=by, reason=release.override_reason), "notice")

    def _draw_way(self, release: Release, standing: Standing) -> None:
        """What speaks against it, and the forms that put it before customers."""
        texts = self.visit.texts
        reasons = releases.reasons_of(release, standing.live)
        if reasons:
            with box("section", "notice bad", aria_label=texts("console.releases.blocked")):
                Words("h2", texts("console.releases.blocked"))
                with box("ul"):
                    for reason in reasons:
                        Words("li", self._told(reason))
        with sending(self.go_live, "form card"):
            if reasons and not release.override_reason:
                field("reason", texts("console.releases.reason"), hint=texts("console.releases.reason_hint"))
            field("share", texts("console.releases.share_of"), "100", kind="number", min="1", max="100", step="any")
            tick("sure", texts("console.releases.sure"))
            submit(texts("console.releases.go_live"))

    def _told(self, reason: Reason) -> str:
        texts = self.visit.texts
        name = self._title(reason.name) if reason.fault in {"intent", "mandatory"} else reason.name
        gaps = {"name": name, "before": percent(reason.before, texts), "after": percent(reason.after, texts)}
        return texts(f"console.release_fault.{reason.fault}", **gaps)

    def _title(self, intent: str) -> str:
        topic = self.visit.content.topics.get(intent)
        return topic.in_language(self.visit.texts.language) if topic else intent

    def _draw_accuracy(self, kind: str, before: Accuracies, after: Accuracies) -> None:
        texts = self.visit.texts
        title = texts(f"console.releases.by_{kind}")
        with box("section", "stack", aria_label=title):
            Words("h2", title)
            if not after:
                Words("p", texts("console.releases.no_difference"), "hint")
                return
            names = ("name", "before", "after", "texts")
            with table(title, [texts(f"console.releases.{name}") for name in names], "small"):
                for name, now in after.items():
                    was = before.get(name, UNKNOWN)
                    shown = self._title(name) if kind == "intents" else name.upper()
                    moved = Cell(f"{percent(now.right, texts)} {_arrow(was, now)}", _direction(was, now))
                    row(shown, percent(was.right, texts), moved, str(now.texts))

    def _draw_replay(self, counts: Mapping[str, int], rows: Sequence[ReplayedMessage]) -> None:
        texts = self.visit.texts
        with box("section", "stack", aria_label=texts("console.releases.replayed")):
            Words("h2", texts("console.releases.replayed"))
            with box("nav", "views", aria_label=texts("console.releases.verdicts")):
                for verdict in ("", *Verdict):
                    count = counts.get(verdict, 0) if verdict else sum(counts.values())
                    here = {"aria_current": "true"} if verdict == (self._verdict or "") else {}
                    address = f"{PATH}/{self._id}" + (f"?{urlencode({'verdict': verdict})}" if verdict else "")
                    with link("", address, "view", **here):
                        Words("span", texts(f"console.verdict.{verdict or 'all'}"))
                        Words("span", str(count), "count")
            if not rows:
                Words("p", texts("console.releases.none_replayed"), "empty")
                return
            names = ("text", "verdict", "reply_before", "reply_after")
            with table(texts("console.releases.replayed"), [texts(f"console.releases.{name}") for name in names]):
                for one in rows[:PAGE]:
                    verdict = partial(Words, "span", texts(f"console.verdict.{one.verdict}"), f"tag {one.verdict}")
                    row(shorten(one.text, SHOWN_CHARACTERS), verdict, self._reply(one.before), self._reply(one.after))

            kept = {"verdict": self._verdict} if self._verdict else {}
            draw_pager(self.visit.texts, f"{PATH}/{self._id}", kept, self._skip, PAGE, has_more=len(rows) > PAGE)

    def _reply(self, read: Mapping[str, object]) -> str:
        """ "Answer: Returns (97 %)"."""
        kind, _, names = str(read["reply"]).partition(":")
        topics = ", ".join(self._title(name) for name in names.split(",") if name)
        sure = float(str(read["confidence"]))
        return self.visit.texts(f"console.release_reply.{kind}", topics=topics, sure=percent(sure, self.visit.texts))

    @may(AdminRole.ADMIN)
    async def go_live(self, fields: Fields) -> None:
        if not first(fields, "sure"):
            self.visit.tell(self.visit.texts("console.releases.not_sure"), is_bad=True)
            return
        share = _share(first(fields, "share"))
        async with self.visit.changing() as session:
            await releases.go_live(
                session, self._id, self.visit.by, self.visit.now(), share=share,
                override_reason=first(fields, "reason")[:1000] or None,
            )  # fmt: skip
        self.visit.tell(self.visit.texts("console.releases.went_live", share=percent(share, self.visit.texts)))
        await self.refresh()


def _direction(before: Accuracy, after: Accuracy) -> str:
    return "up" if after.right > before.right else "down" if after.right < before.right else ""


def _arrow(before: Accuracy, after: Accuracy) -> str:
    return {"up": "▲", "down": "▼"}.get(_direction(before, after), "")


def _share(text: str) -> float:
    """Raises `BadShare`."""
    try:
        return float(text.replace(",", ".")) / 100
    except ValueError:
        raise releases.BadShare("a share is a number of percent") from None
