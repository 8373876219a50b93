"""Files that came with a message, by reference.

https://docs.slack.dev/reference/objects/file-object
"""

from __future__ import annotations

from bot.channels.slack.facts import Body, identifier, parts, words
from handlers.attachments import Attachment, AttachmentKind

_KINDS = {"image": AttachmentKind.PHOTO, "video": AttachmentKind.VIDEO, "audio": AttachmentKind.AUDIO}
_GONE = frozenset({"tombstone", "hidden_by_limit"})


def attached(message: Body) -> tuple[Attachment, ...]:
    """In shared channels a file is only hinted at (`check_file_info`): its id is all there is, and enough to ask."""
    return tuple(_one(file) for file in parts(message, "files") if words(file, "mode") not in _GONE)


def _one(file: Body) -> Attachment:
    media_type = words(file, "mimetype")
    size = file.get("size")
    return Attachment(
        kind=_kind(file, media_type),
        reference=f"slack:{identifier(file, 'id')}",
        name=words(file, "name") or words(file, "title") or None,
        media_type=media_type or None,
        size=size if isinstance(size, int) else None,
    )


def _kind(file: Body, media_type: str) -> AttachmentKind:
    if words(file, "subtype") == "slack_audio":
        return AttachmentKind.VOICE
    return _KINDS.get(media_type.partition("/")[0], AttachmentKind.DOCUMENT)
