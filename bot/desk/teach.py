"""Teaching the bot from a ticket's thread: the forms, and what they do once they are sent.

The message meant is part of what is chosen, so that a form is about the message it was opened for.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.slack.blocks import escape
from bot.desk import blocks, typed
from bot.desk.actions import Doing, Notice
from bot.desk.blocks import Block
from bot.desk.events import DeskEvent
from bot.desk.forms import Opening
from handlers import teaching
from handlers.markup import to_plain
from handlers.plain_text import shorten
from storage import cases
from storage.conversations import Author, Message

SHORTCUT = "teach"  # on a message: which of the forms it opens depends on whose the message is
WRONG_TOPIC, PROPOSE_ANSWER, OUTDATED_ANSWER = "wrong_topic", "propose_answer", "outdated_answer"
AT = "@"  # between what is chosen and the message it is about
QUOTED_CHARACTERS = 500

_BY_AUTHOR: Mapping[str, str] = {Author.AGENT: PROPOSE_ANSWER, Author.BOT: OUTDATED_ANSWER}


async def form_for(session: AsyncSession, press: DeskEvent) -> str:
    """The form that a press of the shortcut opens."""
    message = await teaching.at_post(session, press.channel, press.ts)
    return WRONG_TOPIC if message is None else _BY_AUTHOR.get(message.author, WRONG_TOPIC)


async def draw_wrong_topic(opening: Opening) -> list[Block]:
    """The customer's words, how they were read, and the choice of the right topic."""
    texts, wording = opening.wording.texts, opening.wording
    message = await teaching.meant(opening.session, opening.ticket, opening.channel, opening.ts, Author.CUSTOMER)
    if message is None:
        return [blocks.section(texts("desk.form.teach.nothing"))]
    guess = texts("desk.form.teach.no_guess")
    if message.intent and message.confidence is not None:
        percent = round(100 * message.confidence)
        guess = texts("desk.form.teach.guess", topic=escape(wording.topic(message.intent)), percent=percent)
    return [
        _quote(message.text),
        *blocks.context(guess),
        await _topics(opening, message, texts("desk.form.teach.intent"), but=message.intent),
    ]


async def draw_propose_answer(opening: Opening) -> list[Block]:
    """The agent's words, to be changed where they are about one customer only."""
    texts = opening.wording.texts
    message = await teaching.meant(opening.session, opening.ticket, opening.channel, opening.ts, Author.AGENT)
    if message is None:
        return [blocks.section(texts("desk.form.teach.nothing"))]
    text = blocks.words(to_plain(message.text))
    return [
        blocks.field("words", texts("desk.form.teach.text"), text, hint=texts("desk.form.teach.masked")),
        await _topics(opening, message, texts("desk.form.teach.answers")),
    ]


async def draw_outdated_answer(opening: Opening) -> list[Block]:
    """The answers that were given in this chat first."""
    texts, wording = opening.wording.texts, opening.wording
    given = (await cases.case_of(opening.session, opening.ticket)).answers
    known = opening.desk.content.answers
    keys = [key for key in dict.fromkeys([*given, *sorted(known)]) if key in known]
    options = [blocks.option(wording.topic(key), key) for key in keys]
    choice = blocks.select("value", texts("desk.form.choose"), options, options[0] if given and options else None)
    return [
        blocks.field("answer", texts("desk.form.teach.answer"), choice),
        blocks.field("words", texts("desk.form.teach.what"), blocks.words(), hint=texts("desk.form.teach.masked")),
    ]


def _quote(text: str) -> Block:
    return blocks.section("\n".join(f">{line}" for line in escape(shorten(text, QUOTED_CHARACTERS)).split("\n")))


async def _topics(opening: Opening, message: Message, label: str, but: str | None = None) -> Block:
    """Slack lets one search a list by typing."""
    wording = opening.wording
    names = await teaching.topics(opening.session, opening.desk.content)
    labels = {name: wording.topic(name) for name in names if name != but}
    options = [
        blocks.option(labels[name], f"{name}{AT}{message.id}") for name in sorted(labels, key=labels.__getitem__)
    ]
    return blocks.field("intent", label, blocks.select("value", wording.texts("desk.form.choose"), options))


def _chosen(doing: Doing) -> tuple[str, int]:
    """Raises `NotSensible`."""
    intent, _, message = doing.values.get("intent", "").partition(AT)
    return intent, typed.number(message)


async def wrong_topic(doing: Doing) -> Notice:
    intent, message_id = _chosen(doing)
    await teaching.wrong_topic(doing.act, doing.number, message_id, intent)
    return Notice("desk.notice.taught")


async def propose_answer(doing: Doing) -> Notice:
    intent, message_id = _chosen(doing)
    await teaching.propose_answer(doing.act, doing.number, message_id, intent, doing.values.get("words", ""))
    return Notice("desk.notice.taught")


async def outdated_answer(doing: Doing) -> Notice:
    await teaching.outdated_answer(
        doing.act, doing.number, doing.values.get("answer", ""), doing.values.get("words", "")
    )
    return Notice("desk.notice.taught")


TEACH_FORMS = {
    WRONG_TOPIC: draw_wrong_topic,
    PROPOSE_ANSWER: draw_propose_answer,
    OUTDATED_ANSWER: draw_outdated_answer,
}
TEACH_ACTIONS = {WRONG_TOPIC: wrong_topic, PROPOSE_ANSWER: propose_answer, OUTDATED_ANSWER: outdated_answer}
