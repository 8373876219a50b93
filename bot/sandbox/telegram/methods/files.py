"""Messages with files, and the way to a file's bytes: https://core.telegram.org/bots/api#sending-files"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.telegram.arguments import Arguments, Upload
from bot.sandbox.telegram.attachments import attached
from bot.sandbox.telegram.files import MOST_PHOTO, MOST_UPLOADED, StoredFile
from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.messages import caption_content
from bot.sandbox.telegram.methods.call import Call, Method
from bot.sandbox.telegram.methods.sending import post
from bot.sandbox.telegram.methods.texts import read_caption
from bot.sandbox.telegram.refusal import Refused, bad_request

ALBUM_KINDS = frozenset({"photo", "video", "document", "audio"})


def sender(kind: str) -> Method:
    """`sendPhoto`, `sendDocument` and so on."""

    async def send(call: Call) -> Json:
        if kind not in call.arguments:
            raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
        stored = _file(call, kind, call.arguments.text(kind), call.arguments.uploads.get(kind))
        caption = caption_content(read_caption(call.arguments))
        return post(call, attached(call.world.files, stored, kind) | caption)[0].json()

    return send


async def send_media_group(call: Call) -> list[Json]:
    """An album: two to ten, each a message of its own with the same `media_group_id`."""
    media: Any = call.arguments.loaded("media", "media")
    if not isinstance(media, list) or not all(isinstance(one, dict) for one in media):
        raise bad_request("can't parse media JSON object")
    # The words of the next two refusals are not confirmed; that 2 to 10 are taken is documented.
    if len(media) < 2:
        raise bad_request("there are no messages to send")
    if len(media) > 10:
        raise bad_request("too many messages to send as an album")
    contents = [_album_item(call, item) for item in media]
    posted = post(call, *contents, album=str(call.world.number()))
    return [message.json() for message in posted]


def _album_item(call: Call, item: Json) -> Json:
    kind = str(item.get("type"))
    if kind not in ALBUM_KINDS:
        raise bad_request(f'can\'t parse InputMedia: type "{kind}" is unsupported in an album')
    stored = _file(call, kind, str(item.get("media", "")), None)
    texts = {name: str(item[name]) for name in ("caption", "parse_mode") if item.get(name)}
    return attached(call.world.files, stored, kind) | caption_content(read_caption(Arguments(texts)))


def _file(call: Call, kind: str, value: str, upload: Upload | None) -> StoredFile:
    """An upload, `attach://` one of the same request, or a file id. Nothing is fetched from URLs."""
    if value.startswith("attach://"):
        upload = call.arguments.uploads.get(value.removeprefix("attach://"))
    if upload is not None:
        return _stored(call, kind, upload)
    if "://" in value:
        raise bad_request("failed to get HTTP URL content")
    found = call.world.files.by_id.get(value)
    if found is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return found


def _stored(call: Call, kind: str, upload: Upload) -> StoredFile:
    if len(upload.content) > MOST_UPLOADED:
        raise Refused(413, "Request Entity Too Large")
    if not upload.content:
        raise bad_request("file must be non-empty")
    if kind == "photo" and len(upload.content) > MOST_PHOTO:
        raise bad_request("file is too big")
    return call.world.files.store(kind, upload.name, upload.content, upload.mime)


async def get_file(call: Call) -> Json:
    return call.world.files.way(call.arguments.text("file_id"))


_KINDS = ("photo", "document", "voice", "video", "video_note", "audio", "animation", "sticker")
_SENDERS: dict[str, Callable[[Call], Any]] = {f"send{kind.replace('_', '')}": sender(kind) for kind in _KINDS}

METHODS: dict[str, Method] = {**_SENDERS, "sendmediagroup": send_media_group, "getfile": get_file}
