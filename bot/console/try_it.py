"""Try it: type a sentence, see how it is read, which words weighed, and what the bot would say."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import uuid4

from bot.console.elements import Fields, Words, area, bar, box, first, head, row, sending, submit, table
from bot.console.guard import Visit, may
from handlers import answers
from handlers.bands import band_of
from handlers.markup import to_plain
from handlers.nlu import NLUUnavailable, ParsedMessage
from storage.admins import AdminRole

PATH = "/console/try"
MOST_WORDS = 15  # each costs one more reading
INTENTS_SHOWN = 5


@dataclass(frozen=True)
class Weight:
    """How much less sure the reading is without this word; negative: the word speaks against it."""

    word: str
    weight: float


async def build(visit: Visit) -> None:
    head(visit.texts("console.nav.try"), visit.texts("console.try.intro"))
    TryIt(visit).draw()


class TryIt:
    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    def draw(self) -> None:
        texts = self.visit.texts
        with sending(self.read, "form wide"):
            area("text", texts("console.try.text"), rows=2, required="true", autofocus="true")
            submit(texts("console.try.read"))
        self._result = box("div", "stack", role="status")

    @may(AdminRole.VIEWER)
    async def read(self, fields: Fields) -> None:
        text = first(fields, "text")[:1000]
        self._result.clear()
        if not text:
            return
        try:
            parsed = await self.visit.app.nlu.parse(text, uuid4().hex)
            weights = await weights_of(self.visit, parsed)
        except NLUUnavailable:
            self.visit.tell(self.visit.texts("console.try.down"), is_bad=True)
            return
        with self._result:
            self._draw_intents(parsed)
            self._draw_words(parsed, weights)
            self._draw_reply(parsed)

    def _draw_intents(self, parsed: ParsedMessage) -> None:
        visit, texts = self.visit, self.visit.texts
        band = band_of(parsed, visit.app.desk().thresholds)
        language = parsed.language or "–"
        told = texts(f"console.band.{band.value}")
        Words("p", texts("console.try.language", language=language, model=parsed.model, band=told), "hint")
        names = [texts("console.try.intent"), texts("console.try.confidence")]
        with table(texts("console.try.intents"), names, "small"):
            for intent in parsed.intents[:INTENTS_SHOWN]:
                known = visit.content.topics.get(intent.name)
                title = f" – {known.in_language(texts.language)}" if known else ""
                row(f"{intent.name}{title}", bar(round(100 * intent.confidence), 100, "%"))

    def _draw_words(self, parsed: ParsedMessage, weights: list[Weight]) -> None:
        """Darker is weightier; the number is there for who does not see the shade."""
        texts = self.visit.texts
        with box("section", "card", aria_label=texts("console.try.words")):
            Words("h2", texts("console.try.words"))
            with box("p", "weights"):
                for one in weights:
                    strength = min(9, max(0, round(one.weight * 10)))
                    with Words("span", f"{one.word} ", f"weight w{strength}"):
                        Words("small", f"{one.weight:+.0%}")
        if parsed.entities:
            with box("section", "card", aria_label=texts("console.try.entities")):
                Words("h2", texts("console.try.entities"))
                for entity in parsed.entities:
                    Words("span", f"{entity.name}: {entity.value}", "tag open")

    def _draw_reply(self, parsed: ParsedMessage) -> None:
        visit, texts = self.visit, self.visit.texts
        best = parsed.best.name if parsed.best else ""
        answer = visit.content.answers.get(best)
        with box("section", "card", aria_label=texts("console.try.reply")):
            Words("h2", texts("console.try.reply"))
            if answer is None:
                form = best in visit.content.forms.forms
                Words("p", texts("console.try.form" if form else "console.try.no_answer", intent=best), "hint")
                return
            said = visit.app.desk().catalogue[parsed.language or "pl"]
            known = answers.variables(visit.content, said, None, visit.now())
            wordings = answer.wordings.of(said.variants[0])
            Words("p", to_plain(answers.choose_wording(wordings, known, seed="console")), "bubble")
            Words("p", texts("console.try.version", version=answer.version), "hint")


async def weights_of(visit: Visit, parsed: ParsedMessage) -> list[Weight]:
    """Each word left out once: by how much the best reading suffers. Raises `NLUUnavailable`."""
    words = parsed.text.split()
    if parsed.best is None or not 1 < len(words) <= MOST_WORDS:
        return [Weight(word, 0.0) for word in words]
    best = parsed.best
    without = await asyncio.gather(
        *(visit.app.nlu.parse(" ".join(words[:at] + words[at + 1 :]), uuid4().hex) for at in range(len(words)))
    )
    return [
        Weight(word, best.confidence - next((one.confidence for one in left.intents if one.name == best.name), 0.0))
        for word, left in zip(words, without, strict=True)
    ]
