"""A small world of living data for tests: two intents that only the database has, and one that the code knows."""

from __future__ import annotations

from pathlib import Path

from handlers.content_history import Editor
from handlers.content_transfer import seed
from handlers.training import NewExample
from storage.database import Database
from tests.bot_under_test import MONDAY_NOON

HEAD = 'version: "3.1"\nnlu:\n'
TITLE = {"pl": "Karty podarunkowe", "en": "Gift cards"}
ANSWER = """\
intent: newsletter
owner: care
review_by: 2027-05-31
next: [gift_card]
wordings:
  pl: ["Newsletter wychodzi w piątki."]
  pl@formal: ["Newsletter wychodzi w piątki."]
  en: ["The newsletter goes out on Fridays."]
"""
EXAMPLES = {
    "newsletter": {"pl": ["zapisz mnie na newsletter", "newsletter [na jutro](date)"], "en": ["sign me up"]},
    "gift_card": {"pl": ["macie karty podarunkowe?", "chcę bon"], "en": ["do you sell gift cards"]},
    "loyalty": {"pl": ["ile mam punktów", "chcę bon"], "en": ["my points"]},
}


def write_content(folder: Path) -> Path:
    for name in ("intents", "answers", "entities", "concepts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for intent, by_language in EXAMPLES.items():
        blocks = [
            f"- intent: {intent}\n  metadata:\n    language: {language}\n  examples: |\n"
            + "".join(f"    - {line}\n" for line in lines)
            for language, lines in by_language.items()
        ]
        (folder / "intents" / f"{intent}.yml").write_text(HEAD + "".join(blocks), encoding="utf-8")
    (folder / "domain.yml").write_text("intents: [newsletter, gift_card, loyalty]\nentities: [date]\n")
    (folder / "answers" / "newsletter.yml").write_text(ANSWER, encoding="utf-8")
    (folder / "thresholds.yml").write_text("pl: {act: 0.5, ask: 0.3}\nen: {act: 0.6, ask: 0.3}\n")
    (folder / "topics.yml").write_text(
        'newsletter: {pl: "Newsletter", en: "Newsletter"}\n'
        'gift_card: {pl: "Karty podarunkowe", en: "Gift cards"}\nloyalty: {pl: "Punkty", en: "Points"}\n',
        encoding="utf-8",
    )
    return folder


async def seeded(database: Database, folder: Path) -> Path:
    write_content(folder)
    async with database.transaction() as session:
        await seed(session, folder, MONDAY_NOON)
    return folder


def pl(text: str) -> NewExample:
    return NewExample(text, "pl")


def as_(session: object, by: str = "admin:anna") -> Editor:
    return Editor(session, by, MONDAY_NOON)  # type: ignore[arg-type]
