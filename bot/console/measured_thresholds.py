"""The confidence borders that were measured on a release's model, where those in use fit it no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.console.elements import Fields, Words, box, row, sending, submit, table
from bot.console.guard import Visit, may
from bot.console.moments import percent
from handlers import releases
from handlers.bands import misfits
from handlers.content_history import Editor
from handlers.living_answers import set_thresholds
from storage.admins import AdminRole
from storage.releases import Release, ReleaseStatus


class MeasuredThresholds:
    """They are taken only for the model that answers: another one would be read by borders that are not its own."""

    def __init__(self, visit: Visit, release: Release, on_taken: Callable[[], Awaitable[None]]) -> None:
        self.visit = visit
        self._id, self._is_live = release.id, release.status == ReleaseStatus.LIVE
        self._measured: dict[str, dict[str, float]] = (release.metrics or {}).get("thresholds", {})
        self._on_taken = on_taken

    def draw(self) -> None:
        texts = self.visit.texts
        rows = misfits(self.visit.app.desk().thresholds, self._measured)
        if not rows:
            return
        title = texts("console.borders.title")
        with box("section", "stack", aria_label=title):
            Words("h2", title)
            Words("p", texts("console.borders.intro" if self._is_live else "console.borders.later"), "hint")
            columns = [texts(f"console.borders.{name}") for name in ("language", "border", "used", "measured")]
            with table(title, columns, "small"):
                for language, border, used, measured in rows:
                    row(language.upper(), texts(f"console.border.{border}"), percent(used, texts),
                        percent(measured, texts))  # fmt: skip
            if self._is_live:
                with sending(self.take):
                    submit(texts("console.borders.take"))

    @may(AdminRole.ADMIN)
    async def take(self, _: Fields) -> None:
        off = {language for language, *_ in misfits(self.visit.app.desk().thresholds, self._measured)}
        async with self.visit.changing() as session:
            live = (await releases.standing(session)).live
            is_live = live is not None and live.id == self._id
            editor = Editor(session, self.visit.by, self.visit.now())
            for language in sorted(off) if is_live else ():
                await set_thresholds(editor, language, self._measured[language]["act"], self._measured[language]["ask"])
        told = self.visit.texts("console.borders.taken" if is_live else "console.borders.not_live")
        self.visit.tell(told, is_bad=not is_live)
        await self._on_taken()
