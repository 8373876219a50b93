"""Wishes that become a ticket, or a look-up, once the facts are known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers import questions
from handlers.messages import Reply, Turn


def collect(form: str) -> Callable[[Turn], Awaitable[Reply]]:
    async def collect_facts(turn: Turn) -> Reply:
        return await questions.go_on(turn, questions.start(turn, form))

    return collect_facts
