"""What every turn may use and nobody changes while it runs."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.bands import Thresholds
from handlers.content import Content
from handlers.texts import Catalogue


@dataclass(frozen=True)
class Desk:
    """`has_orders`: the shop's system is connected. `default_language` is used where nothing tells the customer's."""

    content: Content
    catalogue: Catalogue
    thresholds: Thresholds
    has_orders: bool = False
    default_language: str = "pl"
    messages_per_minute: int = 20
