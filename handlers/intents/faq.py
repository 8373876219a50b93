"""Questions with an editable answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers import handoff
from handlers.answers import answer, is_expired
from handlers.messages import Reply, Turn


def tell(key: str) -> Callable[[Turn], Awaitable[Reply]]:
    async def tell_answer(turn: Turn) -> Reply:
        if is_expired(turn.desk.content, key, turn.now):
            return await expired(turn, key)
        return answer(turn, key)

    return tell_answer


async def expired(turn: Turn, key: str) -> Reply:
    """What may be wrong by now is not said: a person answers (R65)."""
    return await handoff.to_queue(turn, "answer_expired", category=key, text="handoff.answer_expired")


async def unanswered(turn: Turn) -> Reply:
    """An intent that an admin has made and nobody has written an answer for yet."""
    return await handoff.to_queue(turn, "no_answer")
