"""An agent's Home tab: their duty, their tickets, the queue, what is late, their day, and the team for who leads it.
Pure."""

from __future__ import annotations

from datetime import datetime

from bot.channels.slack.blocks import escape
from bot.desk import blocks
from bot.desk.blocks import Block
from bot.desk.home_facts import MATES_SHOWN, HomeFacts
from bot.desk.payloads import PREFIX
from bot.desk.wording import Wording
from handlers.plain_text import shorten
from handlers.when import opening_hours
from storage.desk_lists import Listed, Listing
from storage.tickets import Priority

VIEW_BLOCKS = 100
NAME_CHARACTERS = 60
MATES_A_BLOCK = 8  # whatever their names are, a section holds so many
MINUTE_SECONDS = 60


def home_view(facts: HomeFacts, wording: Wording, workspace: str, now: datetime, drawing: str) -> Block:
    """`workspace` is the address of the workspace, for links; `drawing` is another one in each drawing."""
    draw = _Home(facts, wording, workspace, now)
    drawn = [*draw.duty(), *draw.mine(), *draw.queue(), *draw.overdue(), *draw.day(), *draw.team()]
    return {
        "type": "home",
        "callback_id": f"{PREFIX}home",
        "blocks": blocks.numbered(drawn[:VIEW_BLOCKS], drawing),
    }


class _Home:
    def __init__(self, facts: HomeFacts, wording: Wording, workspace: str, now: datetime) -> None:
        self._facts = facts
        self._wording = wording
        self._texts = wording.texts
        self._workspace = workspace
        self._now = now

    def duty(self) -> list[Block]:
        facts, texts = self._facts, self._texts
        hours = opening_hours(facts.hours, self._wording.language)
        own = facts.agent.schedule is not None
        told = texts("desk.home.hours", hours=hours) if own else texts("desk.home.company_hours", hours=hours)
        is_on = facts.agent.is_on_duty
        label = texts("desk.button.duty_off") if is_on else texts("desk.button.duty_on")
        switch = blocks.button("duty", label, None, "off" if is_on else "on", style=None if is_on else "primary")
        refresh = blocks.button("home", texts("desk.button.refresh"), None)
        return [
            blocks.header(texts("desk.home.title", name=facts.agent.name)),
            blocks.section(f"{self._state()}\n{escape(told)}"),
            blocks.actions(switch, refresh),
        ]

    def _state(self) -> str:
        """Whether tickets come to them now, and until when it stays so."""
        texts, shift = self._texts, self._facts.shift
        if not self._facts.agent.is_on_duty:
            return f":white_circle: {texts('desk.home.duty_off')}"
        if shift.changes_at is None:
            return f":white_circle: {texts('desk.home.duty_never')}"
        at = blocks.moment(shift.changes_at, self._wording.zone)
        if shift.is_on:
            return f":large_green_circle: {texts('desk.home.duty_on', until=at)}"
        return f":white_circle: {texts('desk.home.duty_later', starts=at)}"

    def mine(self) -> list[Block]:
        listing = self._facts.mine
        head = self._head(self._texts("desk.home.mine"), listing)
        if not listing.shown:
            return [*head, blocks.section(self._texts("desk.home.none_mine"))]
        drawn: list[Block] = []
        for one in listing.shown:
            drawn += [blocks.section(self._ticket(one, self._due(one))), self._buttons(one)]
        return [*head, *drawn, *self._left_out(listing)]

    def queue(self) -> list[Block]:
        listing = self._facts.queue
        head = self._head(self._texts("desk.home.queue"), listing)
        if not listing.shown:
            return [*head, blocks.section(self._texts("desk.home.none_waiting"))]
        drawn: list[Block] = []
        for one in listing.shown:
            since = blocks.moment(one.waits_since, self._wording.zone)
            told = [self._texts("desk.home.waits_since", since=since)]
            if one.ticket.assignee:
                told.append(self._texts("desk.home.offered_to", who=escape(one.ticket.assignee)))
            drawn += [blocks.section(self._ticket(one, *told)), self._buttons(one)]
        return [*head, *drawn, *self._left_out(listing)]

    def overdue(self) -> list[Block]:
        """Mine are above with their buttons: here a line tells that they are late, too."""
        listing = self._facts.overdue
        if not listing.shown:
            return []
        lines = [self._ticket(one, self._due(one), self._with_whom(one)) for one in listing.shown]
        told = [blocks.section(line) for line in lines]
        return [*self._head(self._texts("desk.home.overdue"), listing), *told, *self._left_out(listing)]

    def day(self) -> list[Block]:
        facts, texts = self._facts, self._texts
        first = facts.day.first_reply
        minutes = texts("desk.home.minutes", minutes=round(first.total_seconds() / MINUTE_SECONDS)) if first else "–"
        figures = [
            (texts("desk.home.day_taken"), str(facts.day.taken)),
            (texts("desk.home.day_replied"), str(facts.day.replied)),
            (texts("desk.home.day_resolved"), str(facts.day.resolved)),
            (texts("desk.home.day_first_reply"), minutes if first is not None else "–"),
            (texts("desk.home.day_open"), f"{facts.load} / {facts.agent.load_cap}"),
        ]
        return [blocks.divider(), blocks.header(texts("desk.home.day")), *blocks.fields(figures)]

    def team(self) -> list[Block]:
        team, texts = self._facts.team, self._texts
        if not team:
            return []
        lines = []
        for mate in team[:MATES_SHOWN]:
            mark = ":large_green_circle:" if mate.is_on_duty else ":white_circle:"
            name = escape(shorten(mate.agent.name, NAME_CHARACTERS))
            load = texts("desk.home.load", open=mate.load, cap=mate.agent.load_cap, chats=mate.chats)
            lines.append(f"{mark} *{name}*: {load}")
        on_duty = sum(mate.is_on_duty for mate in team)
        head = texts("desk.home.team", on_duty=on_duty, all=len(team))
        told = [blocks.section("\n".join(lines[at : at + MATES_A_BLOCK])) for at in range(0, len(lines), MATES_A_BLOCK)]
        more = len(team) - len(lines)
        left_out = blocks.context(texts("desk.home.left_out", count=more)) if more else []
        return [blocks.divider(), blocks.header(head), *told, *left_out]

    def _head(self, title: str, listing: Listing) -> list[Block]:
        return [blocks.divider(), blocks.header(f"{title} ({listing.total})")]

    def _left_out(self, listing: Listing) -> list[Block]:
        return blocks.context(self._texts("desk.home.left_out", count=listing.left_out)) if listing.left_out else []

    def _ticket(self, one: Listed, *told: str) -> str:
        """Number, topic and customer, with a link to the thread; below, what matters in this list."""
        ticket, texts = one.ticket, self._texts
        name = f"#{ticket.number} {escape(self._wording.topic(ticket.category))}"
        thread = one.thread
        if thread is not None and self._workspace:
            ts = thread.ts.replace(".", "")
            name = f"<{self._workspace}archives/{thread.channel}/p{ts}|{name.replace('|', '¦')}>"
        urgent = ":red_circle: " if ticket.priority == Priority.HIGH else ""
        who = escape(shorten(one.customer or texts("desk.card.nameless"), NAME_CHARACTERS))
        status = self._wording.status(ticket.status)
        return f"{urgent}*{name}*\n{' · '.join(part for part in (who, status, *told) if part)}"

    def _due(self, one: Listed) -> str:
        due = one.ticket.next_word_at
        if due is None:
            return ""
        mark = " :warning:" if due < self._now else ""
        return self._texts("desk.home.due", by=blocks.moment(due, self._wording.zone)) + mark

    def _with_whom(self, one: Listed) -> str:
        who = one.held_by or one.ticket.assignee
        if who == self._facts.agent.name:
            return self._texts("desk.home.yours")
        return escape(who) if who else self._texts("desk.home.nobodys")

    def _buttons(self, one: Listed) -> Block:
        number, texts = one.ticket.number, self._texts
        talk = blocks.button("talk", texts("desk.button.talk"), number)
        if one.held_by is not None:
            return blocks.actions(talk)
        take = blocks.button("take_over", texts("desk.button.take_over"), number, style="primary")
        return blocks.actions(take, talk)
