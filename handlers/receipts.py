"""Saying that something other than words has arrived."""

from __future__ import annotations

from handlers.attachments import Attachment, AttachmentKind
from handlers.texts import Texts


def receipt(attachments: tuple[Attachment, ...], texts: Texts) -> str:
    """One sentence: what came, by its kind; of several, how many."""
    count = len(attachments)
    if count == 1:
        return texts(f"receipt.{attachments[0].kind}")
    if all(attachment.kind is AttachmentKind.PHOTO for attachment in attachments):
        return texts.plural("receipt.photos", count)
    return texts.plural("receipt.documents", count)
