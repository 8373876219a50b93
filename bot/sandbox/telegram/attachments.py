"""How a file stands in a message: https://core.telegram.org/bots/api#available-types"""

from __future__ import annotations

from bot.sandbox.telegram.files import Files, StoredFile
from bot.sandbox.telegram.json_types import Json

SIDES = {"width": 512, "height": 512}


def attached(files: Files, stored: StoredFile, kind: str, seconds: int = 3) -> Json:
    """The part of a message's content that holds a file. Photos come in sizes, the largest last."""
    told = stored.json()
    named = {"file_name": stored.name, "mime_type": stored.mime}
    if kind == "photo":
        small = files.store("photo", f"small_{stored.name}", stored.content[: len(stored.content) // 3], stored.mime)
        return {"photo": [small.json() | {"width": 90, "height": 67}, told | {"width": 1280, "height": 960}]}
    if kind == "sticker":
        shape = {"type": "regular", "is_animated": False, "is_video": False, "emoji": "👍"}
        return {"sticker": told | SIDES | shape}
    if kind == "voice":
        return {"voice": told | {"duration": seconds, "mime_type": "audio/ogg"}}
    if kind == "video_note":
        return {"video_note": told | {"length": 240, "duration": seconds}}
    if kind in {"video", "animation"}:
        moving = {kind: told | SIDES | {"duration": seconds} | named}
        return moving | ({"document": told | named} if kind == "animation" else {})
    if kind == "audio":
        return {"audio": told | {"duration": seconds} | named}
    return {"document": told | named}
