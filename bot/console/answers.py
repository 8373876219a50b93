"""Answers: all wordings side by side, how they look in each messenger, and which of them somebody should look at."""

from __future__ import annotations

from datetime import date
from functools import partial

from bot.console.answer_page import PATH, AnswerPage
from bot.console.elements import Words, asking, box, field, head, link, row, submit, table
from bot.console.guard import Visit
from handlers import living_answers
from handlers.content import Answer
from handlers.plain_text import fold
from storage import training


async def build(visit: Visit) -> None:
    texts = visit.texts
    head(texts("console.nav.answers"), texts("console.answers.intro"))
    async with visit.database.reading() as session:
        rows = await training.answers(session)
    answers = {one.key: Answer.model_validate(one.body) for one in rows}
    flags = living_answers.flags(answers, today(visit))
    if flags:
        with box("section", "card", aria_label=texts("console.answers.flags")):
            Words("h2", texts("console.answers.flags"))
            with box("ul"):
                for flag in flags:
                    with box("li"):
                        link(title(visit, flag.key), f"{PATH}/{flag.key}")
                        told = texts(f"console.answers.trouble_{flag.trouble}", day=str(flag.day or ""))
                        law = f" {texts('console.answers.law')}" if flag.mandatory else ""
                        Words("span", f" {told}{law}", "tag warning")
    with asking(PATH):
        field("words", texts("console.answers.search"), visit.query.get("words", ""), kind="search")
        submit(texts("console.search"), "button")
    wanted = fold(visit.query.get("words", ""))
    names = ("topic", "owner", "review_by", "expires_on", "version")
    with table(texts("console.nav.answers"), [texts(f"console.answers.{name}") for name in names]):
        for key, answer in sorted(answers.items(), key=lambda pair: title(visit, pair[0])):
            if wanted in fold(f"{key} {title(visit, key)} {answer.wordings.model_dump_json()}"):
                _draw_row(visit, key, answer)


def _draw_row(visit: Visit, key: str, answer: Answer) -> None:
    row(
        partial(link, title(visit, key), f"{PATH}/{key}"),
        answer.owner,
        answer.review_by.isoformat(),
        answer.expires_on.isoformat() if answer.expires_on else "–",
        answer.version,
    )


async def build_one(visit: Visit) -> None:
    key = visit.query.get("answer", "")
    link(visit.texts("console.answers.all"), PATH, "back")
    if key not in visit.content.topics:
        head(visit.texts("console.answers.unknown", name=key[:80]))
        return
    head(title(visit, key), key)
    await AnswerPage(visit, key).draw()


def title(visit: Visit, key: str) -> str:
    known = visit.content.topics.get(key)
    return known.in_language(visit.texts.language) if known else key


def today(visit: Visit) -> date:
    return visit.now().astimezone(visit.zone).date()
