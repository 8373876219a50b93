"""Where others read along: whoever joins another customer's thread, and everybody in a group.

What may be known by all is answered there; what is somebody's own goes to a private chat.
"""

from __future__ import annotations

from dataclasses import replace

from handlers import handoff, readings
from handlers.bands import Band, band_of
from handlers.intents import may_be_told_in_public
from handlers.messages import Reply, Setting, Turn
from storage.conversations import Owner
from storage.customers import Customer
from storage.inbound import Outcome


async def answer(turn: Turn, *, for_human: bool, is_addressed: bool) -> Reply | None:
    """A question all may hear the answer to is answered, a call for a person in a thread heard. With people on the
    case, what is said goes to them. Words between others are left alone."""
    if turn.conversation.owner != Owner.BOT:
        return await handoff.relay(turn)
    is_thread = turn.conversation.setting == Setting.THREAD
    if for_human and is_thread:
        owner = await turn.session.get_one(Customer, turn.conversation.customer_id)
        return await handoff.to_queue(replace(turn, customer=owner), "asked")
    if turn.message.action:
        return Reply(turn.texts("public.not_yours"), outcome=Outcome.IGNORED)
    if not is_addressed:
        return None
    best = turn.parsed.best if turn.parsed else None
    if (
        turn.parsed and best and may_be_told_in_public(best.name, turn.desk.content, turn.now)
        and band_of(turn.parsed, turn.desk.thresholds) is Band.ACT
    ):  # fmt: skip
        return await readings.do(turn, best.name)
    return Reply(turn.texts("public.thread") if is_thread else turn.texts("public.group"))
