"""The messages of a Slack conversation, replies under their parent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from nicegui import ui

from bot.sandbox.elements import IconButton, PressButton, Words, box
from bot.sandbox.keyed_list import KeyedList
from bot.sandbox.page_state import Aim
from bot.sandbox.slack.screen import Pressable
from bot.sandbox.slack_deeds import SlackDeeds
from bot.sandbox.slack_parts import draw_parts
from bot.sandbox.slack_view import Post
from handlers.texts import Texts


class SlackLog:
    """Draws posts; `on_aim(aim, post)` begins an edit or a reply, `colour_of(name)` picks the ground of an initial."""

    def __init__(
        self, texts: Texts, deeds: SlackDeeds, on_aim: Callable[[Aim, Post], None], colour_of: Callable[[str], int]
    ) -> None:
        self._texts = texts
        self._deeds = deeds
        self._on_aim = on_aim
        self._colour_of = colour_of
        self._log = box("div", "log", role="log", aria_live="polite", aria_label=texts("demo.log"))
        self._list = KeyedList[str, Post](self._log, self._make, self._fill)

    def draw(self, shown: Sequence[Post]) -> None:
        self._list.draw([(post.ts, post) for post in shown])

    def clear(self) -> None:
        self._list.clear()

    def _make(self, _: str) -> ui.element:
        return box("div")

    def _fill(self, element: ui.element, post: Post) -> None:
        marks = ["post"] + [
            name
            for name, is_so in (("in-thread", post.is_reply), ("heading", post.heading), ("event", post.is_event))
            if is_so
        ]
        element.classes(replace=" ".join(marks))
        if post.day:
            with box("div", "slack-day"):
                Words("span", post.day)
        with box("div", "post-line"):
            self._draw_margin(post)
            with box("div", "post-body"):
                self._draw_heading(post)
                self._draw_words(post)
                self._draw_reactions(post)
            if not (post.is_gone or post.is_event or post.is_only_for_you):
                self._draw_tools(post)

    def _draw_margin(self, post: Post) -> None:
        """The author's picture, or where they go on the time."""
        if not post.heading:
            Words("time", post.time, "margin-time")
        elif post.is_gone:
            with box("span", "avatar square gone-avatar"):
                ui.icon("delete_outline")
        elif post.is_bot:
            with box("span", "avatar square bot-avatar", aria_hidden="true"):
                ui.icon("support_agent")
        else:
            colour = self._colour_of(post.author)
            Words("span", post.author[:1].upper(), f"avatar square colour-{colour}", aria_hidden="true")

    def _draw_heading(self, post: Post) -> None:
        texts = self._texts
        if post.is_only_for_you:
            Words("p", texts("demo.slack.only_you"), "only-you")
        if not post.heading or post.is_gone:
            return
        with box("p", "post-head"):
            Words("span", post.author, "name")
            if post.is_bot:
                Words("span", texts("demo.slack.app"), "tag")
            Words("time", post.time)

    def _draw_words(self, post: Post) -> None:
        texts = self._texts
        if post.is_gone:
            Words("p", texts("demo.slack.removed"), "gone")
        draw_parts(post.parts, partial(self._press, post.ts))
        for name in post.files:
            with box("span", "file-chip"):
                ui.icon("description")
                Words("span", name)
        if post.is_edited and not post.is_gone:
            Words("span", f"({texts('demo.edited')})", "edited")

    async def _press(self, ts: str, one: Pressable, given: str | None) -> None:
        await self._deeds.press(partial(self._deeds.message, ts), one, given)

    def _draw_reactions(self, post: Post) -> None:
        if not post.reactions:
            return
        with box("div", "reactions"):
            for one in post.reactions:
                button = PressButton(
                    f"{one.glyph} {one.count}", partial(self._deeds.react, post.ts, one), "reaction", title=one.name
                )
                button.props["aria-pressed"] = "true" if one.is_mine else "false"

    def _draw_tools(self, post: Post) -> None:
        texts, deeds = self._texts, self._deeds
        with box("div", "tools"):
            IconButton("thumb_up_off_alt", texts("demo.react", emoji="👍"), partial(deeds.react, post.ts))
            IconButton("chat_bubble_outline", texts("demo.slack.reply"), partial(self._on_aim, Aim.THREAD, post))
            if post.is_mine:
                IconButton("edit", texts("demo.edit"), partial(self._on_aim, Aim.EDIT, post))
                IconButton("delete", texts("demo.delete"), partial(deeds.remove, post.ts))
