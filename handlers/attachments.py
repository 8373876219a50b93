"""Files and the like that go with a message: kept by reference, fetched when somebody needs them."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from handlers.plain_text import storable

NAME_CHARACTERS = 200
CONTENT_FILE = "content:"  # begins the reference of a file of our own


class AttachmentKind(StrEnum):
    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    VIDEO = "video"
    AUDIO = "audio"
    STICKER = "sticker"
    CONTACT = "contact"
    LOCATION = "location"
    OTHER = "other"


@dataclass(frozen=True)
class Attachment:
    """`reference` says where it lies: `telegram:<file_id>`, `slack:<file id>`, `content:<path>` for our own; empty
    where there is no file. `size` in bytes, as the provider claims it. `details` is what a contact or a location
    tells: personal data, kept with the message and shown to nobody by itself."""

    kind: AttachmentKind
    reference: str = ""
    name: str | None = None
    media_type: str | None = None
    size: int | None = None
    details: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Who has it: a channel's name, or `content`; empty where there is no file."""
        return self.reference.partition(":")[0]

    @property
    def file_name(self) -> str:
        """What it is called where it has no name of its own, as photos have none."""
        if self.name:
            return self.name
        if self.reference.startswith(CONTENT_FILE):
            return self.reference.rpartition(":")[2].rpartition("/")[2]
        return f"{self.kind}{mimetypes.guess_extension(self.media_type or '') or ''}"

    def to_payload(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "reference": self.reference,
            "name": storable(self.name)[:NAME_CHARACTERS] or None,
            "media_type": self.media_type,
            "size": self.size,
            "details": {key: storable(value) for key, value in self.details.items()},
        }

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Attachment:
        return cls(**{**payload, "kind": AttachmentKind(payload["kind"])})
