"""What can be done with a message: it stands over it while the mouse or the keyboard is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nicegui import ui

from bot.sandbox.elements import IconButton, PressButton, Words, box
from bot.sandbox.emoji import glyph
from bot.sandbox.slack_deeds import SlackDeeds
from bot.sandbox.slack_view import Post
from handlers.texts import Texts

EMOJI = ("eyes", "white_check_mark", "leftwards_arrow_with_hook", "robot_face", "rotating_light", "+1")


class PostTools:
    """`thread`: where it stands, empty in the channel; `on_edit(post, thread)` begins an edit."""

    def __init__(self, texts: Texts, deeds: SlackDeeds, thread: str, on_edit: Callable[[Post, str], None]) -> None:
        self._texts = texts
        self._deeds = deeds
        self._thread = thread
        self._on_edit = on_edit

    def draw(self, post: Post) -> None:
        """Menus are made when they are opened: most never are."""
        texts = self._texts
        with box("div", "tools"):
            react = IconButton("add_reaction", texts("demo.slack.react"), lambda: self._open(react, self._emoji, post))
            if not self._thread:
                IconButton("chat_bubble_outline", texts("demo.slack.reply"), partial(self._deeds.open_thread, post.ts))
            if post.is_mine or self._deeds.shortcuts:
                more = IconButton("more_vert", texts("demo.slack.more"), lambda: self._open(more, self._more, post))
                more.props["aria-haspopup"] = "menu"
            react.props["aria-haspopup"] = "menu"

    def _open(self, button: ui.element, draw: Callable[[Post], None], post: Post) -> None:
        menus = [one for one in button.descendants() if isinstance(one, ui.menu)]
        if menus:
            menus[0].open()
            return
        with button, ui.menu().classes("menu").props("no-parent-event auto-close") as menu:
            draw(post)
        menu.open()

    def _emoji(self, post: Post) -> None:
        with box("div", "emoji-row"):
            for name in EMOJI:
                label = self._texts("demo.react", emoji=glyph(name))
                PressButton(
                    glyph(name), partial(self._deeds.react, post.ts, name), "emoji", aria_label=label, title=label
                )

    def _more(self, post: Post) -> None:
        texts, deeds = self._texts, self._deeds
        for shortcut in deeds.shortcuts:
            self._item("bolt", shortcut.name, partial(deeds.use_shortcut, post.ts, shortcut.callback_id))
        if post.is_mine:
            if deeds.shortcuts:
                ui.separator()
            self._item("edit", texts("demo.edit"), partial(self._on_edit, post, self._thread))
            self._item("delete", texts("demo.delete"), partial(deeds.remove, post.ts))

    def _item(self, icon: str, label: str, deed: Callable[[], object]) -> None:
        with ui.menu_item(on_click=deed).classes("menu-item"):
            ui.icon(icon)
            Words("span", label)
