"""Questions with an editable answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers.answers import answer
from handlers.messages import Reply, Turn


def tell(key: str) -> Callable[[Turn], Awaitable[Reply]]:
    async def tell_answer(turn: Turn) -> Reply:
        return answer(turn, key)

    return tell_answer
