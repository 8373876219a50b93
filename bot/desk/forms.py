"""The forms that actions open: what they ask, drawn from the database. A form changes nothing until it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.slack.blocks import escape
from bot.desk import blocks, typed
from bot.desk.blocks import Block
from bot.desk.wording import Wording, short
from handlers import drafts
from handlers.agent_actions import AlreadySo, NotYours
from handlers.calendars import open_times
from handlers.desk import Desk
from handlers.desk_rules import Tier
from handlers.duty import on_duty
from handlers.handoff import AlreadyTaken
from handlers.markup import to_plain
from handlers.tickets import refuse_settled
from storage import agents, cases
from storage.agents import Agent
from storage.cases import CaseFile
from storage.conversations import Owner
from storage.promises import Promise
from storage.ticket_links import LinkKind, linked_to
from storage.tickets import Priority, Ticket, events_of


@dataclass(frozen=True)
class Opening:
    """A form being opened: by whom, for which ticket; `argument` is what of it the press was about, `ts` the
    post in `channel` that it was made on."""

    session: AsyncSession
    desk: Desk
    wording: Wording
    agent: Agent
    ticket: Ticket
    now: datetime
    argument: str = ""
    channel: str = ""
    ts: str = ""

    async def case(self) -> CaseFile:
        return await cases.case_of(self.session, self.ticket)


Draw = Callable[[Opening], Awaitable[list[Block]]]

SPEAKS = frozenset({"reply", "template", "draft_edit"})
DECIDES = frozenset({"resolve", "assign", "wait", "risk", "spam", "merge", "later", "promise_time"})
WHILE_OPEN = DECIDES | {"snooze"}


async def refuse_in_vain(opening: Opening, action: str) -> None:
    """What would be refused once it is filled in is refused before that. Raises as the action itself."""
    if action in WHILE_OPEN:
        refuse_settled(opening.ticket)
    chat = (await opening.case()).conversation
    is_others = chat.owner == Owner.AGENT and chat.agent != opening.agent.name
    if not is_others:
        return
    if action in SPEAKS:
        raise AlreadyTaken(chat.agent or "")
    if action in DECIDES and chat.ticket_id == opening.ticket.id and not opening.agent.leads:
        raise NotYours(chat.agent or "")


async def whom_to(opening: Opening) -> list[Block]:
    """Whom words go to; and that sending them takes the ticket over, where nobody has it yet."""
    texts, case = opening.wording.texts, await opening.case()
    chat = case.conversation
    language = (case.customer.language or opening.ticket.language).upper()
    name = escape(case.customer.name or texts("desk.card.nameless"))
    told = texts("desk.form.reply.to", customer=name, channel=chat.channel.capitalize(), language=language)
    is_mine = chat.owner == Owner.AGENT and chat.ticket_id == opening.ticket.id
    return blocks.context(told if is_mine else f"{told} {texts('desk.form.reply.takes_over')}")


async def _reply(opening: Opening) -> list[Block]:
    texts = opening.wording.texts
    return [
        *await whom_to(opening),
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
    """Those on duty first, of them who has least to do."""
    texts, calendar = opening.wording.texts, opening.desk.content.calendar
    loads = await agents.loads(opening.session)
    known = [one for one in await agents.agents(opening.session) if one.name != opening.ticket.assignee]
    here = {one.id for one in known if on_duty(one, calendar, opening.now)}
    known.sort(key=lambda one: (one.id not in here, loads.get(one.name, 0), one.name))
    options = []
    for one in known:
        key = "desk.form.assign.here" if one.id in here else "desk.form.assign.away"
        options.append(blocks.option(texts(key, name=one.name, count=loads.get(one.name, 0)), str(one.id)))
    if not options:
        return [blocks.section(texts("desk.form.assign.nobody"))]
    return [blocks.field("to", texts("desk.form.to"), blocks.select("value", texts("desk.form.choose"), options))]


async def _wait(opening: Opening) -> list[Block]:
    texts = opening.wording.texts
    on = [blocks.option(texts(f"desk.form.wait.{who}"), who) for who in ("customer", "third_party")]
    element: Block = {"type": "radio_buttons", "options": on, "initial_option": on[0]}
    return [
        blocks.field("on", texts("desk.form.wait.on"), element),
        blocks.field("words", texts("desk.form.wait.reason"), blocks.words(), hint=texts("desk.form.customer_sees")),
    ]


async def _snooze(opening: Opening) -> list[Block]:
    """Until the next time we open, unless something else is chosen."""
    texts, now = opening.wording.texts, opening.now
    starts = (start for start, _ in open_times(opening.desk.content.calendar, now) if start > now)
    until = next(starts, now + timedelta(days=1))
    element: Block = {"type": "datetimepicker", "initial_date_time": int(until.timestamp())}
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
    earlier = [one for one in (await opening.case()).others if one.is_open and one not in offered]
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


async def _draft_edit(opening: Opening) -> list[Block]:
    """The reply, begun with what was drafted."""
    texts = opening.wording.texts
    drafted = drafts.current(await events_of(opening.session, opening.ticket.id), opening.ticket)
    begun = to_plain(str(drafted.data["text"])) if drafted else ""
    field = blocks.field("words", texts("desk.form.words"), blocks.words(begun), hint=texts("desk.form.customer_sees"))
    return [*await whom_to(opening), field]


async def _promise_time(opening: Opening) -> list[Block]:
    texts = opening.wording.texts
    promise = await opening.session.get(Promise, typed.number(opening.argument))
    if promise is None or promise.ticket_id != opening.ticket.id:
        raise AlreadySo
    element: Block = {"type": "datetimepicker", "initial_date_time": int(promise.due_at.timestamp())}
    said = blocks.context(texts("desk.form.promise.words", words=escape(promise.words)))
    return [*said, blocks.field("until", texts("desk.form.promise.until"), element)]


async def _later(opening: Opening) -> list[Block]:
    """Tomorrow at this time, unless something else is chosen."""
    texts, rhythm = opening.wording.texts, opening.desk.content.rhythm
    until = rhythm.after_working_days(opening.now, 1)
    when: Block = {"type": "datetimepicker", "initial_date_time": int(until.timestamp())}
    unless = [blocks.option(texts("desk.form.later.unless_answered"), "answered")]
    element: Block = {"type": "checkboxes", "options": unless, "initial_options": unless}
    return [
        *await whom_to(opening),
        blocks.field("words", texts("desk.form.words"), blocks.words(), hint=texts("desk.form.customer_sees")),
        blocks.field("until", texts("desk.form.later.until"), when, hint=texts("desk.form.later.quiet")),
        blocks.field("unless", texts("desk.form.later.unless"), element, optional=True),
    ]


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
    "draft_edit": _draft_edit,
    "promise_time": _promise_time,
    "later": _later,
    "merge": _merge,
    "link": _link,
    "spam": _spam,
}
