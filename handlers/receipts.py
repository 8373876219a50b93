"""Saying that something other than words has arrived."""

from __future__ import annotations

from handlers.attachments import Attachment, AttachmentKind
from handlers.texts import Texts


def receipt(attachments: tuple[Attachment, ...], texts: Texts) -> str:
    """One sentence: what came, by its kind; of several kinds or unknown ones, how many files."""
    kinds = {attachment.kind for attachment in attachments}
    if len(attachments) > 1:
        return texts.plural(
            "receipt.photos" if kinds == {AttachmentKind.PHOTO} else "receipt.documents", len(attachments)
        )
    return texts(f"receipt.{attachments[0].kind}")
