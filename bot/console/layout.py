"""What every page has around it: where one can go, who one is, the language, and a line for what came of something."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from bot.console import elements
from bot.console.elements import Press, Words, box, link, submit
from bot.console.guard import Handler, Visit
from bot.console.login import LOGOUT, OWN_PASSWORD, STYLES, seal
from handlers.texts import LANGUAGES
from storage.admins import Admin, AdminRole

SHOW_PLACE = "document.querySelector('.places [aria-current]')?.scrollIntoView({inline: 'center', block: 'nearest'})"


class NoticeBoard:
    """The line at the top of the page. It is there from the start, or what it says would not be read out."""

    def __init__(self) -> None:
        self._good = box("div", "board", role="status")
        self._bad = box("div", "board", role="alert")

    def tell(self, text: str, *, is_bad: bool = False, href: str = "", link: str = "") -> None:
        self._good.clear()
        self._bad.clear()
        with self._bad if is_bad else self._good, box("p", "notice bad" if is_bad else "notice"):
            Words("span", text)
            if href:
                elements.link(link, href)


def lay_out(visit: Visit, current: str, places: Sequence[tuple[str, str]]) -> ui.element:
    """The frame, around what is drawn inside `with` of what comes back. `places`: (address, name), `current` is one
    of those addresses."""
    texts = visit.texts
    link(texts("console.skip"), "#content", "skip")
    with box("div", "console"):
        with box("header", "top"):
            link("supportbot", "/console", "brand")
            _who(visit)
        with box("div", "body"):
            with box("nav", "places", aria_label=texts("console.nav.title")), box("ul"):
                for address, name in places:
                    with box("li"):
                        here = {"aria_current": "page"} if address == current else {}
                        link(name, address, "", **here)
            ui.run_javascript(SHOW_PLACE)
            with box("div", "page"):
                visit.board = NoticeBoard()
                return box("div", "content", id="content", tabindex="-1")


def _who(visit: Visit) -> None:
    texts = visit.texts
    with box("div", "languages", role="group", aria_label=texts("console.language")):
        for name in LANGUAGES:
            pressed = "true" if name == texts.language else "false"
            Press(name.upper(), _switch(visit, name), "language", aria_pressed=pressed)
    with box("div", "who"):
        link(visit.who.name, OWN_PASSWORD, "", title=texts("console.password.title"))
        Words("span", texts(f"console.role.{visit.who.role.value}"), "hint")
    with box("form", "out", method="post", action=LOGOUT):
        box("input", type="hidden", name="seal", value=seal(visit.console, visit.token_hash))
        submit(texts("console.logout"), "button small")


def _switch(visit: Visit, language: str) -> Handler:
    async def switch() -> None:
        async with visit.changing() as session:
            (await session.get_one(Admin, visit.who.id)).language = language
        ui.navigate.reload()

    return visit.may(AdminRole.VIEWER, switch)


def head(visit: Visit, title: str) -> None:
    """Into the document's head: the page's language and style, and its name in the tab."""
    ui.page_title(f"{title} – supportbot")
    ui.add_head_html(f'<link rel="stylesheet" href="{STYLES}">')
    ui.add_head_html(f'<script>document.documentElement.lang = "{visit.texts.language}"</script>')
