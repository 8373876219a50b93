"""Whether the content has all that the code will ask it for: asked when content is read, not when a customer writes."""

from __future__ import annotations

from handlers.content import Content
from handlers.content_file import ContentError
from handlers.intents import FAQ, FORMS, INTENTS


def check_complete(content: Content) -> None:
    """Raises `ContentError` naming what is missing."""
    for what, needed, there in (
        ("topics.yml: no title for", INTENTS.keys(), content.topics.keys()),
        ("answers: no file for", FAQ, content.answers.keys()),
        ("forms.yml: no form for", FORMS, content.forms.forms.keys()),
    ):
        if missing := sorted(needed - there):
            raise ContentError(f"{what} {', '.join(missing)}")
