"""What a message holds: its words, and what is attached to them.

https://core.telegram.org/bots/api#message
"""

from __future__ import annotations

from bot.channels.telegram.fields import Json, maybe_part, parts, words
from handlers.attachments import Attachment, AttachmentKind

_FILES = {
    "animation": AttachmentKind.VIDEO,  # before "document", which comes with it and holds the same file
    "document": AttachmentKind.DOCUMENT,
    "voice": AttachmentKind.VOICE,
    "audio": AttachmentKind.AUDIO,
    "video": AttachmentKind.VIDEO,
    "video_note": AttachmentKind.VIDEO,
}
_OTHER = ("poll", "dice", "game", "story", "paid_media", "checklist", "giveaway", "invoice", "rich_message")


def text_of(message: Json) -> str:
    """The text or the caption; of a sticker the emoji it stands for, so that it is read as one."""
    sticker = maybe_part(message, "sticker") or {}
    return words(message, "text") or words(message, "caption") or words(sticker, "emoji")


def attachments_of(message: Json) -> tuple[Attachment, ...]:
    """What is acknowledged besides the words; nothing in what Telegram itself says in a chat."""
    photos = parts(message, "photo")
    if photos:
        return (_file(AttachmentKind.PHOTO, photos[-1], "image/jpeg"),)  # the largest comes last
    for name, kind in _FILES.items():
        file = maybe_part(message, name)
        if file is not None:
            return (_file(kind, file),)
    sticker = maybe_part(message, "sticker")
    if sticker is not None:
        return () if words(sticker, "emoji") else (_file(AttachmentKind.STICKER, sticker),)
    return _personal(message) or tuple(Attachment(AttachmentKind.OTHER) for name in _OTHER if name in message)[:1]


def _file(kind: AttachmentKind, file: Json, media_type: str | None = None) -> Attachment:
    size = file.get("file_size")
    return Attachment(
        kind,
        reference=f"telegram:{words(file, 'file_id')}",
        name=words(file, "file_name") or None,
        media_type=words(file, "mime_type") or media_type,
        size=size if isinstance(size, int) else None,
    )


def _personal(message: Json) -> tuple[Attachment, ...]:
    """A contact or a place: sent on purpose, and for nobody else's eyes. The contact may be somebody else's."""
    contact = maybe_part(message, "contact")
    if contact is not None:
        return (Attachment(AttachmentKind.CONTACT, details=_told(contact, "phone_number", "first_name", "last_name")),)
    venue = maybe_part(message, "venue") or {}
    place = maybe_part(message, "location") or maybe_part(venue, "location")
    if place is not None:
        details = _told(place, "latitude", "longitude") | _told(venue, "title", "address")
        return (Attachment(AttachmentKind.LOCATION, details=details),)
    return ()


def _told(of: Json, *names: str) -> dict[str, str]:
    return {name: str(of[name]) for name in names if isinstance(of.get(name), (str, int, float))}
