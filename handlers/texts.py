"""The bot's own words, from the gettext catalogues under `locale/`: one per language and, for Polish, per register.

Catalogue keys are names such as `ticket.filed`, so that every sentence, English too, can be edited in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from handlers.placeholders import fill

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = ("pl", "en")


class UnknownText(LookupError):
    """A key that the catalogue of the language does not have: a fault of ours, found by the tests."""


@dataclass(frozen=True)
class Texts:
    """The catalogue of one language and register."""

    language: str
    register: str
    translations: GNUTranslations

    def __call__(self, key: str, **values: str | int) -> str:
        """The text of `key`, its `{placeholders}` filled. Raises `UnknownText`, or `KeyError` for a missing value."""
        text = self.translations.gettext(key)
        if text == key:
            raise UnknownText(f"{self.language}: {key}")
        return fill(text, values)

    def plural(self, key: str, count: int, **values: str | int) -> str:
        """The form of `key` that goes with `count` ("1 zgłoszenie, 2 zgłoszenia, 5 zgłoszeń")."""
        text = self.translations.ngettext(key, key, count)
        if text == key:
            raise UnknownText(f"{self.language}: {key}")
        return fill(text, {"count": count, **values})

    @property
    def variants(self) -> tuple[str, ...]:
        """Where content looks for its wordings, most fitting first."""
        return ("pl@formal", "pl") if (self.language, self.register) == ("pl", "pan") else (self.language,)


class Catalogue:
    """All languages, read once."""

    def __init__(self, register: str = "ty", directory: Path = LOCALE) -> None:
        self._texts = {
            language: Texts(language, register, _translations(directory, language, register)) for language in LANGUAGES
        }

    def __getitem__(self, language: str) -> Texts:
        return self._texts[language]


def _translations(directory: Path, language: str, register: str) -> GNUTranslations:
    """`supportbot.po` is what customers read, `desk.po` what agents and `console.po` what admins read."""
    main = _compiled(directory / language / "LC_MESSAGES" / "supportbot.po", language)
    for name in ("desk.po", "console.po"):
        more = directory / language / "LC_MESSAGES" / name
        if more.exists():
            main.add_fallback(_compiled(more, language))
    if (language, register) != ("pl", "pan"):
        return main
    formal = _compiled(directory / "pl@formal" / "LC_MESSAGES" / "supportbot.po", language)
    formal.add_fallback(main)
    return formal


def _compiled(path: Path, language: str) -> GNUTranslations:
    with path.open("rb") as source:
        catalog = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)
