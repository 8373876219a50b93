"""A thread, open beside its channel."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.elements import IconButton, Words, box, scroll_down
from bot.sandbox.page_state import SlackState, Spot
from bot.sandbox.slack_composer import Composer
from bot.sandbox.slack_deeds import On, SlackDeeds
from bot.sandbox.slack_hands import Hands
from bot.sandbox.slack_log import SlackLog
from bot.sandbox.slack_post_tools import PostTools
from bot.sandbox.slack_view import Post, said_to, thread_posts
from handlers.texts import Texts


class SlackThread:
    """Draws the thread that the chosen person has open; `on_closed` is called when they have closed it."""

    def __init__(
        self,
        texts: Texts,
        deeds: SlackDeeds,
        state: SlackState,
        hands: Callable[[On], Hands],
        colour_of: Callable[[str], int],
        on_closed: Callable[[], None],
    ) -> None:
        self._texts = texts
        self._deeds = deeds
        self._state = state
        self._on_closed = on_closed
        self._shown_at: Spot | None = None
        with box("aside", "slack-thread", aria_label=texts("demo.slack.thread")) as self.element:
            with box("header", "thread-head"):
                Words("h3", texts("demo.slack.thread"))
                self._where = Words("p", "", "hint")
                IconButton("close", texts("demo.slack.close_thread"), self._close)
            with box("div", "scroller", tabindex="0", role="region", aria_label=texts("demo.log")) as self._scroller:
                self._log = SlackLog(texts, deeds, hands, colour_of, self._tools)
            self._composer = Composer(texts, deeds, state, self._thread, lambda: scroll_down(self._scroller))
        self.element.set_visibility(False)

    def draw(self) -> None:
        ts, channel = self._deeds.thread, self._deeds.channel
        look = self._deeds.look
        shown = thread_posts(look, channel, ts) if ts else []
        self.element.set_visibility(bool(shown))
        if not shown:
            self._shown_at = None
            self._log.clear()
            return
        look.marks.mark(look.viewer.id, (channel.id, ts), said_to(look.space, channel, look.viewer, ts))
        if self._shown_at != self._deeds.spot(ts):
            self._shown_at = self._deeds.spot(ts)
            self._log.clear()
            self._where.text = f"#{channel.name}" if channel.name else self._deeds.app_name
            self._composer.turn_to(self._texts("demo.slack.reply_to"), with_mention=bool(channel.name))
        self._log.draw(shown)
        self._composer.draw()
        if self._state.just_opened == ts:
            self._state.just_opened = ""
            self._composer.focus()

    async def _close(self) -> None:
        await self._deeds.close_thread()
        self._on_closed()

    def _tools(self) -> PostTools:
        return PostTools(self._texts, self._deeds, self._deeds.thread, self._edit)

    def _thread(self) -> str:
        return self._deeds.thread

    def _edit(self, post: Post, _thread: str) -> None:
        self._composer.edit(post.ts, post.written)
