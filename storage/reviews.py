"""Real messages to learn from, masked before they are written here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Float, ForeignKey, Index, Integer, Text, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from storage.conversations import Author, Message
from storage.database import Base, insert_into
from storage.tickets import Ticket, TicketEvent
from storage.training import TrainingExample


class Why(StrEnum):
    """Why somebody should look: the model was unsure, a person corrected it, a person had to take over right after,
    or an answer is proposed or said to be out of date."""

    UNSURE = "unsure"
    CORRECTED = "corrected"
    FOLLOWED_BY_HUMAN = "followed_by_human"
    WRONG_TOPIC = "wrong_topic"
    PROPOSED_ANSWER = "proposed_answer"
    OUTDATED_ANSWER = "outdated_answer"


class ReviewStatus(StrEnum):
    """`ACCEPTED`: it is in the training data, `LIVE`: in the model that answers."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    LIVE = "live"


class ReviewItem(Base):
    """`suggested`: the intent a person chose in Slack; `like`: a key that near-duplicates share. `contributor` is the
    agent, by name, who is told when it is live."""

    __tablename__ = "review_item"
    __table_args__ = (
        Index("ix_review_item_status", "status", "created_at"),
        Index("ix_review_item_like", "status", "like"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    why: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None]
    intent: Mapped[str | None]
    confidence: Mapped[float | None] = mapped_column(Float)
    model: Mapped[str | None]
    suggested: Mapped[str | None]
    answer: Mapped[str | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), unique=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    contributor: Mapped[str | None]
    like: Mapped[str]
    status: Mapped[str] = mapped_column(default=ReviewStatus.OPEN)
    label: Mapped[str | None]
    labelled_by: Mapped[str | None]
    labelled_at: Mapped[datetime | None]
    release_id: Mapped[int | None]
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]


@dataclass(frozen=True)
class Asked:
    """Which items are looked for; None: it does not matter. `words`: a part of the text."""

    status: ReviewStatus | None = ReviewStatus.OPEN
    why: Why | None = None
    language: str | None = None
    intent: str | None = None
    words: str = ""

    def where(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        for column, wanted in (
            (ReviewItem.status, self.status),
            (ReviewItem.why, self.why),
            (ReviewItem.language, self.language),
            (ReviewItem.intent, self.intent),
        ):
            if wanted is not None:
                found.append(column == wanted)
        if self.words:
            found.append(ReviewItem.text.icontains(self.words, autoescape=True))
        return found


@dataclass(frozen=True)
class Group:
    """Items that say nearly the same; `first` is the oldest of them."""

    like: str
    count: int
    first: ReviewItem


async def groups(session: AsyncSession, asked: Asked, *, limit: int = 50, skip: int = 0) -> Groups:
    """Near-duplicates together, the largest groups first. In one look: the words of 100,000 messages are read once."""
    size = func.count()
    counted = (
        select(ReviewItem.like, size.label("count"), func.min(ReviewItem.id).label("first"),
               func.sum(size).over().label("total"))
        .where(*asked.where())
        .group_by(ReviewItem.like)
        .order_by(size.desc(), func.min(ReviewItem.id))
        .limit(limit)
        .offset(skip)
        .subquery()
    )  # fmt: skip
    look = (
        select(counted.c.like, counted.c.count, ReviewItem, counted.c.total)
        .join(ReviewItem, ReviewItem.id == counted.c.first)
        .order_by(counted.c.count.desc(), counted.c.first)
    )
    rows = (await session.execute(look)).all()
    return Groups([Group(like, count, first) for like, count, first, _ in rows], int(rows[0].total) if rows else 0)


@dataclass(frozen=True)
class Groups:
    """Some of the groups, and how many items there are in all of them."""

    shown: list[Group]
    total: int


@dataclass(frozen=True)
class Member:
    """One item of a group, as it was seen."""

    id: int
    version: int
    text: str


async def members(session: AsyncSession, asked: Asked, likes: Collection[str], most: int) -> dict[str, list[Member]]:
    """The items of these groups, oldest first, at most so many of each."""
    place = func.row_number().over(partition_by=ReviewItem.like, order_by=ReviewItem.id).label("place")
    placed = (
        select(ReviewItem.like, ReviewItem.id, ReviewItem.version, ReviewItem.text, place)
        .where(*asked.where(), ReviewItem.like.in_(tuple(likes)))
        .subquery()
    )
    look = select(placed.c.like, placed.c.id, placed.c.version, placed.c.text).where(placed.c.place <= most)
    found: dict[str, list[Member]] = {like: [] for like in likes}
    for like, *member in (await session.execute(look.order_by(placed.c.id))).all():
        found[like].append(Member(*member))
    return found


async def counts_by_why(session: AsyncSession, status: ReviewStatus = ReviewStatus.OPEN) -> dict[str, int]:
    look = select(ReviewItem.why, func.count()).where(ReviewItem.status == status).group_by(ReviewItem.why)
    return {str(why): number for why, number in (await session.execute(look)).all()}


async def locked(session: AsyncSession, ids: Iterable[int]) -> dict[int, ReviewItem]:
    """Kept from changing until the transaction ends."""
    look = (
        select(ReviewItem)
        .where(ReviewItem.id.in_(sorted(set(ids))))
        .order_by(ReviewItem.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {item.id: item for item in (await session.scalars(look)).all()}


async def open_about_answer(session: AsyncSession, answer: str) -> list[int]:
    """What somebody has proposed for this answer, or said to be out of date, and nobody has dealt with."""
    about = func.coalesce(ReviewItem.answer, ReviewItem.suggested, ReviewItem.intent)
    look = select(ReviewItem.id).where(
        ReviewItem.status == ReviewStatus.OPEN,
        ReviewItem.why.in_((Why.PROPOSED_ANSWER, Why.OUTDATED_ANSWER)),
        about == answer,
    )
    return list((await session.scalars(look.order_by(ReviewItem.id))).all())


async def item_of(session: AsyncSession, message_id: int) -> ReviewItem:
    """The item of this message, which there is; locked."""
    look = select(ReviewItem).where(ReviewItem.message_id == message_id).with_for_update()
    return (await session.scalars(look.execution_options(populate_existing=True))).one()


async def newest_said(
    session: AsyncSession, conversation_id: int, authors: Collection[Author], limit: int
) -> list[Message]:
    """By one of these, newest first; of a customer, what the model has read."""
    look = (
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.author.in_(tuple(authors)),
            Message.deleted_at.is_(None),
            Message.text != "",
            or_(Message.author != Author.CUSTOMER, Message.intent.is_not(None)),
        )
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def add(session: AsyncSession, **values: Any) -> int | None:
    """The new item's id; None where there is one of the same message already."""
    row = {"status": ReviewStatus.OPEN, "version": 1, **values}
    insert = insert_into(session, ReviewItem).values(**row).on_conflict_do_nothing().returning(ReviewItem.id)
    found: int | None = (await session.execute(insert)).scalar_one_or_none()
    return found


async def taught_by(session: AsyncSession, item_ids: Collection[int]) -> list[TrainingExample]:
    """The examples in use that came from these items."""
    look = select(TrainingExample).where(
        TrainingExample.review_item_id.in_(tuple(item_ids)), TrainingExample.removed_at.is_(None)
    )
    return list((await session.scalars(look)).all())


async def accepted_until(session: AsyncSession, until: datetime) -> list[ReviewItem]:
    """Accepted by then, and not in a live model yet."""
    look = (
        select(ReviewItem)
        .where(ReviewItem.status == ReviewStatus.ACCEPTED, ReviewItem.labelled_at <= until)
        .order_by(ReviewItem.id)
        .with_for_update()
    )
    return list((await session.scalars(look)).all())


async def unsure(
    session: AsyncSession, act: Mapping[str, float], surest: float, also: Collection[str], since: datetime,
    until: datetime, limit: int,
) -> list[Message]:  # fmt: skip
    """What customers wrote that was read with less confidence than `act` says for its language (`surest`: for any
    other), or as one of the intents in `also`; the first message of each turn that there is no item of."""
    is_unsure = [and_(Message.language == language, Message.confidence < least) for language, least in act.items()]
    other = or_(Message.language.is_(None), Message.language.not_in(tuple(act)))
    is_unsure += [and_(other, Message.confidence < surest), Message.intent.in_(tuple(also))]
    look = select(Message).where(*_new_in(since, until), or_(*is_unsure)).order_by(Message.id).limit(limit)
    return list((await session.scalars(look)).all())


async def before_a_person(
    session: AsyncSession, but: Collection[str], since: datetime, until: datetime, limit: int
) -> list[tuple[Message, TicketEvent]]:
    """What customers wrote before their chat was handed over, with that event, latest first; without what was read
    as one of the intents in `but`."""
    look = (
        select(Message, TicketEvent)
        .join(Ticket, Ticket.conversation_id == Message.conversation_id)
        .join(TicketEvent, TicketEvent.ticket_id == Ticket.id)
        .where(*_new_in(since, until), Message.intent.not_in(tuple(but)))
        .where(TicketEvent.kind == "handed_over", TicketEvent.at > Message.created_at, TicketEvent.at >= since)
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return [(message, event) for message, event in (await session.execute(look)).all()]


def _new_in(since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    """Read by the model, still there, and of a turn that there is no item of."""
    other = aliased(Message)
    has_item = exists(
        select(ReviewItem.id)
        .join(other, other.id == ReviewItem.message_id)
        .where(other.conversation_id == Message.conversation_id, other.correlation_id == Message.correlation_id)
    )
    return [
        Message.created_at >= since,
        Message.created_at <= until,
        Message.author == Author.CUSTOMER,
        Message.intent.is_not(None),
        Message.said_by.is_(None),
        Message.deleted_at.is_(None),
        Message.text != "",
        ~has_item,
    ]


async def forget(session: AsyncSession, message: Message) -> None:
    """The message is not there any more, or reads differently: nothing of it stays to be looked at."""
    look = (
        select(ReviewItem)
        .join(Message, Message.id == ReviewItem.message_id)
        .where(Message.conversation_id == message.conversation_id, Message.correlation_id == message.correlation_id)
        .with_for_update(of=ReviewItem)
    )
    for item in (await session.scalars(look)).all():
        if item.status in {ReviewStatus.ACCEPTED, ReviewStatus.LIVE}:
            item.text, item.like = "", ""
        else:
            await session.delete(item)
    await session.flush()


async def turn_of(session: AsyncSession, message: Message) -> list[Message]:
    """All that was said in its turn, oldest first."""
    look = (
        select(Message)
        .where(Message.conversation_id == message.conversation_id, Message.correlation_id == message.correlation_id)
        .order_by(Message.id)
    )
    return list((await session.scalars(look)).all())


async def next_words(session: AsyncSession, message: Message) -> Message | None:
    """What the customer wrote or pressed in the turn after that of `message`."""
    look = (
        select(Message)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.id > message.id,
            Message.author == Author.CUSTOMER,
            Message.correlation_id != message.correlation_id,
        )
        .order_by(Message.id)
        .limit(1)
    )
    return (await session.scalars(look)).one_or_none()
