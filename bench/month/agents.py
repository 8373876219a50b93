"""Agents of varied diligence, working in Slack as people do: cards, threads, forms."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from random import Random

from sqlalchemy import select

from bench.month.stage import Stage
from bot.sandbox.slack.messages import Message as Post
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.screen import pressable
from handlers.calendars import is_open
from storage.conversations import Conversation, Owner
from storage.desk_threads import DeskThread
from storage.tickets import OPEN_STATUSES, Status, Ticket

FORM_SECONDS = 10.0
AWAY = 0.15  # of their days
REPLIES = ("Już to sprawdzam.", "Dziękuję, mam to. Wyjaśniam z magazynem.", "Kurier ma paczkę, dotrze wkrótce.")
PROMISES = ("Odpiszę jutro do 12.", "Dam znać do końca dnia.")


@dataclass
class Agent:
    """`diligence`: how likely they are to do something about one of their tickets at a look; `keeps_word`: whether they
    confirm what they promised. `read`: the last post in the desk's channel that they have seen."""

    person: Person
    diligence: float
    keeps_word: bool
    dice: Random
    read: str = ""
    day: date | None = None
    is_away: bool = False

    async def look(self, stage: Stage) -> None:
        """At work: some of what waits in the queue, some of what is theirs."""
        if not is_open(stage.app.desk().content.calendar, stage.clock()) or self._stays_away(stage):
            return
        for ticket, chat in await _open_cases(stage):
            if self.dice.random() > self.diligence:
                continue
            post = await _card(stage, ticket)
            if post is None:
                continue
            await self._work(stage, ticket, chat, post)

    def _stays_away(self, stage: Stage) -> bool:
        """For the day, and tells nobody: what they have promised slips."""
        today = stage.clock().date()
        if self.day != today:
            self.day, self.is_away = today, self.dice.random() < AWAY
        return self.is_away

    async def _work(self, stage: Stage, ticket: Ticket, chat: Conversation, post: Post) -> None:
        name = self.person.user.name
        if chat.owner == Owner.AGENT and chat.ticket_id == ticket.id:
            if chat.agent == name:
                await self._go_on(stage, ticket, post)
        elif ticket.assignee in {None, name} and ticket.status != Status.WAITING_CUSTOMER:
            await self._press(post, "take_over")

    async def _go_on(self, stage: Stage, ticket: Ticket, post: Post) -> None:
        chance = self.dice.random()
        if ticket.status == Status.WAITING_CUSTOMER:
            return
        if chance < 0.35:
            self.person.says(self.dice.choice(REPLIES), stage.desk, thread=post)
        elif chance < 0.47:
            self.person.says(self.dice.choice(PROMISES), stage.desk, thread=post)
        elif chance < 0.65:
            await self._fill(stage, post, "wait", on="customer", words="numer zamówienia")
        elif chance < 0.70:
            await self._fill(stage, post, "wait", on="third_party", words="odpowiedź przewoźnika")
        elif chance < 0.74:
            await self._press(post, "release")
        elif chance < 0.78:
            await self._press(post, "hand_back")
        else:
            await self._fill(stage, post, "resolve", cause="solved")

    async def _press(self, post: Post, action: str) -> Outcome | None:
        for block in post.body.get("blocks", []):
            for element in block.get("elements", []) if block["type"] == "actions" else []:
                if element["action_id"] == f"desk-{action}":
                    return await self.person.presses(post, element["action_id"])
                options = [one["value"] for one in element.get("options", [])]
                chosen = next((one for one in options if one.endswith(f"|{action}")), None)
                if chosen is not None:
                    return await self.person.presses(post, element["action_id"], chosen)
        return None

    async def _fill(self, stage: Stage, post: Post, action: str, **typed: str) -> None:
        """Opens the form, fills it in and sends it; one that does not open is left."""
        if await self._press(post, action) is None:
            return
        try:
            async with asyncio.timeout(FORM_SECONDS):
                while not self._has_fields(stage):  # noqa: ASYNC110 - the form is drawn by the other side
                    await asyncio.sleep(0.01)
        except TimeoutError:
            stage.slack.space.views.stack(self.person.id).clear()
            return
        view = self.person.modal
        for block in view.given["blocks"]:
            name = block.get("block_id", "").partition("-")[0]
            if name in typed:
                self.person.fills(view, block["element"]["action_id"], typed[name], block["block_id"])
        await self.person.submits()
        stage.slack.space.views.stack(self.person.id).clear()

    def _has_fields(self, stage: Stage) -> bool:
        stack = stage.slack.space.views.stack(self.person.id)
        return bool(stack) and any(block["type"] == "input" for block in stack[-1].given["blocks"])

    async def confirms_promises(self, stage: Stage) -> None:
        """The bot has seen a promise in their words and asks; who presses first answers for all who see it."""
        wanted = "desk-promise_yes" if self.keeps_word else "desk-promise_no"
        for post in stage.slack.space.talk.after(stage.desk.id, self.read):
            self.read = post.ts
            for one in () if post.is_removed or post.only_for else pressable(post.body):
                if one.action_id.startswith(wanted):
                    await self.person.presses(post, one.action_id)


async def _open_cases(stage: Stage) -> list[tuple[Ticket, Conversation]]:
    look = (
        select(Ticket, Conversation)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .where(Ticket.status.in_(OPEN_STATUSES), Ticket.merged_into.is_(None))
        .order_by(Ticket.number)
    )
    async with stage.database.reading() as session:
        return [(row[0], row[1]) for row in (await session.execute(look)).all()]


async def _card(stage: Stage, ticket: Ticket) -> Post | None:
    look = select(DeskThread).where(DeskThread.ticket_id == ticket.id, DeskThread.lost_at.is_(None))
    found = await stage.rows(look)
    return stage.slack.space.talk.find(found[-1].channel, found[-1].ts) if found else None
