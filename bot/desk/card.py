"""A ticket's card: drawn from the database each time, never from what Slack sends back. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.channels.slack.blocks import escape
from bot.desk import blocks, rich
from bot.desk.blocks import Block
from bot.desk.payloads import MORE, PREFIX
from bot.desk.wording import Wording, mention, short
from handlers.filing import REMARK
from handlers.markup import to_plain
from handlers.plain_text import shorten
from handlers.sla import clocks_of, next_due
from handlers.tickets import WAITING
from storage.cases import CaseFile
from storage.conversations import Owner
from storage.tickets import Priority, Status, Ticket

SUMMARY_CHARACTERS = 1_500
FACT_CHARACTERS = 200
SUBJECT_CHARACTERS = 150
PROMISES_SHOWN = 3
SCHEDULED_SHOWN = 3

MORE_WHILE_OPEN = (
    "note", "resume", "later", "assign", "release", "hand_back", "wait", "snooze", "priority", "category", "risk",
    "merge", "link", "follow", "tier", "wrong_topic", "propose_answer", "outdated_answer",
    "incident_declare", "spam",
)  # fmt: skip
MORE_WHEN_SETTLED = ("note", "link", "follow", "wrong_topic", "propose_answer", "outdated_answer")


def card(case: CaseFile, wording: Wording, now: datetime, drawing: str) -> tuple[str, list[Block]]:
    """The fallback text and the blocks; `drawing` is another one in each drawing."""
    ticket = case.ticket
    title = f"#{ticket.number} · {wording.topic(ticket.category)}"
    drawn = [
        blocks.header(title),
        _words(ticket, wording),
        *blocks.fields(_facts_of_the_case(case, wording, now)),
        *_known(ticket, wording),
        *blocks.context("\n".join(_signs(case, wording, now))),
        *blocks.context("\n".join(_history(case, wording))),
        *_offers(case, wording),
        *_to_come(case, wording),
        *_actions(case, wording),
    ]
    text = f"{title} – {wording.status(ticket.status)}: {shorten(to_plain(ticket.subject), SUBJECT_CHARACTERS)}"
    return escape(text), blocks.numbered(drawn, drawing)


def moved_line(ticket: Ticket, wording: Wording, channel: str) -> str:
    """What is left of a card whose ticket is worked in another channel by now."""
    topic = escape(wording.topic(ticket.category))
    told = wording.texts("desk.card.moved", number=ticket.number, topic=topic, channel=f"<#{channel}>")
    return f":arrow_right: {told}"


def _facts_of_the_case(case: CaseFile, wording: Wording, now: datetime) -> list[tuple[str, str]]:
    ticket, texts = case.ticket, wording.texts
    told = [
        (texts("desk.card.customer"), _customer(case, wording)),
        (texts("desk.card.channel"), f"{case.conversation.channel.capitalize()} · {ticket.language.upper()}"),
        (texts("desk.card.status"), _status(ticket, wording)),
        (texts("desk.card.owner"), _owner(case, wording)),
        (texts("desk.card.priority"), _priority(ticket, wording)),
    ]
    if ticket.next_word_at is not None:
        late = " :warning:" if ticket.next_word_at < now else ""
        told.append((texts("desk.card.due"), blocks.moment(ticket.next_word_at, wording.zone) + late))
    told += _target(case, wording, now)
    return told


def _target(case: CaseFile, wording: Wording, now: datetime) -> list[tuple[str, str]]:
    """What is due first by the ticket's SLA, marked once it is nearly late, and late; and what stands still."""
    content, texts = wording.content, wording.texts
    clocks = clocks_of(case.events, content.sla, content.calendar, case.customer.tier)
    first = next_due(clocks)
    if first is not None and first.due_at is not None:
        late = ":rotating_light: " if first.is_late(now) else ":hourglass: " if first.is_nearly_late(now) else ""
        by = blocks.moment(first.due_at, wording.zone)
        return [(texts("desk.card.sla"), f"{late}{wording.target(first.target)}: {by}")]
    paused = [clock for clock in clocks if clock.is_running and clock.paused_at is not None]
    return [
        (texts("desk.card.sla"), texts("desk.card.sla_paused", target=wording.target(clock.target)))
        for clock in paused[:1]
    ]


def _customer(case: CaseFile, wording: Wording) -> str:
    name = escape(case.customer.name or wording.texts("desk.card.nameless"))
    return f"{name} ({wording.known(f'desk.tier.{case.customer.tier}', case.customer.tier)})"


def _status(ticket: Ticket, wording: Wording) -> str:
    status = wording.status(ticket.status)
    if ticket.cause and ticket.status in {Status.RESOLVED, Status.CLOSED}:
        return f"{status}: {escape(wording.cause(ticket.cause))}"
    if ticket.waiting_reason:
        return f"{status}: {escape(shorten(ticket.waiting_reason, FACT_CHARACTERS))}"
    if ticket.missing and ticket.status == Status.NEW:
        return f"{status} – {wording.texts('desk.card.incomplete')}"
    return status


def _owner(case: CaseFile, wording: Wording) -> str:
    """Who has the chat; else who it was given to, else the queue or the bot."""
    ticket, chat = case.ticket, case.conversation
    if chat.ticket_id == ticket.id and chat.owner == Owner.AGENT:
        return f"*{escape(chat.agent or '')}*"
    if ticket.assignee:
        who = mention(case.agent) if case.agent else escape(ticket.assignee)
        return wording.texts("desk.card.given_to", who=who) if ticket.is_open else who
    in_queue = chat.ticket_id == ticket.id and chat.owner == Owner.QUEUE
    return wording.texts("desk.card.queue" if in_queue else "desk.card.nobody")


def _priority(ticket: Ticket, wording: Wording) -> str:
    mark = ":red_circle: " if ticket.priority == Priority.HIGH else ""
    return f"{mark}{wording.priority(ticket.priority)}"


def _words(ticket: Ticket, wording: Wording) -> Block:
    """What the customer confirmed, or their own words."""
    first, _, rest = ticket.summary.partition("\n")
    topics = wording.content.topics.get(ticket.category)
    is_topic = topics is not None and first == f"**{topics.in_language(ticket.language)}**"
    summary = rest if is_topic and rest else ticket.summary
    return rich.quote(*rich.shortened(rich.from_markup(summary), SUMMARY_CHARACTERS))


def _known(ticket: Ticket, wording: Wording) -> list[Block]:
    """What is known besides their words, and what is not."""
    told = []
    in_summary = to_plain(ticket.summary)
    facts = [(name, value) for name, value in ticket.facts.items() if value not in in_summary]
    if facts:
        told.append(rich.section(*(one for name, value in facts for one in _fact(name, value, wording))))
    if ticket.missing:
        missing = ", ".join(wording.field(name) for name in ticket.missing)
        told += blocks.context(f":grey_question: {wording.texts('desk.card.missing', fields=escape(missing))}")
    return told


def _fact(name: str, value: str, wording: Wording) -> list[rich.Element]:
    label = wording.texts("summary.remark") if name == REMARK else wording.field(name)
    return [rich.words(f"{label}: ", "bold"), rich.words(f"{shorten(value, FACT_CHARACTERS)}\n")]


def _signs(case: CaseFile, wording: Wording, now: datetime) -> list[str]:
    """Why it is here, and what wants attention: tone, waiting, sleeping, a chat that cannot be reached."""
    ticket, texts = case.ticket, wording.texts
    told = [texts("desk.card.rule", reason=wording.reason(ticket.reason))]
    if ticket.tone:
        seen = ", ".join(f"„{escape(str(word))}”" for word in ticket.tone.get("words", ()))
        kind = wording.known(f"desk.tone.{ticket.tone.get('kind')}", str(ticket.tone.get("kind")))
        told.append(f":thermometer: {texts('desk.card.tone', kind=kind, words=seen)}")
    if ticket.snoozed_until is not None and ticket.snoozed_until > now:
        told.append(f":zzz: {texts('desk.card.snoozed', until=blocks.moment(ticket.snoozed_until, wording.zone))}")
    if case.conversation.blocked_at is not None:
        told.append(f":no_entry_sign: {texts('desk.card.blocked')}")
    return told


def _history(case: CaseFile, wording: Wording) -> list[str]:
    texts = wording.texts
    told = []
    told_apart = {one.id for one in (*case.merged, *case.related)}
    if others := [short(one, wording) for one in case.others if one.id not in told_apart]:
        told.append(texts("desk.card.others", tickets=" · ".join(others)))
    if case.answers:
        topics = " · ".join(escape(wording.topic(name)) for name in case.answers)
        told.append(texts("desk.card.answers", answers=topics))
    for key, tickets in (("desk.card.merged", case.merged), ("desk.card.related", case.related)):
        if tickets:
            told.append(texts(key, tickets=" · ".join(short(one, wording) for one in tickets)))
    if case.merged_into is not None:
        told.append(texts("desk.card.merged_into", ticket=short(case.merged_into, wording)))
    if case.followers:
        told.append(texts("desk.card.followers", who=", ".join(escape(agent.name) for agent in case.followers)))
    return told


def _offers(case: CaseFile, wording: Wording) -> list[Block]:
    """Perhaps the same case: an agent decides with one press (R56)."""
    number, texts = case.ticket.number, wording.texts
    if case.merged_into is not None:
        return []
    drawn: list[Block] = []
    for other in [one for one in case.perhaps_same if one.merged_into is None][:3]:
        drawn.append(blocks.section(f":link: {texts('desk.card.perhaps_same', ticket=short(other, wording))}"))
        merge = blocks.button("join", texts("desk.button.join", number=other.number), number, str(other.number))
        differ = blocks.button("unlike", texts("desk.button.unlike"), number, str(other.number))
        drawn.append(blocks.actions(merge, differ))
    return drawn


def _to_come(case: CaseFile, wording: Wording) -> list[Block]:
    """What was promised, and what will be sent by itself, each with a way to end it."""
    number, texts = case.ticket.number, wording.texts
    drawn = []
    for promise in case.promised[:PROMISES_SHOWN]:
        told = texts("desk.card.promise", words=escape(promise.words), by=blocks.moment(promise.due_at, wording.zone))
        kept = blocks.button("promise_kept", texts("desk.button.promise_kept"), number, str(promise.id))
        drawn.append(blocks.section(f":handshake: {told}", kept))
    for message in case.scheduled[:SCHEDULED_SHOWN]:
        words, at = escape(shorten(message.text, FACT_CHARACTERS)), blocks.moment(message.due_at, wording.zone)
        key = "desk.card.scheduled_unless" if message.unless_answered else "desk.card.scheduled"
        told = texts(key, who=escape(message.agent), words=words, at=at)
        drop = blocks.button("later_drop", texts("desk.button.later_drop"), number, str(message.id))
        drawn.append(blocks.section(f":clock3: {told}", drop))
    return drawn


def _actions(case: CaseFile, wording: Wording) -> list[Block]:
    ticket, texts = case.ticket, wording.texts
    number = ticket.number
    if case.merged_into is not None:
        return [blocks.actions(blocks.button("talk", texts("desk.button.talk"), number))]
    is_held = case.conversation.ticket_id == ticket.id and case.conversation.owner == Owner.AGENT
    row = []
    if ticket.is_open:
        if not is_held:
            row.append(blocks.button("take_over", texts("desk.button.take_over"), number, style="primary"))
        row.append(blocks.button("reply", texts("desk.button.reply"), number))
        row.append(blocks.button("template", texts("desk.button.template"), number))
        row.append(blocks.button("resolve", texts("desk.button.resolve"), number))
    else:
        row.append(blocks.button("reopen", texts("desk.button.reopen"), number))
    row.append(blocks.button("talk", texts("desk.button.talk"), number))
    options = [blocks.option(texts(f"desk.more.{name}"), blocks.value(number, name)) for name in _more(case)]
    row.append(blocks.select(f"{PREFIX}{MORE}", texts("desk.button.more"), options))
    return [blocks.actions(*row)]


def _more(case: CaseFile) -> list[str]:
    """What makes sense as it stands: nobody gives back what nobody has."""
    if not case.ticket.is_open:
        return list(MORE_WHEN_SETTLED)
    owner = case.conversation.owner if case.conversation.ticket_id == case.ticket.id else Owner.BOT
    senseless = {Owner.BOT: {"hand_back", "release"}, Owner.QUEUE: {"release"}}.get(Owner(owner), set())
    if case.ticket.status not in WAITING:
        senseless = senseless | {"resume"}
    return [name for name in MORE_WHILE_OPEN if name not in senseless]
