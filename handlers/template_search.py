"""Finding a template or an answer of the knowledge base by what an agent types, inflected, with diacritics or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import takewhile

from handlers.content import Answer, Content
from handlers.plain_text import fold, shorten
from handlers.template_rendering import PREFIX
from handlers.templates import TITLE_CHARACTERS, VARIANTS, Template

MOST_FOUND = 100  # Slack takes no more options
TITLE, TAG, TEXT = 4.0, 3.0, 1.0
OTHER_ENDING = 0.6
SHORTEST_STEM, STEM_OF_WORD = 4, 0.7
SHORTEST_NEEDED = 3  # "po", "za", "to" may be missing


class FoundKind(StrEnum):
    REPLY = "reply"
    REFUSAL = "refusal"
    ANSWER = "answer"


KINDS = tuple(FoundKind)


@dataclass(frozen=True)
class Found:
    """`key` names it to `template_rendering`; `suits`: it is made for tickets of the category."""

    key: str
    label: str
    kind: FoundKind
    suits: bool


@dataclass(frozen=True)
class _Candidate:
    found: Found
    fields: tuple[tuple[float, frozenset[str]], ...]


def search(content: Content, query: str, language: str, category: str | None, most: int = MOST_FOUND) -> list[Found]:
    """What fits `query` best first; of equals, and where nothing is asked for, what suits the category first.

    `language` is the agent's, for the labels; texts of both languages are searched.
    """
    asked = fold(query).split()
    scored = [
        (score, one.found) for one in _candidates(content, language, category) if (score := _score(asked, one.fields))
    ]
    scored.sort(key=lambda pair: (-pair[0], not pair[1].suits, KINDS.index(pair[1].kind), fold(pair[1].label)))
    return [found for _, found in scored[:most]]


def _candidates(content: Content, language: str, category: str | None) -> Iterator[_Candidate]:
    for name, template in content.templates.items():
        label = shorten(template.title.in_language(language), TITLE_CHARACTERS)
        found = Found(f"{PREFIX}{name}", label, FoundKind(template.kind), category in template.categories)
        titles = (template.title.pl, template.title.en)
        yield _Candidate(found, _fields(titles, (name, *template.tags), _texts(template)))
    for key, answer in content.answers.items():
        topic = content.topics[key]
        label = shorten(topic.in_language(language), TITLE_CHARACTERS)
        suits = category is not None and category in {key, *answer.next}
        yield _Candidate(
            Found(key, label, FoundKind.ANSWER, suits), _fields((topic.pl, topic.en), (key,), _texts(answer))
        )


def _texts(item: Template | Answer) -> tuple[str, ...]:
    of = item.wordings_of if isinstance(item, Template) else item.wordings.of
    return tuple(text for variant in VARIANTS for text in of(variant))


def _fields(
    titles: Iterable[str], tags: Iterable[str], texts: Iterable[str]
) -> tuple[tuple[float, frozenset[str]], ...]:
    return tuple(
        (weight, frozenset().union(*map(_words, some)))
        for weight, some in ((TITLE, titles), (TAG, tags), (TEXT, texts))
    )


@lru_cache(maxsize=2048)
def _words(text: str) -> frozenset[str]:
    return frozenset(fold(text).split())


def _score(asked: list[str], fields: tuple[tuple[float, frozenset[str]], ...]) -> float:
    """0 where a word of the query is nowhere; 1 for everything when nothing is asked for."""
    if not asked:
        return 1.0
    score = 0.0
    for word in asked:
        best = max(weight * max((_alike(word, there) for there in words), default=0.0) for weight, words in fields)
        if not best and len(word) >= SHORTEST_NEEDED:
            return 0.0
        score += best
    return score


def _alike(asked: str, there: str) -> float:
    """1 for the beginning of a word, less for the same word with another ending."""
    if there.startswith(asked):
        return 1.0
    stem = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(asked, there, strict=False)))
    enough = max(SHORTEST_STEM, STEM_OF_WORD * max(len(asked), len(there)))
    return OTHER_ENDING if stem >= enough else 0.0
