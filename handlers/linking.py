"""One person, two channels: their accounts are joined by a one-time code, and taken apart again (R70).

Works in private chats, whoever answers there: a code is asked for in one chat and given in the other. It is good for
ten minutes and for one use; afterwards it is made unreadable in our records of both chats. What remains is the
messenger's own copy, the earlier text of a message that was edited, and backups: there it is of no use to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import guessing, link_codes, merging, questions, when
from handlers.awaiting import AwaitingConfirm, AwaitingField, button
from handlers.buttons import Button
from handlers.link_wishes import How, What, Wish, wish_of
from handlers.markup import escape
from handlers.messages import IncomingMessage, Reply, Setting, Turn
from handlers.plain_text import shorten
from handlers.speaking import say
from storage import conversations, customers, inbound, outbox, wrong_codes
from storage import link_codes as codes
from storage.conversations import Author, Conversation, Owner
from storage.customers import ChannelIdentity
from storage.link_codes import LinkCode

VALID_MINUTES = 10
NAME_CHARACTERS = 40
TYPED_WITHIN = timedelta(hours=1)


async def one_at_a_time(session: AsyncSession, messages: Sequence[IncomingMessage]) -> None:
    """To be called before the turn locks anything: turns that may link accounts wait for one another."""
    if wish_of(messages) is not None:
        await codes.one_at_a_time(session)


async def answer(turn: Turn, messages: Sequence[IncomingMessage]) -> Reply | None:
    """What was done about linking; None: these messages are not about it, or are an agent's to read."""
    wish = wish_of(messages)
    if wish is None:
        return None
    await forget_useless(turn.session, turn.now)
    if turn.is_public:
        return await _in_public(turn, wish)
    reply = await _privately(turn, wish)
    if reply is not None and wish.code:
        await _hide_typed(turn, wish.code)
    return None if reply is None else _back_to_question(turn, reply)


async def forget_useless(session: AsyncSession, now: datetime) -> None:
    """Used and expired codes are made unreadable where they were shown. Called whenever somebody links; a job that
    calls it too makes it certain."""
    await codes.one_at_a_time(session)
    for code in await codes.readable_though_useless(session, now):
        changed = await conversations.reword(
            session, code.conversation_id, code.created_at, link_codes.without_codes, code.shown_in or ""
        )
        await outbox.reword(session, code.conversation_id, changed, link_codes.without_codes)
        code.shown_in = None
    await session.flush()
    await codes.drop_old(session, now)
    await wrong_codes.drop_before(session, now - codes.KEPT)


async def _in_public(turn: Turn, wish: Wish) -> Reply | None:
    """Others read along: nothing is linked here, and a code that was shown is of no use any more."""
    if wish.code:
        found = await codes.code_hashed(turn.session, link_codes.digest(wish.code))
        if found is not None:
            await codes.withdraw(turn.session, found.identity_id, turn.now)
    is_meant = wish.how is How.COMMAND or (wish.how is How.WORDS and turn.message.addressed)
    if not is_meant or _is_agents(turn, wish):
        return None
    return Reply(turn.texts("link.exposed") if wish.code else turn.texts("link.only_privately"))


def _is_agents(turn: Turn, wish: Wish) -> bool:
    """Whether an agent answers here, who reads everything but commands."""
    return turn.conversation.owner == Owner.AGENT and wish.how is not How.COMMAND


async def _privately(turn: Turn, wish: Wish) -> Reply | None:
    identity = await _identity(turn)
    match wish.what:
        case What.REDEEM:
            return await _redeem(turn, identity, wish)
        case _ if _is_agents(turn, wish):
            return None
        case What.UNLINK:
            return await _unlink(turn, identity)
        case What.ASK:
            return await _give_code(turn, identity)


async def _identity(turn: Turn) -> ChannelIdentity:
    message = turn.message
    return await customers.identity_of(turn.session, message.channel, message.sender_id, None, turn.now)


# Asking for a code


async def _give_code(turn: Turn, identity: ChannelIdentity) -> Reply:
    """A new code; an earlier one is of no use any more."""
    await codes.withdraw(turn.session, identity.id, turn.now)
    await forget_useless(turn.session, turn.now)
    code = link_codes.new_code()
    row = LinkCode(
        code_hash=link_codes.digest(code),
        identity_id=identity.id,
        conversation_id=turn.conversation.id,
        shown_in=turn.correlation_id,
        created_at=turn.now,
        expires_at=turn.now + timedelta(minutes=VALID_MINUTES),
    )
    turn.session.add(row)
    return Reply(turn.texts("link.code", code=link_codes.shown(code), minutes=VALID_MINUTES))


# Giving it


async def _redeem(turn: Turn, identity: ChannelIdentity, wish: Wish) -> Reply | None:
    """Links the accounts, or says that the code is of no use. A code without a word, and any in an agent's chat, that
    is none of ours was not meant for us; it counts as a guess all the same."""
    if (pause := await _pause(turn, identity)) is not None:
        return None if _is_agents(turn, wish) else pause
    found = await codes.code_hashed(turn.session, link_codes.digest(wish.code)) if wish.code else None
    if found is not None and found.identity_id == identity.id:
        return Reply(turn.texts("link.own") if found.is_active(turn.now) else turn.texts("link.refused"))
    if found is not None and await codes.use(turn.session, found.code_hash, turn.now):
        return await _link(turn, identity, await turn.session.get_one(ChannelIdentity, found.identity_id))
    if wish.code:
        await wrong_codes.note(turn.session, identity.id, turn.now)
    if _is_agents(turn, wish) or (found is None and wish.how is How.BARE):
        return None
    return await _pause(turn, identity) or Reply(turn.texts("link.refused"))


async def _pause(turn: Turn, identity: ChannelIdentity) -> Reply | None:
    """What is said while codes are not looked at, right ones included."""
    zone = turn.desk.content.calendar.zone
    human = button(turn.texts("button.human"), "human")
    wrong = await wrong_codes.latest_by(turn.session, identity.id, guessing.MOST_WRONG)
    until = guessing.paused_until(wrong, turn.now)
    if until is not None:
        return Reply(turn.texts("link.paused", at=when.at(until, turn.now, zone, turn.texts)), (human,))
    if guessing.are_too_many(await wrong_codes.count_since(turn.session, turn.now - guessing.WITHIN)):
        return Reply(turn.texts("link.busy"), (human,))
    return None


async def _link(turn: Turn, identity: ChannelIdentity, other: ChannelIdentity) -> Reply:
    if other.customer_id == identity.customer_id:
        return Reply(turn.texts("link.already"))
    turn.customer = await merging.merge(turn.session, other.customer_id, identity.customer_id, turn.now)
    turn.texts = turn.desk.catalogue[turn.customer.language or turn.desk.default_language]
    await forget_useless(turn.session, turn.now)
    await _tell_others(turn, turn.customer.id, identity, with_way_out=True, text="link.linked_elsewhere")
    return Reply(turn.texts("link.linked", place=_place(other)), (_way_out(turn),))


async def _hide_typed(turn: Turn, code: str) -> None:
    """The code as the customer typed it, in this chat's records."""

    def change(text: str) -> str:
        return link_codes.without(text, code)

    await conversations.reword(turn.session, turn.conversation.id, turn.now - TYPED_WITHIN, change)
    await inbound.reword(turn.session, turn.message.lane, change)


# Taking apart


async def _unlink(turn: Turn, identity: ChannelIdentity) -> Reply:
    """Codes of both sides are of no use any more: whoever unlinks may do so because somebody has one."""
    shared_id = identity.customer_id
    own = await merging.split(turn.session, identity, turn.now)
    if own is None:
        return Reply(turn.texts("link.not_linked"))
    for one in await customers.identities_of(turn.session, shared_id, own.id):
        await codes.withdraw(turn.session, one.id, turn.now)
    await forget_useless(turn.session, turn.now)
    turn.customer = own
    await _tell_others(turn, shared_id, identity, text="link.unlinked_elsewhere")
    return Reply(turn.texts("link.unlinked"))


# Telling


async def _tell_others(
    turn: Turn, customer_id: int, identity: ChannelIdentity, *, text: str, with_way_out: bool = False
) -> None:
    """Every other private chat of the customer hears what was done, also one that an agent has."""
    reply = Reply(turn.texts(text, place=_place(identity)), (_way_out(turn),) if with_way_out else ())
    for chat in await conversations.conversations_of(turn.session, customer_id):
        if chat.id != turn.conversation.id and chat.setting == Setting.PRIVATE and chat.blocked_at is None:
            await _tell(turn, chat, reply)


async def _tell(turn: Turn, chat: Conversation, reply: Reply) -> None:
    await say(
        turn.session,
        chat,
        reply,
        author=Author.SYSTEM,
        correlation_id=turn.correlation_id,
        dedupe=f"link:{turn.correlation_id}:{chat.id}",
        now=turn.now,
    )


def _way_out(turn: Turn) -> Button:
    return button(turn.texts("button.unlink"), "unlink")


def _place(identity: ChannelIdentity) -> str:
    """ "Slack (Anna)" """
    channel = identity.channel.capitalize()
    if not identity.display_name:
        return channel
    return f"{channel} ({escape(shorten(identity.display_name, NAME_CHARACTERS))})"


def _back_to_question(turn: Turn, reply: Reply) -> Reply:
    """A form that was being filled goes on where it was."""
    state = turn.awaiting
    if turn.conversation.owner == Owner.AGENT or not isinstance(state, (AwaitingField, AwaitingConfirm)):
        return reply
    asked = questions.repeat(turn, state)
    text = turn.texts("question.back_to", answer=reply.text, question=asked.text)
    return Reply(text, (*reply.buttons, *asked.buttons))
