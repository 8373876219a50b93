"""Compares what was said, what is on record and what the providers have. Pure: no database, no network."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bench.customers import Said
from bench.records import Event, Key, Post, Records, Sent
from storage.inbound import Outcome
from storage.outbox import Delivery

REPLIED = frozenset({Outcome.ANSWERED, Outcome.TICKETED})


@dataclass
class Verdict:
    """Each finding in words. `flagged` rows are those whose fate nobody can know; `flagged_there` counts those of them
    that did arrive. `not_taken` was given up by the provider, which never got an "ok" for it."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    flagged: int = 0
    flagged_there: int = 0
    not_taken: int = 0

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.out_of_order)


def judge(said: Sequence[Said], not_taken: Collection[Key], records: Records, posts: Sequence[Post]) -> Verdict:
    """`not_taken`: what the provider itself gave up delivering."""
    verdict = Verdict()
    _check_events(verdict, said, not_taken, records.events)
    _check_turns(verdict, records)
    _check_rows(verdict, records.rows, posts)
    _check_posts(verdict, records.rows, posts)
    verdict.out_of_order += _disorder_of_replies(records.rows, posts)
    verdict.out_of_order += _disorder_of_events(records.events)
    return verdict


def _check_events(verdict: Verdict, said: Sequence[Said], not_taken: Collection[Key], events: list[Event]) -> None:
    """Everything that was said has one event, every event was said by somebody, and each has come to its end."""
    counts = Counter(event.key for event in events)
    known = {one.key for one in said}
    for key in sorted(known - counts.keys()):
        if key in not_taken:
            verdict.not_taken += 1
        else:
            verdict.lost.append(f"taken, but not in the inbox: {key}")
    verdict.doubled += [f"{count} inbox events of one message: {key}" for key, count in counts.items() if count > 1]
    verdict.doubled += [f"an inbox event that nobody said: {key}" for key in sorted(counts.keys() - known)]
    ends = {Outcome.WAITING: "never worked", Outcome.DEAD: "set aside as dead"}
    verdict.lost += [
        f"{ends[Outcome(event.outcome)]}: {event.key} {event.reason or ''}" for event in events if event.outcome in ends
    ]


def _check_turns(verdict: Verdict, records: Records) -> None:
    """Each turn that was answered has exactly one reply, whichever of its messages one looks at."""
    replies = Counter(row.correlation_id for row in records.rows)
    answered: set[str] = set()
    for event in records.events:
        if event.outcome in {Outcome.WAITING, Outcome.DEAD}:
            continue
        turn = records.turns.get(event.key)
        if turn is None:
            verdict.lost.append(f"worked, but its words are not on record: {event.key}")
        elif event.outcome in REPLIED:
            answered.add(turn)
    verdict.lost += [f"answered without a reply: {turn}" for turn in sorted(answered) if not replies[turn]]
    verdict.doubled += [f"{count} replies to one turn: {turn}" for turn, count in replies.items() if count > 1]


def _check_rows(verdict: Verdict, rows: list[Sent], posts: Sequence[Post]) -> None:
    """What is recorded as sent is at the provider; nothing else is left but what is flagged."""
    there = {(post.messenger, post.place, post.id) for post in posts}
    for row in rows:
        if row.status == Delivery.UNKNOWN:
            verdict.flagged += 1
        elif row.status != Delivery.SENT:
            verdict.lost.append(f"reply {row.status}: {row.dedupe} {row.last_error or ''}")
        elif not row.provider_ids:
            verdict.lost.append(f"sent, but nobody knows as what: {row.dedupe}")
        for provider_id in row.provider_ids:
            if (row.messenger, row.place, provider_id) not in there:
                verdict.lost.append(f"sent as {provider_id}, but not at the provider: {row.dedupe}")


def _check_posts(verdict: Verdict, rows: list[Sent], posts: Sequence[Post]) -> None:
    """Nothing is there twice. With a key each post is told apart; without one, a place may hold no more posts than
    its rows account for: those sent, and one for each that is flagged."""
    counts = Counter(post.outbox_key for post in posts if post.outbox_key is not None)
    known = {row.dedupe for row in rows}
    verdict.doubled += [f"{count} posts of {key}" for key, count in counts.items() if count > 1]
    verdict.doubled += [f"a post of no row: {key}" for key in sorted(counts) if _row_of(key) not in known]
    recorded: Counter[tuple[str, str]] = Counter()
    flagged: Counter[tuple[str, str]] = Counter()
    for row in rows:
        recorded[row.messenger, row.place] += len(row.provider_ids)
        flagged[row.messenger, row.place] += row.status == Delivery.UNKNOWN
    for place, present in Counter((post.messenger, post.place) for post in posts).items():
        unrecorded = present - recorded[place]
        verdict.flagged_there += max(0, min(unrecorded, flagged[place]))
        if unrecorded > flagged[place]:
            verdict.doubled.append(f"{unrecorded} unrecorded posts in {place}, {flagged[place]} flagged")


def _disorder_of_replies(rows: list[Sent], posts: Sequence[Post]) -> Iterator[str]:
    """Per chat: the provider's order against the outbox's."""
    by_id = {(row.messenger, row.place, provider_id): row for row in rows for provider_id in row.provider_ids}
    by_key = {row.dedupe: row for row in rows}
    chats: dict[tuple[str, str], list[int]] = defaultdict(list)
    for post in posts:
        row = by_id.get((post.messenger, post.place, post.id)) or by_key.get(_row_of(post.outbox_key or ""))
        if row is not None:
            chats[row.messenger, row.chat].append(row.seq)
    for chat, numbers in chats.items():
        yield from (f"reply {later} after {earlier} in {chat}" for earlier, later in _descents(numbers))


def _disorder_of_events(events: list[Event]) -> Iterator[str]:
    """Telegram delivers a chat's messages in order, and so they stand in the inbox. Slack promises no order."""
    lanes: dict[int, list[int]] = defaultdict(list)
    for event in sorted(events, key=lambda one: (one.lane_id, one.seq)):
        if event.key[0] == "telegram":
            lanes[event.lane_id].append(int(event.key[2]))
    for lane, numbers in lanes.items():
        yield from (f"message {later} after {earlier} in inbox lane {lane}" for earlier, later in _descents(numbers))


def _descents(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    return ((one, other) for one, other in pairwise(numbers) if other < one)


def _row_of(key: str) -> str:
    """A reply sent in parts has a key for each."""
    return key.partition("#")[0]
