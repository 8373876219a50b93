"""Text objects and lengths: what is too long, empty or not there."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.slack.json_types import Json


def at(fault: str, pointer: str) -> str:
    return f"{fault} [json-pointer:{pointer}]"


def missing(field: str, pointer: str) -> str:
    return at(f"missing required field: {field}", pointer)


def too_long(owner: Json, field: str, most: int, pointer: str) -> Iterator[str]:
    if len(str(owner.get(field) or "")) > most:
        yield at(f"must be less than {most + 1} characters", f"{pointer}/{field}")


def too_many(owner: Json, field: str, most: int, pointer: str) -> Iterator[str]:
    """A list that has to be there, with one to `most` items."""
    items = owner.get(field)
    if not isinstance(items, list):
        yield missing(field, pointer)
    elif not items:
        yield at("no fewer than 1 items required", f"{pointer}/{field}")
    elif len(items) > most:
        yield at(f"no more than {most} items allowed", f"{pointer}/{field}")


def text_faults(text: object, pointer: str, most: int, *, plain_only: bool = False) -> Iterator[str]:
    """A text object of 1 to `most` characters; empty ones are refused."""
    if not isinstance(text, dict):
        owner, _, field = pointer.rpartition("/")
        yield missing(field, owner) if text is None else at("must provide an object", pointer)
        return
    allowed = {"plain_text"} if plain_only else {"plain_text", "mrkdwn"}
    if text.get("type") not in allowed:
        yield at(f"unsupported type: {text.get('type')}", f"{pointer}/type")
    words = text.get("text")
    if not isinstance(words, str):
        yield missing("text", pointer)
    elif not words:
        yield at("must be more than 0 characters", f"{pointer}/text")
    elif len(words) > most:
        yield at("failed to match all allowed schemas", pointer)
        yield at(f"must be less than {most + 1} characters", f"{pointer}/text")
