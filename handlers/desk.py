"""What every turn may use and nobody changes while it runs."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.bands import Thresholds
from handlers.content import Content
from handlers.texts import Catalogue


@dataclass(frozen=True)
class Desk:
    """`has_orders`: the shop's system is connected. `default_language` is used where nothing tells the customer's.
    `desk_channel`: the Slack channel in which agents are told of tickets, unless `content.desk` names another for
    them; None: there is no desk in Slack."""

    content: Content
    catalogue: Catalogue
    thresholds: Thresholds
    has_orders: bool = False
    default_language: str = "pl"
    messages_per_minute: int = 20
    desk_channel: str | None = None
