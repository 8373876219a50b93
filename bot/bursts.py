"""Which of the waiting events make one turn."""

from __future__ import annotations

from dataclasses import dataclass, replace

from handlers.bursts import Burst
from handlers.messages import IncomingMessage, Kind
from storage.inbound import InboundEvent


@dataclass(frozen=True)
class Gathered:
    """A turn and how many waiting events it takes off the lane."""

    burst: Burst
    events: int


def gather(events: list[InboundEvent]) -> Gathered:
    """One person's texts and pictures one after the other are one turn (R6), read as edited meanwhile; a pressed
    button, and what else is done to a chat, is a turn of its own."""
    messages = [IncomingMessage.from_payload(event.payload) for event in events if "unreadable" not in event.payload]
    first = messages[0]
    turn = [first]
    count = 1
    if first.kind is Kind.SAID and not first.action:
        for following in messages[1:]:
            if following.sender_id != first.sender_id or following.action:
                break
            if following.kind is Kind.SAID:
                turn.append(following)
            elif not _applied(turn, following):
                break
            count += 1
    return Gathered(Burst(tuple(turn), events[0].correlation_id), count)


def _applied(turn: list[IncomingMessage], change: IncomingMessage) -> bool:
    """An edit of something in this very turn changes it there, before it is read."""
    for index, message in enumerate(turn):
        if change.kind is Kind.EDITED and message.about == change.about is not None:
            turn[index] = replace(message, text=change.text, attachments=change.attachments or message.attachments)
            return True
    return False
