"""Where one writes in Slack: in a channel, in direct messages, in a thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.sandbox.compose_note import ComposeNote
from bot.sandbox.elements import IconButton, MenuButton, MessageBox, box
from bot.sandbox.page_state import SlackState
from bot.sandbox.slack_deeds import SlackDeeds
from handlers.texts import Texts


class Composer:
    """`thread()` is the `ts` of the thread it belongs to, empty for the channel itself; `on_sent` is called once
    something was taken."""

    def __init__(
        self,
        texts: Texts,
        deeds: SlackDeeds,
        state: SlackState,
        thread: Callable[[], str],
        on_sent: Callable[[], None],
    ) -> None:
        self._texts = texts
        self._deeds = deeds
        self._state = state
        self._thread = thread
        self._on_sent = on_sent
        with box("footer", "slack-foot"):
            self._note = ComposeNote(texts, self._stop_editing)
            self._box = MessageBox(
                texts("demo.message"), texts, "", self._keep, self._write, self._draw_before_words
            )  # fmt: skip

    def _draw_before_words(self) -> None:
        texts = self._texts
        MenuButton(
            "attach_file",
            texts("demo.attach"),
            [
                ("image", texts("demo.send.photo"), lambda: self._deeds.upload("photo", self._thread())),
                ("description", texts("demo.send.document"), lambda: self._deeds.upload("document", self._thread())),
            ],
        )
        self._shortcuts = MenuButton(
            "bolt",
            texts("demo.slack.shortcuts"),
            [
                ("bolt", one.name, partial(self._deeds.use_global_shortcut, one.callback_id))
                for one in self._deeds.global_shortcuts
            ],
        )
        mention = texts("demo.slack.mention", name=self._deeds.app_name)
        self._mention = IconButton("alternate_email", mention, self._add_mention)

    def turn_to(self, name: str, *, with_mention: bool) -> None:
        """To another place: its draft, its name."""
        self._box.show(self._state.drafts.get(self._deeds.spot(self._thread()), ""))
        self._box.name(name, name)
        self._mention.set_visibility(with_mention)
        self._shortcuts.set_visibility(bool(self._deeds.global_shortcuts) and not self._thread())

    def draw(self) -> None:
        """Whether something is being edited; what somebody has deleted is not any more."""
        edited = self._deeds.edited(self._thread())
        if edited:
            try:
                self._deeds.message(edited)
            except LookupError:
                self._deeds.stop_editing(self._thread())
                edited = ""
        self._note.show(self._texts("demo.editing") if edited else "")

    def edit(self, ts: str, written: str) -> None:
        self._deeds.edit(ts, self._thread())
        self._keep(written)
        self._box.show(written)
        self.draw()
        self._box.focus()

    def focus(self) -> None:
        self._box.focus()

    def _stop_editing(self) -> None:
        self._deeds.stop_editing(self._thread())
        self._keep("")
        self._box.show("")
        self.draw()

    def _add_mention(self) -> None:
        draft = self._state.drafts.get(self._deeds.spot(self._thread()), "")
        name = f"@{self._deeds.app_name} "
        if not draft.startswith(name):
            self._keep(name + draft)
            self._box.show(name + draft)
        self._box.focus()

    async def _write(self, text: str) -> bool:
        done = await self._deeds.write(text, self._thread())
        if done:
            self._on_sent()
        return done

    def _keep(self, text: str) -> None:
        self._state.drafts[self._deeds.spot(self._thread())] = text
