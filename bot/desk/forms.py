"""The forms that actions open: what they ask, drawn from the database. A form changes nothing until it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.slack.blocks import escape
from bot.desk import blocks
from bot.desk.blocks import Block
from bot.desk.wording import Wording, short
from handlers.calendars import next_opening
from handlers.desk import Desk
from handlers.desk_rules import Tier
from storage import cases
from storage.agents import Agent
from storage.cases import CaseFile
from storage.ticket_links import LinkKind, linked_to
from storage.tickets import Priority, Ticket


@dataclass(frozen=True)
class Opening:
    """A form being opened: by whom, for which ticket."""

    session: AsyncSession
    desk: Desk
    wording: Wording
    agent: Agent
    ticket: Ticket
    now: datetime

    async def case(self) -> CaseFile:
        return await cases.case_of(self.session, self.ticket)


Draw = Callable[[Opening], Awaitable[list[Block]]]


async def _reply(opening: Opening) -> list[Block]:
    texts = opening.wording.texts
    return [
        blocks.section(texts("desk.form.reply.to", customer=escape((await opening.case()).customer.name or "–"))),
        blocks.field("words", texts("desk.form.words"), blocks.words(), hint=texts("desk.form.customer_sees")),
    ]


async def _note(opening: Opening) -> list[Block]:
    texts = opening.wording.texts
    return [blocks.field("words", texts("desk.form.note"), blocks.words(), hint=texts("desk.form.agents_see"))]


async def _resolve(opening: Opening) -> list[Block]:
    texts, wording = opening.wording.texts, opening.wording
    causes = [blocks.option(label.in_language(wording.language), name)
              for name, label in opening.desk.content.desk.causes.items()]  # fmt: skip
    return [
        blocks.field("cause", texts("desk.form.cause"), blocks.select("value", texts("desk.form.choose"), causes)),
        blocks.field(
            "words", texts("desk.form.last_words"), blocks.words(), optional=True, hint=texts("desk.form.customer_sees")
        ),
    ]


async def _assign(opening: Opening) -> list[Block]:
    texts = opening.wording.texts
    people: Block = {"type": "users_select", "placeholder": blocks.plain(texts("desk.form.choose"), 150)}
    return [blocks.field("to", texts("desk.form.to"), people, hint=texts("desk.form.only_agents"))]


async def _wait(opening: Opening) -> list[Block]:
    texts = opening.wording.texts
    on = [blocks.option(texts(f"desk.form.wait.{who}"), who) for who in ("customer", "third_party")]
    element: Block = {"type": "radio_buttons", "options": on, "initial_option": on[0]}
    return [
        blocks.field("on", texts("desk.form.wait.on"), element),
        blocks.field("words", texts("desk.form.wait.reason"), blocks.words(), hint=texts("desk.form.customer_sees")),
    ]


async def _snooze(opening: Opening) -> list[Block]:
    texts = opening.wording.texts
    opens = next_opening(opening.desk.content.calendar, opening.now)
    element: Block = {"type": "datetimepicker", "initial_date_time": int(opens.timestamp()) // 60 * 60 + 3600}
    told = []
    if opening.ticket.next_word_at is not None:
        due = blocks.moment(opening.ticket.next_word_at, opening.wording.zone)
        told = blocks.context(texts("desk.form.snooze.promise", by=due))
    return [blocks.field("until", texts("desk.form.snooze.until"), element), *told]


async def _priority(opening: Opening) -> list[Block]:
    texts, wording = opening.wording.texts, opening.wording
    options = [blocks.option(wording.priority(one), one) for one in Priority]
    initial = next((one for one in options if one["value"] == opening.ticket.priority), options[0])
    element: Block = {"type": "radio_buttons", "options": options, "initial_option": initial}
    return [blocks.field("priority", texts("desk.form.priority"), element)]


async def _category(opening: Opening) -> list[Block]:
    """Of the forms' categories first, then of all topics: a case can turn out to be any of them."""
    texts, content = opening.wording.texts, opening.desk.content
    names = sorted(content.topics, key=lambda name: (name not in content.forms.forms, opening.wording.topic(name)))
    options = [blocks.option(opening.wording.topic(name), name) for name in names]
    initial = next((one for one in options if one["value"] == opening.ticket.category), None)
    element = blocks.select("value", texts("desk.form.choose"), options, initial)
    return [blocks.field("category", texts("desk.form.category"), element)]


async def _tier(opening: Opening) -> list[Block]:
    texts, customer = opening.wording.texts, (await opening.case()).customer
    options = [blocks.option(opening.wording.known(f"desk.tier.{one}", one), one) for one in Tier]
    initial = next((one for one in options if one["value"] == customer.tier), options[0])
    element: Block = {"type": "radio_buttons", "options": options, "initial_option": initial}
    return [blocks.field("tier", texts("desk.form.tier"), element)]


async def _risk(opening: Opening) -> list[Block]:
    texts = opening.wording.texts
    return [
        blocks.section(texts("desk.form.risk.what_happens")),
        blocks.field(
            "words", texts("desk.form.risk.words"), blocks.words(), optional=True, hint=texts("desk.form.customer_sees")
        ),
    ]


async def _merge(opening: Opening) -> list[Block]:
    """The likely ones are named; any number can be typed."""
    texts = opening.wording.texts
    offered = await linked_to(opening.session, opening.ticket.id, LinkKind.DUPLICATE_OFFERED)
    earlier = [one for one in (await opening.case()).earlier if one.is_open and one not in offered]
    likely = " · ".join(short(one, opening.wording) for one in [*offered, *earlier][:5])
    initial = str(offered[0].number) if offered else ""
    return [
        blocks.section(texts("desk.form.merge.what_happens", number=opening.ticket.number)),
        *blocks.context(texts("desk.form.merge.likely", tickets=likely) if likely else ""),
        blocks.field("into", texts("desk.form.merge.into"), blocks.words(initial, multiline=False, placeholder="#123")),
    ]


async def _link(opening: Opening) -> list[Block]:
    texts = opening.wording.texts
    return [blocks.field("other", texts("desk.form.link.other"), blocks.words(multiline=False, placeholder="#123"))]


async def _spam(opening: Opening) -> list[Block]:
    return [blocks.section(opening.wording.texts("desk.form.spam.what_happens", number=opening.ticket.number))]


FORMS: Mapping[str, Draw] = {
    "reply": _reply,
    "note": _note,
    "resolve": _resolve,
    "assign": _assign,
    "wait": _wait,
    "snooze": _snooze,
    "priority": _priority,
    "category": _category,
    "tier": _tier,
    "risk": _risk,
    "merge": _merge,
    "link": _link,
    "spam": _spam,
}
