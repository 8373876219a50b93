"""What agents teach the bot from where they saw the mistake: it lies with the admins, masked, until they decide."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import phrases, reviews
from handlers.agent_actions import Act, AlreadySo
from handlers.casework import NotSensible, the_ticket
from handlers.casework import Why as NotSensibleWhy
from handlers.content import Content
from handlers.likeness_of_texts import like_key
from handlers.masking import mask
from handlers.plain_text import readable, storable
from storage import desk_threads, training
from storage import reviews as stored
from storage.conversations import Author, Message
from storage.reviews import ReviewItem, ReviewStatus, Why
from storage.tickets import Ticket

MOST_CHARACTERS = 2_000
MOST_LOOKED_AT = 10


async def at_post(session: AsyncSession, channel: str, ts: str) -> Message | None:
    """The message that a post in a thread stands for."""
    copies = await desk_threads.copies_at(session, channel, ts) if channel and ts else []
    return await session.get(Message, copies[0].message_id) if copies else None


async def meant(session: AsyncSession, ticket: Ticket, channel: str, ts: str, *authors: Author) -> Message | None:
    """The message at the post, or else the newest by one of `authors` in the ticket's chat: for a customer, of those
    that the bot has read, and that were more than a call for a person."""
    here = await at_post(session, channel, ts)
    if here is not None and here.author in authors and here.deleted_at is None:
        return here
    said = await stored.newest_said(session, ticket.conversation_id, authors, MOST_LOOKED_AT)
    return next((one for one in said if not _calls_a_person(one)), None)


def _calls_a_person(message: Message) -> bool:
    is_customers = message.author == Author.CUSTOMER
    return is_customers and (message.intent in reviews.ASKING_FOR_A_PERSON or phrases.asks_for_human(message.text))


async def wrong_topic(act: Act, number: int, message_id: int, intent: str) -> ReviewItem:
    """The bot misread this message of the customer. Raises `AlreadySo`, `NotSensible`, `TicketNotFound`."""
    ticket = await the_ticket(act, number)
    await _known(act, intent)
    message = await _message(act, ticket, message_id, Author.CUSTOMER)
    text = await reviews.words_of(act.session, message)
    if not text:
        raise NotSensible(NotSensibleWhy.NO_CHOICE)
    item = await _contributed(act, ticket, message, Why.WRONG_TOPIC, text, intent)
    await act.log(ticket, "wrong_topic", intent=intent, message_id=message.id)
    return item


async def propose_answer(act: Act, number: int, message_id: int, intent: str, words: str) -> ReviewItem:
    """What an agent has written is a good answer to this topic. Raises as `wrong_topic`."""
    ticket = await the_ticket(act, number)
    await _known(act, intent)
    message = await _message(act, ticket, message_id, Author.AGENT)
    text = mask(readable(storable(words)))[:MOST_CHARACTERS]
    if not text:
        raise NotSensible(NotSensibleWhy.NO_CHOICE)
    item = await _contributed(act, ticket, message, Why.PROPOSED_ANSWER, text, intent)
    await act.log(ticket, "answer_proposed", intent=intent, message_id=message.id)
    return item


async def outdated_answer(act: Act, number: int, answer: str, words: str) -> None:
    """What the bot says there is not so any more. Raises `NotSensible`, `TicketNotFound`."""
    ticket = await the_ticket(act, number)
    found = act.desk.content.answers.get(answer)
    if found is None:
        raise NotSensible(NotSensibleWhy.NO_CHOICE)
    said = mask(readable(storable(words)))[:MOST_CHARACTERS]
    text = said or found.wordings.of(act.desk.content.desk.language)[0]
    await stored.add(
        act.session, why=Why.OUTDATED_ANSWER, text=text, language=act.desk.content.desk.language, intent=found.intent,
        answer=answer, suggested=None, message_id=None, ticket_id=ticket.id, contributor=act.agent, like=f"={answer}",
        created_at=act.now,
    )  # fmt: skip
    await act.log(ticket, "answer_outdated", intent=found.intent, words=said)


async def topics(session: AsyncSession, content: Content) -> list[str]:
    """The intents that there are."""
    return [one.name for one in await training.intents(session)] or list(content.topics)


async def _known(act: Act, intent: str) -> None:
    if intent not in await topics(act.session, act.desk.content):
        raise NotSensible(NotSensibleWhy.NO_CHOICE)


async def _message(act: Act, ticket: Ticket, message_id: int, author: Author) -> Message:
    """Of this ticket, or of the chat it came from. Raises `NotSensible`."""
    message = await act.session.get(Message, message_id)
    is_here = message is not None and (
        message.ticket_id == ticket.id or message.conversation_id == ticket.conversation_id
    )
    if message is None or not is_here or message.author != author or message.deleted_at is not None:
        raise NotSensible(NotSensibleWhy.NO_CHOICE)
    return message


async def _contributed(act: Act, ticket: Ticket, message: Message, why: Why, text: str, intent: str) -> ReviewItem:
    """A new item, or the one there is of the message, open again with what the agent says. Raises `AlreadySo`."""
    values = {
        **reviews.values_of(message, why, text, act.now),
        "suggested": intent, "ticket_id": ticket.id, "contributor": act.agent,
    }  # fmt: skip
    is_new = await stored.add(act.session, **values) is not None
    item = await stored.item_of(act.session, message.id)
    if not is_new:
        if item.suggested == intent and item.why == why and item.text == text:
            raise AlreadySo
        item.why, item.suggested, item.contributor, item.ticket_id = why, intent, act.agent, ticket.id
        item.text, item.like, item.status, item.version = text, like_key(text), ReviewStatus.OPEN, item.version + 1
    await act.session.flush()
    return item
