"""Slack names emoji (`:+1::skin-tone-2:`); people and our rules know them as characters."""

from __future__ import annotations

import re

GLYPHS = {
    "+1": "👍", "thumbsup": "👍", "-1": "👎", "thumbsdown": "👎", "ok_hand": "👌", "white_check_mark": "✅",
    "heavy_check_mark": "✔️", "ballot_box_with_check": "☑️", "x": "❌", "negative_squared_cross_mark": "❎",
    "no_entry": "⛔", "no_entry_sign": "🚫", "heart": "❤️", "broken_heart": "💔", "eyes": "👀", "tada": "🎉",
    "raised_hands": "🙌", "clap": "👏", "pray": "🙏", "wave": "👋", "muscle": "💪", "point_up": "☝️",
    "point_right": "👉", "point_left": "👈", "point_down": "👇", "raised_hand": "✋", "hand": "✋", "smile": "😄",
    "smiley": "😃", "grinning": "😀", "grin": "😁", "joy": "😂", "rolling_on_the_floor_laughing": "🤣", "blush": "😊",
    "slightly_smiling_face": "🙂", "upside_down_face": "🙃", "wink": "😉", "heart_eyes": "😍", "sunglasses": "😎",
    "thinking_face": "🤔", "neutral_face": "😐", "expressionless": "😑", "slightly_frowning_face": "🙁",
    "white_frowning_face": "☹️", "disappointed": "😞", "worried": "😟", "confused": "😕", "cry": "😢", "sob": "😭",
    "angry": "😠", "rage": "😡", "scream": "😱", "fearful": "😨", "sweat_smile": "😅", "face_palm": "🤦",
    "facepalm": "🤦", "shrug": "🤷", "star": "⭐", "fire": "🔥", "rocket": "🚀", "100": "💯", "warning": "⚠️",
    "rotating_light": "🚨", "question": "❓", "grey_question": "❔", "exclamation": "❗",
    "heavy_exclamation_mark": "❗", "bulb": "💡", "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "package": "📦",
    "truck": "🚚", "email": "✉️", "envelope": "✉️", "telephone_receiver": "📞", "iphone": "📱", "computer": "💻",
    "credit_card": "💳", "moneybag": "💰", "receipt": "🧾", "gift": "🎁", "shopping_trolley": "🛒", "house": "🏠",
    "calendar": "📆", "alarm_clock": "⏰", "lock": "🔒", "key": "🔑", "mag": "🔍", "link": "🔗", "paperclip": "📎",
    "one": "1️⃣", "two": "2️⃣", "three": "3️⃣", "four": "4️⃣", "five": "5️⃣",
}  # fmt: skip
_NAMED = re.compile(r":([a-z0-9_+'-]+):(?::skin-tone-\d:)?")


def glyph(name: str) -> str:
    """A reaction's name, which may carry a skin tone; what we do not know stays a name."""
    plain = name.partition("::")[0]
    return GLYPHS.get(plain, f":{plain}:")


def with_glyphs(text: str) -> str:
    return _NAMED.sub(lambda found: GLYPHS.get(found[1], found[0]), text)
