"""Right: the agents' desk, a card per ticket."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.sandbox.desk_card import DeskCard, DeskFrame
from bot.sandbox.elements import Words, box
from bot.sandbox.people_bar import PeopleBar, PersonEntry
from bot.sandbox.tickets import HistoryLine, TicketCard


class DeskPane:
    """Draws tickets, newest first; a card that did not change is left alone, and so is what is typed in it.

    `on_agent` is told the name of the agent one wants to be.
    """

    def __init__(self, frame: DeskFrame, on_agent: Callable[[str], None]) -> None:
        self._frame = frame
        self._cards: dict[int, DeskCard] = {}
        with box("section", "pane tickets", aria_label=frame.texts("demo.desk")):
            self._agents = PeopleBar(frame.texts("demo.desk"), frame.texts, on_agent)
            with box("div", "cards"):
                self._empty = Words("p", frame.texts("demo.no_tickets"), "hint")
                self._list = box("div", "card-list")

    def draw(
        self,
        agents: Sequence[PersonEntry],
        cards: Sequence[TicketCard],
        histories: Mapping[int, tuple[HistoryLine, ...]],
    ) -> None:
        self._agents.draw(agents)
        self._empty.set_visibility(not cards)
        for card in reversed(cards):
            if card.number not in self._cards:
                self._cards[card.number] = self._add(card.number)
            self._cards[card.number].draw(card, histories.get(card.number, ()))

    def _add(self, number: int) -> DeskCard:
        with self._list:
            drawn = DeskCard(number, self._frame)
        drawn.element.move(target_index=0)
        return drawn
