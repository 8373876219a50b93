"""Real messages to learn from: put aside masked, labelled by an admin, taught, and told of when they are live."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import phrases, tickets, training
from handlers.awaiting import parse_action
from handlers.bands import OUT_OF_SCOPE, Thresholds
from handlers.content_history import Editor
from handlers.errors import SupportError
from handlers.likeness_of_texts import like_key
from handlers.masking import mask
from handlers.plain_text import readable
from handlers.training import NewExample
from storage import reviews
from storage.conversations import Author, Message
from storage.releases import Release
from storage.reviews import ReviewItem, ReviewStatus, Why
from storage.tickets import Ticket
from storage.training import Source

LOOK_BACK = timedelta(hours=24)
SETTLED = timedelta(minutes=10)
"""So long the customer has to press what they meant, or to ask for a person, before their message is put aside."""
SOON = timedelta(minutes=10)
ASKING_FOR_A_PERSON = frozenset({"human_handoff", "escalate"})
MISREAD_PERHAPS = frozenset({"asked", "escalated", "not_understood"})
"""Why a chat was handed over, where the answer before it may have been the wrong one."""
TEACHING = frozenset({Why.UNSURE, Why.CORRECTED, Why.FOLLOWED_BY_HUMAN, Why.WRONG_TOPIC})
"""Items whose text is an example; the others are about answers."""
MOST_AT_ONCE = 200


class ItemChanged(SupportError):
    """Somebody else has dealt with an item since it was looked at, or it is gone; `items` are as they are now."""

    def __init__(self, items: Iterable[ReviewItem]) -> None:
        self.items = tuple(items)
        who = ", ".join(sorted({item.labelled_by for item in self.items if item.labelled_by})) or "somebody"
        super().__init__(f"changed meanwhile by {who}")


@dataclass(frozen=True)
class Taught:
    """What became of labelled items: how many examples are new; the others were known word for word."""

    items: tuple[int, ...]
    new_examples: int


async def collect(session: AsyncSession, thresholds: Thresholds, now: datetime) -> int:
    """Puts aside what was unsure, corrected by the customer, or followed by a person; how many turns."""
    since, until = now - LOOK_BACK, now - SETTLED
    act = {language: bands.act for language, bands in thresholds.by_language.items()}
    surest = thresholds.of(None).act
    unsure = await reviews.unsure(session, act, surest, (OUT_OF_SCOPE,), since, until, MOST_AT_ONCE)
    count = 0
    for message in _first_of_turns(unsure):
        meant = await _meant(session, message)
        why = Why.CORRECTED if meant is not None and meant != message.intent else Why.UNSURE
        count += await _put_aside(session, message, why, now, meant)
    handed = await reviews.before_a_person(session, ASKING_FOR_A_PERSON, since, until, MOST_AT_ONCE)
    last = {message.conversation_id: (message, event) for message, event in reversed(handed)}
    for message, event in last.values():
        if event.at - message.created_at <= SOON and event.data.get("reason") in MISREAD_PERHAPS:
            count += await _put_aside(session, message, Why.FOLLOWED_BY_HUMAN, now)
    return count


def _first_of_turns(messages: Iterable[Message]) -> list[Message]:
    turns: dict[tuple[int, str], Message] = {}
    for message in messages:
        turns.setdefault((message.conversation_id, message.correlation_id), message)
    return list(turns.values())


async def _meant(session: AsyncSession, message: Message) -> str | None:
    """The topic that the customer pressed when the bot asked what they meant."""
    turn = await reviews.turn_of(session, message)
    pressed = await reviews.next_words(session, message)
    if pressed is None:
        return None
    for said in turn:
        for one in said.buttons or () if said.author == Author.BOT else ():
            action = parse_action(one["action"])
            if action is not None and action.verb == "do" and one["label"] == pressed.text:
                return action.argument
    return None


async def _put_aside(
    session: AsyncSession, message: Message, why: Why, now: datetime, suggested: str | None = None
) -> bool:
    text = await words_of(session, message)
    if not text or phrases.asks_for_human(text):
        return False
    values = values_of(message, why, text, now)
    return await reviews.add(session, **{**values, "suggested": suggested}) is not None


async def words_of(session: AsyncSession, message: Message) -> str:
    """All the customer wrote in its turn, masked: what the model read at once."""
    said = [one for one in await reviews.turn_of(session, message) if one.author == Author.CUSTOMER]
    return mask(readable(" ".join(one.text for one in said if one.deleted_at is None)))


def values_of(message: Message, why: Why, text: str, now: datetime) -> dict[str, object]:
    """A new item's columns; `text` is masked."""
    return {
        "why": why, "text": text, "language": message.language, "intent": message.intent,
        "confidence": message.confidence, "model": message.model, "message_id": message.id,
        "ticket_id": message.ticket_id, "like": like_key(text), "created_at": now,
    }  # fmt: skip


async def label(
    session: AsyncSession, item_ids: Collection[int], intent: str, by: str, now: datetime,
    seen_versions: Mapping[int, int] | None = None,
) -> Taught:  # fmt: skip
    """These texts teach `intent` from the next release on. One that taught another intent does so no more. `by`:
    `admin:<login>` or `agent:<name>`. Raises `ItemChanged`, `IntentRefused`, `BadExample`."""
    items = await _seen(session, item_ids, seen_versions)
    editor = Editor(session, by, now)
    await _unteach(editor, [item.id for item in items], but=intent)
    examples = [
        NewExample(item.text, item.language or "pl", review_item_id=item.id)
        for item in items
        if item.why in TEACHING and item.text
    ]
    change = await training.add_examples(editor, intent, examples, source=Source.REVIEW) if examples else None
    for item in items:
        _settle(item, ReviewStatus.ACCEPTED, by, now)
        item.label = intent
    await session.flush()
    return Taught(tuple(item.id for item in items), len((change.after or {}).get("examples", {})) if change else 0)


async def dismiss(
    session: AsyncSession, item_ids: Collection[int], by: str, now: datetime,
    seen_versions: Mapping[int, int] | None = None,
) -> None:  # fmt: skip
    """Nothing is to be learnt from them. Raises `ItemChanged`."""
    items = await _seen(session, item_ids, seen_versions)
    await _unteach(Editor(session, by, now), [item.id for item in items])
    for item in items:
        _settle(item, ReviewStatus.DISMISSED, by, now)
        item.label = None


async def take_back(
    session: AsyncSession, item_ids: Collection[int], by: str, now: datetime,
    seen_versions: Mapping[int, int] | None = None,
) -> None:  # fmt: skip
    """Open again; what they taught is not taught any more. Raises `ItemChanged`."""
    items = await _seen(session, item_ids, seen_versions)
    await _unteach(Editor(session, by, now), [item.id for item in items])
    for item in items:
        _settle(item, ReviewStatus.OPEN, by, now)
        item.label = None


async def answer_changed(
    session: AsyncSession, item_ids: Collection[int], by: str, now: datetime,
    seen_versions: Mapping[int, int] | None = None,
) -> None:  # fmt: skip
    """What was proposed, or said to be out of date, is in the answer now, which customers get at once: whoever said so
    is told. Raises `ItemChanged`."""
    for item in await _seen(session, item_ids, seen_versions):
        _settle(item, ReviewStatus.LIVE, by, now)
        item.label = item.answer or item.suggested or item.intent
        await _tell(session, item, now)


async def answer_settled(session: AsyncSession, answer: str, by: str, now: datetime) -> int:
    """The answer was edited: whoever proposed it or said that it is out of date is told; how many that were."""
    ids = await reviews.open_about_answer(session, answer)
    await answer_changed(session, ids, by, now)
    return len(ids)


async def went_live(session: AsyncSession, release: Release, now: datetime) -> list[ReviewItem]:
    """What was accepted before the release's data were taken is live with it; the contributors are told in the
    ticket's thread."""
    live = []
    for item in await reviews.accepted_until(session, release.started_at):
        if item.why not in TEACHING:
            continue
        item.status, item.release_id, item.version = ReviewStatus.LIVE, release.id, item.version + 1
        await _tell(session, item, now)
        live.append(item)
    return live


async def _tell(session: AsyncSession, item: ReviewItem, now: datetime) -> None:
    ticket = await session.get(Ticket, item.ticket_id) if item.ticket_id and item.contributor else None
    if ticket is not None:
        await tickets.log_event(
            session,
            ticket,
            "taught_live",
            tickets.BOT,
            now,
            names=[item.contributor],
            intent=item.label,
            words=item.text,
        )


async def _seen(
    session: AsyncSession, item_ids: Collection[int], versions: Mapping[int, int] | None
) -> list[ReviewItem]:
    """The items, locked, as they were seen. Raises `ItemChanged`."""
    found = await reviews.locked(session, item_ids)
    changed = [item for key, item in found.items() if versions is not None and versions.get(key) != item.version]
    if changed or len(found) < len(set(item_ids)):
        for item in changed:
            session.expunge(item)
        raise ItemChanged(changed)
    return list(found.values())


async def _unteach(editor: Editor, item_ids: Collection[int], but: str | None = None) -> None:
    taught: dict[str, list[int]] = {}
    for example in await reviews.taught_by(editor.session, item_ids):
        if example.intent != but:
            taught.setdefault(example.intent, []).append(example.id)
    for intent, ids in sorted(taught.items()):
        await training.remove_examples(editor, intent, ids)


def _settle(item: ReviewItem, status: ReviewStatus, by: str, now: datetime) -> None:
    item.status, item.labelled_by, item.labelled_at = status, by, now
    item.version += 1
