"""What must never happen, counted from the raw rows: messages, events, surveys, promises."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from sqlalchemy import select

from bench.month.stage import Stage
from handlers.calendars import Calendar, open_times
from handlers.follow_ups import NO_ANSWER
from handlers.sla_report import InForce, mismatches
from handlers.surveys import SURVEYS
from storage.conversations import Author, Message
from storage.incidents import Subscriber
from storage.promises import Promise, PromiseStatus
from storage.surveys import Survey, SurveyStatus
from storage.tickets import OPEN_STATUSES, Status, Ticket, TicketEvent

ANSWERED_WITHIN = timedelta(minutes=30)  # a word so soon after theirs is an answer, not unasked
OVER = frozenset({Status.RESOLVED, Status.CLOSED})
HELD_BY_PEOPLE = frozenset({"taken", "handed_over"})  # "released" goes on with it, or is of a ticket that had no chat
LET_GO = frozenset({"handed_back", "back_to_bot"})


@dataclass
class Findings:
    """`notes` says of each thing found what it is."""

    tickets: int = 0
    lived: dict[str, int] = field(default_factory=dict)  # how much there was of what is looked at
    silences_over_limit: int = 0
    sla_mismatches: int = 0
    quiet_hours_broken: int = 0
    surveys_wrong: int = 0
    followups_wrong: int = 0
    promises_broken_silently: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        return (
            self.silences_over_limit + self.sla_mismatches + self.quiet_hours_broken + self.surveys_wrong
            + self.followups_wrong + self.promises_broken_silently
        )  # fmt: skip


@dataclass(frozen=True)
class Records:
    """All that is on record at the end."""

    tickets: Sequence[Ticket]
    events: dict[int, list[TicketEvent]]
    messages: dict[int, list[Message]]
    surveys: Sequence[Survey]
    promises: Sequence[Promise]
    subscribers: Sequence[Subscriber]


async def examine(stage: Stage, begin: datetime, grace: timedelta) -> Findings:
    """`grace`: how long after its time something can be done, because time goes by in steps."""
    records = await _records(stage)
    found = Findings(tickets=len(records.tickets), lived=_lived(records))
    _silences(stage, records, found, grace)
    await _sla(stage, begin, found)
    _quiet_hours(stage, records, found)
    _surveys(stage, records, found)
    _follow_ups(records, found)
    _promises(stage, records, found, grace)
    return found


async def _records(stage: Stage) -> Records:
    events: dict[int, list[TicketEvent]] = defaultdict(list)
    for event in await stage.rows(select(TicketEvent).order_by(TicketEvent.id)):
        events[event.ticket_id].append(event)
    messages: dict[int, list[Message]] = defaultdict(list)
    for message in await stage.rows(select(Message).order_by(Message.id)):
        messages[message.conversation_id].append(message)
    return Records(
        await stage.rows(select(Ticket).order_by(Ticket.id)),
        events,
        messages,
        await stage.rows(select(Survey).order_by(Survey.id)),
        await stage.rows(select(Promise)),
        await stage.rows(select(Subscriber)),
    )


def _lived(records: Records) -> dict[str, int]:
    """A month in which nothing of a kind happened shows nothing about it."""
    kinds = Counter(event.kind for events in records.events.values() for event in events)
    promises = Counter(promise.status for promise in records.promises)
    sent = [survey for survey in records.surveys if survey.sent_at is not None]
    return {
        "agents_replies": kinds["agent_replied"],
        "status_updates": kinds["status_told"],
        "drafts": kinds["word_drafted"],
        "asked_again": kinds["asked_again"],
        "chased": kinds["chased"],
        "reminders": kinds["followed_up"],
        "closed_unanswered": sum(ticket.cause == NO_ANSWER for ticket in records.tickets),
        "sla_warnings": kinds["sla_warning"],
        "sla_breaches": kinds["sla_breached"],
        "ladder_steps": kinds["called"],
        "promises_kept": promises[PromiseStatus.KEPT],
        "promises_corrected": promises[PromiseStatus.CORRECTED],
        **{f"{kind}_sent": sum(one.kind == kind for one in sent) for kind in SURVEYS},
        **{f"{kind}_answered": sum(one.kind == kind and one.score is not None for one in sent) for kind in SURVEYS},
        "not_asked": sum(one.status == SurveyStatus.NOT_SENT for one in records.surveys),
        "recoveries": sum(survey.recovery_ticket_id is not None for survey in records.surveys),
        "reratings": sum(survey.rerates is not None and survey.score is not None for survey in records.surveys),
        "told_of_incidents": sum(one.told > 0 for one in records.subscribers),
    }


def _silences(stage: Stage, records: Records, found: Findings, grace: timedelta) -> None:
    """Between two words the working time is bounded: by the customer's rhythm, and while it is their turn by the steps
    of the follow-up."""
    content, now = stage.app.desk().content, stage.clock()
    rules = content.rhythm.rules
    for ticket in records.tickets:
        if ticket.merged_into is not None:
            continue
        words = [one.created_at for one in records.messages[ticket.conversation_id] if one.author != Author.CUSTOMER]
        for begin, end in _open_spans(records.events[ticket.id], now):
            inside = [begin, *(at for at in words if begin < at < end), end]
            for one, other in pairwise(inside):
                limit = timedelta(minutes=rules.updates.normal)
                if _waits_for_customer(records.events[ticket.id], one, other):
                    days = [step.after_days for step in rules.follow_ups]
                    limit = max(b - a for a, b in pairwise([0, *days])) * _longest_day(content.calendar)
                silent = _working_time(content.calendar, one, other)
                if silent > limit + grace:
                    found.silences_over_limit += 1
                    found.notes.append(f"#{ticket.number}: silent for {silent} from {one:%d.%m %H:%M}")


def _open_spans(events: Sequence[TicketEvent], now: datetime) -> list[tuple[datetime, datetime]]:
    spans, begin = [], None
    for event in events:
        if event.kind == "opened":
            begin = event.at
        elif event.kind == "status" and event.data["after"] in OVER and begin is not None:
            spans.append((begin, event.at))
            begin = None
        elif event.kind == "status" and event.data["before"] in OVER:
            begin = event.at
    return spans if begin is None else [*spans, (begin, now)]


def _waits_for_customer(events: Sequence[TicketEvent], since: datetime, until: datetime) -> bool:
    """At some time between the two."""
    waits = False
    for event in events:
        if event.kind != "status" or event.at > until:
            continue
        waits = event.data["after"] == Status.WAITING_CUSTOMER
        if waits and event.at >= since:
            return True
        if event.data["before"] == Status.WAITING_CUSTOMER and event.at > since:
            return True
    return waits


def _longest_day(calendar: Calendar) -> timedelta:
    return max(sum((_length(*one) for one in hours), timedelta()) for hours in calendar.hours.values())


def _length(start: time, end: time) -> timedelta:
    day = date(2026, 1, 1)
    return datetime.combine(day, end, UTC) - datetime.combine(day, start, UTC)


def _working_time(calendar: Calendar, since: datetime, until: datetime) -> timedelta:
    total = timedelta()
    for start, end in open_times(calendar, since):
        if start >= until:
            break
        total += min(end, until) - start
    return total


async def _sla(stage: Stage, begin: datetime, found: Findings) -> None:
    content = stage.app.desk().content
    in_force = [InForce(begin, content.sla, content.calendar)]
    async with stage.database.reading() as session:
        for one in await mismatches(session, in_force, begin, stage.clock() + timedelta(days=1)):
            found.sla_mismatches += 1
            found.notes.append(f"SLA of ticket id {one.ticket_id}, {one.target}: {one.stored} but {one.computed}")


def _quiet_hours(stage: Stage, records: Records, found: Findings) -> None:
    """What we say unasked is said by nobody in particular, or is a survey."""
    rhythm = stage.app.desk().content.rhythm
    surveys = {one.message_id for one in records.surveys}
    for said in records.messages.values():
        heard = [one.created_at for one in said if one.author == Author.CUSTOMER]
        for message in said:
            is_unasked = message.author == Author.SYSTEM or message.id in surveys
            was_asked = any(timedelta() <= message.created_at - at <= ANSWERED_WITHIN for at in heard)
            if is_unasked and not was_asked and rhythm.in_quiet_hours(message.created_at):
                found.quiet_hours_broken += 1
                found.notes.append(f"unasked at {message.created_at:%d.%m %H:%M} UTC: message {message.id}")


def _surveys(stage: Stage, records: Records, found: Findings) -> None:
    rules = stage.app.desk().content.surveys
    by_customer: dict[int, list[Survey]] = defaultdict(list)
    for survey in (one for one in records.surveys if one.sent_at is not None):
        by_customer[survey.customer_id].append(survey)
        why = _why_wrong(survey, records, timedelta(minutes=rules.quiet_minutes))
        if why:
            found.surveys_wrong += 1
            found.notes.append(f"survey {survey.id}: {why}")
    for asked in by_customer.values():
        times = sorted(one.sent_at for one in asked if one.sent_at and one.rerates is None)
        close = sum(other - one < timedelta(days=rules.fatigue_days) for one, other in pairwise(times))
        found.surveys_wrong += close
        found.notes += [f"customer {asked[0].customer_id}: {close} survey(s) too soon after another"] * bool(close)


def _why_wrong(survey: Survey, records: Records, quiet: timedelta) -> str | None:
    """Into a live chat: the customer has just written, or people have the conversation."""
    at = survey.sent_at
    assert at is not None
    for message in records.messages[survey.conversation_id]:
        if message.correlation_id == f"survey:{survey.id}:asked":
            break  # what follows was said after it, if at the same moment of a clock that stands still meanwhile
        if message.author == Author.CUSTOMER and at - message.created_at < quiet:
            return "the customer was writing"
    here = [ticket for ticket in records.tickets if ticket.conversation_id == survey.conversation_id]
    events = sorted((one for ticket in here for one in records.events[ticket.id]), key=lambda one: one.id)
    held = _held_for(events, at)
    return None if held is None else f"people had the chat, for ticket id {held}"


def _held_for(events: Sequence[TicketEvent], at: datetime) -> int | None:
    """The ticket that people had the chat for: one at a time, the last one they took it for."""
    held: int | None = None
    for event in events:
        if event.at >= at:
            break
        if event.kind in HELD_BY_PEOPLE:
            held = event.ticket_id
        elif event.ticket_id == held and (
            event.kind in LET_GO or (event.kind == "status" and event.data["after"] in OVER)
        ):
            held = None
    return held


def _follow_ups(records: Records, found: Findings) -> None:
    """A word of the customer's ends the reminders; while none comes, there is always a next step."""
    for ticket in records.tickets:
        since: datetime | None = None
        for event in records.events[ticket.id]:
            if event.kind == "status":
                since = event.at if event.data["after"] == Status.WAITING_CUSTOMER else None
            elif event.kind == "followed_up" and since is not None:
                said = records.messages[ticket.conversation_id]
                if any(one.author == Author.CUSTOMER and since < one.created_at < event.at for one in said):
                    found.followups_wrong += 1
                    found.notes.append(f"#{ticket.number}: reminded at {event.at:%d.%m %H:%M} though they had answered")
            elif event.kind == "followed_up":
                found.followups_wrong += 1
                found.notes.append(f"#{ticket.number}: reminded while it did not wait for them")
        if ticket.status == Status.WAITING_CUSTOMER and ticket.follow_up_at is None:
            found.followups_wrong += 1
            found.notes.append(f"#{ticket.number}: waits for the customer without end")


def _promises(stage: Stage, records: Records, found: Findings, grace: timedelta) -> None:
    """An agent's promise is kept, or the customer is told in time that it is not."""
    open_ids = {ticket.id for ticket in records.tickets if ticket.status in OPEN_STATUSES}
    rhythm = stage.app.desk().content.rhythm
    for promise in records.promises:
        late = stage.clock() - promise.due_at
        is_due = late > grace and not rhythm.in_quiet_hours(promise.due_at) and not rhythm.in_quiet_hours(stage.clock())
        forgotten = promise.status == PromiseStatus.OPEN and promise.ticket_id in open_ids and is_due
        if forgotten or promise.status == PromiseStatus.BROKEN:
            found.promises_broken_silently += 1
            found.notes.append(f"promise {promise.id} ({promise.status}) was due {promise.due_at:%d.%m %H:%M}")
