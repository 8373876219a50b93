"""Settings: the files that say how the desk works, checked as they are read, with the mistake at its line."""

from __future__ import annotations

import asyncio
import json
from difflib import unified_diff
from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from bot.console import setting_files
from bot.console.elements import Fields, Press, Words, area, box, first, head, link, sending
from bot.console.guard import Visit, may
from bot.console.mistakes import told
from bot.console.moments import moment
from bot.console.setting_files import NAMES, CannotWrite, FileChanged, Mistake, SettingFile
from storage import setting_history
from storage.admins import AdminRole
from storage.setting_history import SettingEdit

PATH = "/console/settings"
EDITS_SHOWN = 20
MARK_LINE = """const area = getHtmlElement(%d), lines = area.value.split('\\n');
const start = lines.slice(0, %d - 1).join('\\n').length + (%d > 1 ? 1 : 0);
area.focus(); area.setSelectionRange(start, start + (lines[%d - 1] || '').length);
area.scrollTop = Math.max(0, (%d - 4) * area.scrollHeight / lines.length);"""


async def build(visit: Visit) -> None:
    texts = visit.texts
    name = visit.query.get("file", NAMES[0])
    name = name if name in NAMES else NAMES[0]
    head(texts("console.nav.settings"), texts("console.settings.intro"))
    with box("nav", "views", aria_label=texts("console.settings.files")):
        for one in NAMES:
            here = {"aria_current": "true"} if one == name else {}
            with link("", f"{PATH}?{urlencode({'file': one})}", "view", **here):
                Words("span", texts(f"console.settings.{one.removesuffix('.yml')}"))
    page = SettingsPage(visit, await asyncio.to_thread(setting_files.read_file, visit.app.settings.content_dir, name))
    await page.draw()


class SettingsPage:
    def __init__(self, visit: Visit, file: SettingFile) -> None:
        self.visit = visit
        self._file = file
        self._folder = visit.app.settings.content_dir

    async def draw(self) -> None:
        texts, file = self.visit.texts, self._file
        Words("h2", file.name)
        if not file.is_writable:
            Words("p", texts("console.settings.read_only", folder=str(self._folder)), "notice bad")
        with sending(self.sent, "form wide"):
            label = texts("console.settings.text", file=file.name)
            self._area = area("text", label, file.text, rows=24, spellcheck="false", wrap="off", class_="code")
            self._mistake = box("div", "mistake", role="alert")
            with box("div", "tools"):
                if file.is_writable:
                    Words("button", texts("console.save"), "button main", type="submit", name="do", value="save")
                Words("button", texts("console.settings.check"), "button", type="submit", name="do", value="check")
        self._history = box("section", "history", aria_label=texts("console.settings.history"))
        await self._draw_history()

    @may(AdminRole.ADMIN)
    async def sent(self, fields: Fields) -> None:
        """Checks it; saves it where that is asked for and nothing is wrong."""
        texts, name = self.visit.texts, self._file.name
        text = setting_files.tidy(str(next(iter(fields.get("text", ())), ""))[: setting_files.MOST_CHARACTERS])
        zone = self.visit.app.settings.timezone
        mistake = await asyncio.to_thread(setting_files.mistake_in, self._folder, name, text, zone)
        self._show(mistake)
        if mistake is not None:
            self.visit.tell(texts("console.settings.wrong"), is_bad=True)
        elif first(fields, "do") != "save":
            self.visit.tell(texts("console.settings.right"))
        elif text == self._file.text:
            self.visit.tell(texts("console.settings.same"))
        else:
            await self._save(text)

    async def _save(self, text: str) -> None:
        texts, before = self.visit.texts, self._file
        try:
            async with self.visit.changing() as session:
                keep = partial(setting_history.keep, session, before.name, self.visit.by)
                now = self.visit.now()
                self._file = await setting_files.write_file(
                    self._folder, before.name, text, before.mark, lambda file: keep(file.text, text, now)
                )
        except FileChanged as changed:
            self._show_other(changed.now)
            self.visit.tell(texts("console.settings.changed"), is_bad=True)
        except CannotWrite as error:
            self.visit.tell(texts("console.settings.cannot_write", reason=str(error)), is_bad=True)
        else:
            self.visit.tell(texts("console.settings.saved"))
            await self._draw_history()

    def _show(self, mistake: Mistake | None) -> None:
        texts = self.visit.texts
        self._mistake.clear()
        self._area.props["aria-invalid"] = "true" if mistake else "false"
        if mistake is None:
            return
        place = texts("console.settings.line", line=mistake.line)
        if mistake.file is not None:
            place = texts("console.settings.elsewhere", file=mistake.file, line=mistake.line)
        with self._mistake:
            Words("p", f"{place}: {told(mistake, texts)}", "notice bad")
        if mistake.file is None:
            line = mistake.line
            ui.run_javascript(MARK_LINE % (self._area.id, line, line, line, line))

    def _show_other(self, now: SettingFile) -> None:
        """What somebody else changed meanwhile; what was typed stays, and the next save is on top of theirs."""
        texts = self.visit.texts
        before, self._file = self._file, now
        self._mistake.clear()
        with self._mistake:
            Words("p", texts("console.settings.others"), "notice bad")
            Words("pre", _difference(before.text, now.text), "difference")

    async def _draw_history(self) -> None:
        texts = self.visit.texts
        async with self.visit.database.reading() as session:
            edits = await setting_history.edits_of(session, self._file.name, EDITS_SHOWN)
        self._history.clear()
        with self._history:
            Words("h2", texts("console.settings.history"))
            if not edits:
                Words("p", texts("console.settings.never"), "hint")
            for edit in edits:
                self._draw_edit(edit)

    def _draw_edit(self, edit: SettingEdit) -> None:
        with box("details"):
            Words("summary", f"{moment(edit.at, self.visit)} · {edit.by.removeprefix('admin:')}")
            Words("pre", _difference(edit.before, edit.after), "difference", tabindex="0")
            Press(self.visit.texts("console.settings.take_back"), partial(self.take_back, edit.before), "button small")

    @may(AdminRole.ADMIN)
    async def take_back(self, text: str) -> None:
        """Puts an earlier version into the field; it counts once it is saved."""
        ui.run_javascript(f"getHtmlElement({self._area.id}).value = {json.dumps(text)}")
        self.visit.tell(self.visit.texts("console.settings.taken_back"))


def _difference(before: str, after: str) -> str:
    lines = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))
    return "\n".join(lines[2:])
