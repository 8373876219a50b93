"""One ticket on the agents' desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from nicegui import ui

from bot.sandbox.elements import MessageBox, PressButton, Words, box
from bot.sandbox.tickets import HistoryLine, TicketCard
from handlers.texts import Texts


class DeskActions(Protocol):
    """What the agent at the page can do; each says whether it was done."""

    async def take_over(self, number: int) -> bool: ...
    async def reply(self, number: int, text: str) -> bool: ...
    async def hand_back(self, number: int) -> bool: ...
    async def resolve(self, number: int) -> bool: ...


@dataclass(frozen=True)
class DeskFrame:
    """What all cards of an open page share. `drafts` are unsent replies and `unfolded` the cards whose history is
    open, both by ticket number; `show_chat(channel, chat_id)` shows the customer's side;
    `look_again` asks the page for fresh rows."""

    texts: Texts
    actions: DeskActions
    drafts: dict[int, str]
    unfolded: set[int]
    show_chat: Callable[[str, str], Awaitable[None]]
    look_again: Callable[[], None]


class DeskCard:
    """The facts are drawn anew when they change; buttons, the reply box and the history stay where they are."""

    def __init__(self, number: int, frame: DeskFrame) -> None:
        self._number = number
        self._frame = frame
        self._texts = texts = frame.texts
        self._card: TicketCard | None = None
        self._lines: tuple[HistoryLine, ...] = ()
        self._replying = bool(frame.drafts.get(number))
        with box("article", "card", aria_label=f"#{number}") as self.element:
            self._facts = box("div", "facts")
            self._draw_actions()
            with box("div", "reply") as self._reply_row:
                name = texts("demo.ticket.reply_to", number=number)
                self._box = MessageBox(name, texts, frame.drafts.get(number, ""), self._keep_draft, self._reply)
            self._draw_looks()
            self._history = box("ol", "history")

    def _draw_actions(self) -> None:
        texts, number = self._texts, self._number
        with box("div", "actions") as self._action_row:
            self._take = PressButton(texts("demo.ticket.take"), self._take_over, "button primary small")
            self._answer = PressButton(texts("demo.ticket.reply"), self._open_reply, "button small")
            self._back = PressButton(texts("demo.ticket.hand_back"), self._hand_back, "button small")
            self._settle = PressButton(texts("demo.ticket.resolve"), self._resolve, "button small")
        for button in (self._take, self._answer, self._back, self._settle):
            button.props["aria-label"] = f"{button.text} #{number}"

    def _draw_looks(self) -> None:
        texts, number = self._texts, self._number
        with box("div", "looks"):
            show = PressButton(texts("demo.ticket.show_chat"), self._show_chat, "link")
            self._fold = PressButton(texts("demo.ticket.history"), self._toggle_history, "link fold")
        for button in (show, self._fold):
            button.props["aria-label"] = f"{button.text} #{number}"

    def draw(self, card: TicketCard, lines: tuple[HistoryLine, ...]) -> None:
        if card != self._card:
            self._card = card
            self._draw_facts(card)
            self._take.set_visibility(card.can_take)
            self._back.set_visibility(card.can_hand_back)
            self._settle.set_visibility(card.can_resolve)
            self._action_row.set_visibility(card.can_resolve or card.can_hand_back)
            self._draw_reply(card)
        self._draw_fold()
        if lines != self._lines:
            self._lines = lines
            self._draw_history(lines)

    def _draw_facts(self, card: TicketCard) -> None:
        self._facts.clear()
        texts = self._texts
        with self._facts:
            with box("div", "card-head"):
                with box("h3", "card-title"):
                    Words("span", f"#{card.number}", "number")
                    Words("span", card.topic)
                Words("span", card.status_label, f"status {card.status}")
            with box("p", "meta"):
                Words("span", card.customer, "name")
                Words("span", card.language, "tag")
                Words("span", card.channel.capitalize(), "tag")
                if card.is_high:
                    Words("span", texts("demo.ticket.high"), "priority")
                Words("span", texts("demo.answers", who=card.owner))
            if card.due:
                Words("p", card.due, "due overdue" if card.is_overdue else "due")
            # Made by markup_html, which escapes every word.
            ui.html(card.summary_html, sanitize=False).classes("words summary")
            if card.missing:
                Words("p", texts("demo.ticket.missing", fields=card.missing), "missing")

    def _draw_reply(self, card: TicketCard) -> None:
        shown = card.can_reply and (self._replying or card.can_hand_back)
        self._reply_row.set_visibility(shown)
        self._answer.set_visibility(card.can_reply and not shown)

    def _draw_history(self, lines: tuple[HistoryLine, ...]) -> None:
        self._history.clear()
        with self._history:
            for line in lines:
                with box("li"):
                    Words("time", line.time)
                    Words("span", line.actor, "name")
                    Words("span", line.what)

    def _draw_fold(self) -> None:
        unfolded = self._number in self._frame.unfolded
        expanded = "true" if unfolded else "false"
        if self._fold.props.get("aria-expanded") != expanded:
            self._fold.props["aria-expanded"] = expanded
        self._history.set_visibility(unfolded)

    def _open_reply(self) -> None:
        self._replying = True
        if self._card:
            self._draw_reply(self._card)
        self._box.focus()

    async def _take_over(self) -> None:
        if await self._once(self._take, self._frame.actions.take_over):
            self._open_reply()

    async def _reply(self, text: str) -> bool:
        return await self._frame.actions.reply(self._number, text)

    async def _hand_back(self) -> None:
        self._replying = False
        await self._once(self._back, self._frame.actions.hand_back)

    async def _resolve(self) -> None:
        await self._once(self._settle, self._frame.actions.resolve)

    async def _once(self, button: PressButton, action: Callable[[int], Awaitable[bool]]) -> bool:
        """A second click that comes before the page has caught up does nothing; a refusal brings the button back."""
        if not button.visible:
            return False
        button.set_visibility(False)
        done = await action(self._number)
        button.set_visibility(not done)
        return done

    async def _show_chat(self) -> None:
        if self._card:
            await self._frame.show_chat(self._card.channel, self._card.chat_id)

    def _toggle_history(self) -> None:
        self._frame.unfolded.symmetric_difference_update({self._number})
        self._frame.look_again()

    def _keep_draft(self, text: str) -> None:
        self._frame.drafts[self._number] = text
