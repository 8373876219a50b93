"""What an agent can do from a card, a form, a menu or with an emoji: one line each in `ACTIONS`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.desk import typed
from bot.desk.events import DeskEvent
from bot.desk.template_form import KEY, given
from handlers import agents, casework, drafts, follow_ups, later, promise_actions
from handlers.agent_actions import Act, Post
from handlers.casework import NotSensible, Why
from handlers.template_rendering import case_of, reply_from
from storage.agents import Agent
from storage.customers import Customer
from storage.ticket_links import follower_ids
from storage.tickets import Ticket


@dataclass(frozen=True)
class Notice:
    """What the agent alone is told, from the catalogue; `undo`: their words can still be taken back with a button.
    `mark`: an emoji on their own post. `empty_phrases`: what they wrote, and could leave out."""

    key: str = ""
    values: Mapping[str, str | int] | None = None
    undo: bool = False
    mark: str | None = None
    empty_phrases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Doing:
    """An action under way: by whom, to which ticket, with what."""

    act: Act
    agent: Agent
    event: DeskEvent
    number: int

    @property
    def values(self) -> Mapping[str, str]:
        return self.event.values


Action = Callable[[Doing], Awaitable[Notice | None]]


async def _take_over(doing: Doing) -> None:
    await doing.act.take_over(doing.number)


async def _release(doing: Doing) -> None:
    await doing.act.release(doing.number)


async def _hand_back(doing: Doing) -> None:
    await doing.act.hand_back(doing.number)


async def _reopen(doing: Doing) -> None:
    await doing.act.reopen(doing.number)


async def _resolve(doing: Doing) -> Notice:
    """Without a form (an emoji) it is settled as the first cause there is."""
    causes = doing.act.desk.content.desk.causes
    cause = doing.values.get("cause") or next(iter(causes))
    if cause not in causes:
        raise NotSensible(Why.NO_CHOICE)
    words = doing.values.get("words", "")
    await doing.act.resolve(doing.number, cause, words)
    return Notice(empty_phrases=await empty_phrases(doing, words))


async def _reply(doing: Doing) -> Notice:
    words = doing.values.get("words", "")
    await doing.act.reply(doing.number, words)
    return Notice(empty_phrases=await empty_phrases(doing, words))


async def empty_phrases(doing: Doing, words: str) -> tuple[str, ...]:
    """Phrases in an agent's words that say nothing, in the language the customer has the conversation in: pointed out
    to the agent, and never in the way."""
    ticket, customer = await _case(doing)
    return doing.act.desk.content.cliches.hints(words, customer.language or ticket.language)


async def _case(doing: Doing) -> tuple[Ticket, Customer]:
    ticket, _ = await doing.act.find(doing.number)
    return ticket, await doing.act.session.get_one(Customer, ticket.customer_id)


async def _template(doing: Doing) -> None:
    """The text keeps which template or answer it came from, in which version."""
    act = doing.act
    ticket, customer = await _case(doing)
    case = case_of(act.desk, ticket, customer, doing.agent.name, act.now)
    await act.send(doing.number, reply_from(doing.values.get(KEY, ""), case, given(doing.values)))


async def _note(doing: Doing) -> None:
    await casework.note(doing.act, doing.number, doing.values.get("words", ""))


async def _assign(doing: Doing) -> None:
    to = await doing.act.session.get(Agent, typed.number(doing.values.get("to", "")))
    if to is None or not to.is_active:
        raise NotSensible(Why.NOBODY)
    await doing.act.assign(doing.number, to.name)


async def _wait(doing: Doing) -> None:
    status = typed.waits_on(doing.values.get("on", ""))
    await casework.wait(doing.act, doing.number, status, doing.values.get("words", ""))


async def _snooze(doing: Doing) -> None:
    await casework.snooze(doing.act, doing.number, typed.moment(doing.values.get("until", "")))


async def _priority(doing: Doing) -> None:
    await casework.set_priority(doing.act, doing.number, typed.priority(doing.values.get("priority", "")))


async def _category(doing: Doing) -> None:
    await casework.set_category(doing.act, doing.number, doing.values.get("category", ""))


async def _tier(doing: Doing) -> None:
    await casework.set_tier(doing.act, doing.number, doing.values.get("tier", ""))


async def _risk(doing: Doing) -> None:
    await casework.risk(doing.act, doing.number, doing.values.get("words", ""))


async def _merge(doing: Doing) -> None:
    await casework.merge(doing.act, doing.number, typed.number(doing.values.get("into", "")))


async def _join(doing: Doing) -> None:
    """The offer on the card: this ticket goes on as the older of the two."""
    other = typed.number(doing.event.argument)
    await casework.merge(doing.act, max(doing.number, other), min(doing.number, other))


async def _unlike(doing: Doing) -> None:
    await casework.unlike(doing.act, doing.number, typed.number(doing.event.argument))


async def _link(doing: Doing) -> None:
    await casework.link(doing.act, doing.number, typed.number(doing.values.get("other", "")))


async def _spam(doing: Doing) -> None:
    await casework.spam(doing.act, doing.number)


async def _follow(doing: Doing) -> Notice:
    """On, or off again."""
    ticket = await casework.the_ticket(doing.act, doing.number)
    follows = doing.agent.id not in await follower_ids(doing.act.session, ticket.id)
    await casework.follow(doing.act, doing.number, doing.agent, follows=follows)
    return Notice("desk.notice.followed" if follows else "desk.notice.unfollowed", {"number": doing.number})


async def _draft_send(doing: Doing) -> None:
    await drafts.send(doing.act, doing.number)


async def _draft_leave(doing: Doing) -> None:
    await drafts.decline(doing.act, doing.number)


async def _resume(doing: Doing) -> None:
    await follow_ups.resume(doing.act, doing.number)


async def _promise_yes(doing: Doing) -> None:
    await promise_actions.confirm(doing.act, doing.number, typed.number(doing.event.argument))


async def _promise_time(doing: Doing) -> None:
    due_at = typed.moment(doing.values.get("until", ""))
    await promise_actions.confirm(doing.act, doing.number, typed.number(doing.event.argument), due_at)


async def _promise_no(doing: Doing) -> None:
    await promise_actions.dismiss(doing.act, doing.number, typed.number(doing.event.argument))


async def _promise_kept(doing: Doing) -> None:
    await promise_actions.keep(doing.act, doing.number, typed.number(doing.event.argument))


async def _later(doing: Doing) -> Notice:
    words, due_at = doing.values.get("words", ""), typed.moment(doing.values.get("until", ""))
    unless_answered = doing.values.get("unless", "") != ""
    await later.schedule(doing.act, doing.number, words, due_at, unless_answered=unless_answered)
    return Notice(empty_phrases=await empty_phrases(doing, words))


async def _later_drop(doing: Doing) -> None:
    await later.drop(doing.act, doing.number, typed.number(doing.event.argument))


async def _undo(doing: Doing) -> Notice:
    """The press names the post that is taken back."""
    channel, _, ts = doing.event.argument.partition(":")
    taken = await doing.act.take_reply_back(Post(channel, ts))
    return Notice("desk.notice.undone" if taken else "desk.notice.nothing_to_undo")


async def _duty(doing: Doing) -> None:
    agents.set_duty(doing.agent, on=doing.event.argument == "on")


async def _home(_: Doing) -> None:
    """The Home tab is drawn anew after whatever is pressed on it."""


ACTIONS: Mapping[str, Action] = {
    "take_over": _take_over,
    "release": _release,
    "hand_back": _hand_back,
    "reopen": _reopen,
    "resolve": _resolve,
    "reply": _reply,
    "template": _template,
    "note": _note,
    "assign": _assign,
    "wait": _wait,
    "snooze": _snooze,
    "priority": _priority,
    "category": _category,
    "tier": _tier,
    "risk": _risk,
    "merge": _merge,
    "join": _join,
    "unlike": _unlike,
    "link": _link,
    "spam": _spam,
    "follow": _follow,
    "draft_send": _draft_send,
    "draft_edit": _reply,
    "draft_leave": _draft_leave,
    "resume": _resume,
    "promise_yes": _promise_yes,
    "promise_time": _promise_time,
    "promise_no": _promise_no,
    "promise_kept": _promise_kept,
    "later": _later,
    "later_drop": _later_drop,
    "undo": _undo,
    "duty": _duty,
    "home": _home,
}  # fmt: skip
