"""The card that tells the desk that customers write what the model does not know."""

from __future__ import annotations

from bot.channels.slack.blocks import escape
from bot.desk import blocks
from bot.desk.blocks import Block
from bot.desk.wording import Wording
from storage.audits import DriftDay


def card(day: DriftDay, wording: Wording) -> tuple[str, list[Block]]:
    texts = wording.texts
    percent = round(100 * day.fallbacks / day.messages) if day.messages else 0
    text = texts("desk.drift.head", language=day.language.upper(), percent=percent, count=day.messages, day=day.day)
    topics = [f"• {escape(line)}" for line in day.topics.splitlines()]
    told = "\n".join([texts("desk.drift.topics"), *topics]) if topics else ""
    return text, [blocks.section(f":compass: {text}"), *blocks.context(told, texts("desk.drift.what_now"))]
