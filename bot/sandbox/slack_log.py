"""The messages of a Slack conversation, or of a thread in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from nicegui import ui

from bot.sandbox.elements import PressButton, Words, box
from bot.sandbox.keyed_list import KeyedList
from bot.sandbox.slack_deeds import On, SlackDeeds
from bot.sandbox.slack_hands import Hands
from bot.sandbox.slack_parts import draw_parts
from bot.sandbox.slack_post_tools import PostTools
from bot.sandbox.slack_view import FileChip, Post, Thread
from handlers.texts import Texts

MOST_FACES = 3


class SlackLog:
    """`colour_of(name)` picks the ground of an initial; `hands(on)` are for what stands in a message; `tools` is what
    can be done with one."""

    def __init__(
        self,
        texts: Texts,
        deeds: SlackDeeds,
        hands: Callable[[On], Hands],
        colour_of: Callable[[str], int],
        tools: Callable[[], PostTools],
    ) -> None:
        self._texts = texts
        self._deeds = deeds
        self._hands = hands
        self._colour_of = colour_of
        self._tools = tools
        self._log = box("div", "log", role="log", aria_live="polite", aria_label=texts("demo.log"))
        self._list = KeyedList[str, Post](self._log, self._make, self._fill)

    def draw(self, shown: Sequence[Post]) -> None:
        self._list.draw([(post.ts, post) for post in shown])

    def clear(self) -> None:
        self._list.clear()

    def _make(self, _: str) -> ui.element:
        return box("div")

    def _fill(self, element: ui.element, post: Post) -> None:
        marks = {"heading": post.heading, "event": post.is_event, "only-for-you": post.is_only_for_you}
        element.classes(replace=" ".join(["post", *(name for name, is_so in marks.items() if is_so)]))
        if post.day:
            with box("div", "slack-day"):
                Words("span", post.day)
        with box("div", "post-line"):
            self._draw_margin(post)
            with box("div", "post-body"):
                self._draw_heading(post)
                self._draw_words(post)
                self._draw_reactions(post)
                if post.thread is not None:
                    self._draw_thread(post.ts, post.thread)
            if not (post.is_gone or post.is_event or post.is_only_for_you):
                self._tools().draw(post)

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
            with box("p", "only-you"):
                ui.icon("visibility")
                Words("span", texts("demo.slack.only_you"))
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
        draw_parts(post.parts, self._hands(partial(self._deeds.message, post.ts)))
        for chip in post.files:
            self._draw_file(chip)
        if post.is_edited and not post.is_gone:
            Words("span", f"({texts('demo.edited')})", "edited")
        if post.is_only_for_you:
            PressButton(texts("demo.slack.dismiss"), partial(self._deeds.dismiss, post.ts), "link dismiss")

    def _draw_file(self, chip: FileChip) -> None:
        if chip.picture:
            box("img", "picture", src=self._deeds.picture(chip.picture), alt="")
        with box("span", "file-chip"):
            ui.icon("image" if chip.picture else "description")
            Words("span", chip.name)

    def _draw_reactions(self, post: Post) -> None:
        if not post.reactions:
            return
        with box("div", "reactions"):
            for one in post.reactions:
                react = partial(self._deeds.react, post.ts, one.name)
                button = PressButton(f"{one.glyph} {one.count}", react, "reaction", title=one.name)
                button.props["aria-pressed"] = "true" if one.is_mine else "false"

    def _draw_thread(self, ts: str, thread: Thread) -> None:
        texts = self._texts
        marks = "thread-link is-new" if thread.is_new else "thread-link"
        link = PressButton("", partial(self._deeds.open_thread, ts), marks)
        with link:
            for name in thread.writers[:MOST_FACES]:
                if name == self._deeds.app_name:
                    with box("span", "face bot-avatar", aria_hidden="true"):
                        ui.icon("support_agent")
                else:
                    Words("span", name[:1].upper(), f"face colour-{self._colour_of(name)}", aria_hidden="true")
            Words("span", texts.plural("demo.slack.replies", thread.replies), "replies")
            if thread.is_new:
                Words("span", texts("demo.slack.new"), "new")
            Words("span", texts("demo.slack.latest_reply", time=thread.latest), "latest")
