"""Intents: how many examples each has, what is out of balance, and what contradicts itself."""

from __future__ import annotations

from functools import partial

from bot.console.elements import (
    Cell,
    Fields,
    Words,
    asking,
    bar,
    box,
    field,
    first,
    head,
    link,
    row,
    sending,
    submit,
    table,
)  # fmt: skip
from bot.console.guard import Visit, may
from bot.console.intent_page import PATH, IntentPage
from bot.console.moments import by_whom, moment, percent
from handlers import releases, training_checks
from handlers.bands import OUT_OF_SCOPE
from handlers.content_history import Editor
from handlers.plain_text import fold
from handlers.release_gate import Accuracy
from handlers.texts import LANGUAGES
from handlers.training import create_intent
from handlers.training_checks import IntentRow
from storage import training
from storage.admins import AdminRole

CONFLICTS_SHOWN = 20


async def build(visit: Visit) -> None:
    head(visit.texts("console.nav.intents"), visit.texts("console.intents.intro"))
    await IntentList(visit).draw()


async def build_one(visit: Visit) -> None:
    name = visit.query.get("intent", "")
    async with visit.database.reading() as session:
        known = {one.name: one for one in await training.intents(session)}.get(name)
    link(visit.texts("console.intents.all"), PATH, "back")
    if known is None:
        head(visit.texts("console.intents.unknown", name=name[:80]))
        return
    await IntentPage(visit, name).draw()


class IntentList:
    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    async def draw(self) -> None:
        visit, texts = self.visit, self.visit.texts
        async with visit.database.reading() as session:
            rows = await training_checks.overview(session)
            quality = await releases.quality_by_intent(session)
        index = await visit.console.examples.fresh(visit.database)
        wanted = fold(visit.query.get("words", ""))
        with asking(PATH):
            field("words", texts("console.intents.search"), visit.query.get("words", ""), kind="search")
            submit(texts("console.search"), "button")
        if visit.who.may(AdminRole.EDITOR):
            self._draw_new()
        names = ("intent", "title", "pl", "en", "balance", "quality", "changed")
        most = max((count for one in rows if one.name != OUT_OF_SCOPE for count in one.counts.values()), default=1)
        self._draw_conflicts(index.conflicts())
        with table(texts("console.nav.intents"), [texts(f"console.intents.{name}") for name in names]):
            for one in rows:
                if wanted in fold(f"{one.name} {self._title(one)}"):
                    self._draw_row(one, max(most, 1), quality.get(one.name))

    def _title(self, one: IntentRow) -> str:
        """As edited, or as it stands in the content."""
        language = self.visit.texts.language
        if one.title:
            return one.title.get(language, "")
        topic = self.visit.content.topics.get(one.name)
        return topic.in_language(language) if topic else ""

    def _draw_row(self, one: IntentRow, most: int, quality: Accuracy | None) -> None:
        texts = self.visit.texts
        few = [texts("console.intents.too_few", language=language.upper()) for language in one.too_few]
        many = [texts("console.intents.too_many", language=language.upper()) for language in one.too_many]
        row(
            partial(link, one.name, f"{PATH}/{one.name}"),
            self._title(one) or "–",
            *(bar(one.counts[language], most) for language in LANGUAGES),
            partial(Words, "span", " · ".join([*few, *many]), "tag warning") if few or many else "✓",
            percent(quality.right, texts) if quality else "–",
            Cell(f"{moment(one.updated_at, self.visit)} · {by_whom(one.updated_by, texts)}", "hint when"),
        )

    def _draw_new(self) -> None:
        texts = self.visit.texts
        with box("details", "card"):
            Words("summary", texts("console.intents.add"))
            with sending(self.add):
                field("name", texts("console.intents.name"), required="true", hint=texts("console.intents.name_hint"))
                for language in LANGUAGES:
                    field(f"title_{language}", texts(f"console.intents.title_{language}"), required="true")
                submit(texts("console.intents.add"))

    @may(AdminRole.EDITOR)
    async def add(self, fields: Fields) -> None:
        name = first(fields, "name")
        title = {language: first(fields, f"title_{language}") for language in LANGUAGES}
        async with self.visit.changing() as session:
            await create_intent(Editor(session, self.visit.by, self.visit.now()), name, title)
        self.visit.tell(self.visit.texts("console.intents.added", name=name))

    def _draw_conflicts(self, conflicts: list[list[training_checks.Match]]) -> None:
        """The same words teach two intents: the model can only be wrong about one of them."""
        texts = self.visit.texts
        if not conflicts:
            return
        with box("section", "card", aria_label=texts("console.intents.conflicts")):
            Words("h2", texts("console.intents.conflicts"))
            with box("ul"):
                for same in conflicts[:CONFLICTS_SHOWN]:
                    with box("li"):
                        Words("span", f"„{same[0].text}” ")
                        for name in sorted({match.intent for match in same}):
                            link(name, f"{PATH}/{name}", "tag")
