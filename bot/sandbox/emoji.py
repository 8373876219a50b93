"""Slack writes emoji as names. These are the ones a support desk meets; any other stays a name."""

from __future__ import annotations

import re

GLYPHS = {
    "+1": "👍", "-1": "👎", "thumbsup": "👍", "thumbsdown": "👎", "heart": "❤️", "eyes": "👀", "tada": "🎉",
    "white_check_mark": "✅", "heavy_check_mark": "✔️", "x": "❌", "wave": "👋", "pray": "🙏", "clap": "👏",
    "smile": "😄", "slightly_smiling_face": "🙂", "slightly_frowning_face": "🙁", "disappointed": "😞", "cry": "😢",
    "angry": "😠", "neutral_face": "😐", "thinking_face": "🤔", "star": "⭐", "fire": "🔥", "rocket": "🚀",
    "warning": "⚠️", "rotating_light": "🚨", "information_source": "ℹ️", "question": "❓", "bulb": "💡",
    "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "clock3": "🕒", "alarm_clock": "⏰", "calendar": "📆",
    "ticket": "🎫", "package": "📦", "truck": "🚚", "email": "✉️", "envelope": "✉️", "telephone_receiver": "📞",
    "paperclip": "📎", "pushpin": "📌", "memo": "📝", "lock": "🔒", "link": "🔗", "key": "🔑", "house": "🏠",
    "bust_in_silhouette": "👤", "speech_balloon": "💬", "robot_face": "🤖", "mag": "🔍", "gear": "⚙️", "bell": "🔔",
    "red_circle": "🔴", "large_yellow_circle": "🟡", "large_green_circle": "🟢", "large_blue_circle": "🔵",
    "white_circle": "⚪", "thermometer": "🌡️", "no_entry_sign": "🚫", "zzz": "💤", "outbox_tray": "📤",
    "grey_question": "❔", "bar_chart": "📊", "busts_in_silhouette": "👥", "arrow_right": "➡️",
    "leftwards_arrow_with_hook": "↩️", "one": "1️⃣", "two": "2️⃣", "three": "3️⃣", "four": "4️⃣", "five": "5️⃣",
}  # fmt: skip
_NAME = re.compile(r":([a-z0-9_+'-]+)(?:::skin-tone-\d)?:")


def glyph(name: str) -> str:
    """A reaction by its name, which may carry a skin tone."""
    return GLYPHS.get(name.partition("::")[0], f":{name}:")


def with_emoji(text: str) -> str:
    return _NAME.sub(lambda match: GLYPHS.get(match[1], match[0]), text)
