"""A text with its entities. Offsets and lengths count UTF-16 units: https://core.telegram.org/bots/api#messageentity"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.refusal import bad_request

MOST_ENTITIES = 100
_FOUND = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"]+[^\s<>\".,;:!?)])"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w@/])(?P<mention>@[A-Za-z]\w{3,31})"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/])"
    r"|(?<!\w)(?P<hashtag>#\w*[^\W\d_]\w*)"
    r"|(?<![\w+])(?P<phone_number>\+\d{10,15})\b",
)


@dataclass(frozen=True)
class FormattedText:
    text: str = ""
    entities: tuple[Json, ...] = ()


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def byte_offset(text: str, position: int) -> int:
    """Refusals name the place in bytes of UTF-8."""
    return len(text[:position].encode("utf-8", "surrogatepass"))


def parse_error(words: str) -> Exception:
    return bad_request(f"can't parse entities: {words}")


def ordered(entities: list[Json]) -> tuple[Json, ...]:
    """Outer ones first; of more than a hundred the rest is dropped without a word."""
    by_place = sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
    return tuple(by_place[:MOST_ENTITIES])


def trimmed(given: FormattedText) -> FormattedText:
    """White space at both ends goes; entities move along and those that held nothing else go, too."""
    left = len(given.text) - len(given.text.lstrip())
    text = given.text.strip()
    shift, most = utf16_length(given.text[:left]), utf16_length(text)
    kept: list[Json] = []
    for entity in given.entities:
        begin = min(max(entity["offset"] - shift, 0), most)
        end = min(max(entity["offset"] + entity["length"] - shift, 0), most)
        if end > begin:
            kept.append(entity | {"offset": begin, "length": end - begin})
    return FormattedText(text, tuple(kept))


def with_found(given: FormattedText) -> FormattedText:
    """Adds what the server finds by itself: links, addresses, commands. Never inside code or links of the writer's."""
    closed = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in given.entities
        if entity["type"] in {"code", "pre", "text_link", "text_mention"}
    ]
    found: list[Json] = list(given.entities)
    for match in _FOUND.finditer(given.text):
        begin = utf16_length(given.text[: match.start()])
        end = begin + utf16_length(match.group())
        if all(end <= first or begin >= last for first, last in closed):
            found.append({"offset": begin, "length": end - begin, "type": match.lastgroup})
    return FormattedText(given.text, ordered(found))


def checked_link(url: str) -> str:
    """The link as Telegram keeps it, or nothing: what it does not take for a link becomes plain text."""
    whole = url if re.match(r"[a-z][a-z0-9+.-]*:", url, re.IGNORECASE) else f"http://{url}"
    try:
        parts = urlsplit(whole)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme in {"tg", "ton", "tonsite"}:
        return whole
    if parts.scheme not in {"http", "https"} or "." not in host or re.search(r"\s", host):
        return ""
    return whole if parts.path or parts.query or parts.fragment else f"{whole}/"


def link_entity(url: str) -> Json | None:
    """`tg://user?id=…` is a mention, anything else a link; None when it is neither."""
    parts = urlsplit(url) if url.startswith("tg://user") else None
    number = parse_qs(parts.query).get("id", [""])[0] if parts else ""
    if number.isdigit():
        return {"type": "text_mention", "user_id": int(number)}
    link = checked_link(url)
    return {"type": "text_link", "url": link} if link else None
