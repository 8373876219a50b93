"""A notice's card: what it says, for how many it is and whom, seen before it is sent; then how far it has gone."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.slack.blocks import escape, render
from bot.desk import blocks
from bot.desk.blocks import Block
from bot.desk.incident_card import bar
from bot.desk.wording import Wording
from handlers.segments import Segment, masked
from storage import notices
from storage.notices import Notice, NoticeStatus, Progress, Reached

EXAMPLES = 5


async def card(session: AsyncSession, notice: Notice, wording: Wording) -> tuple[str, list[Block]]:
    texts = wording.texts
    progress = await notices.progress(session, notice.id)
    some = await notices.examples(session, notice.id, EXAMPLES)
    status = texts(f"desk.notice_card.status.{notice.status}")
    whom = segment(Segment.from_payload(notice.segment), wording)
    drawn = [
        blocks.header(texts("desk.notice_card.title", number=notice.id)),
        *blocks.fields([
            (texts("desk.notice_card.status"), status),
            (texts("desk.notice_card.by"), escape(notice.by)),
            (texts("desk.notice_card.recipients"), str(progress.all)),
        ]),
        *(blocks.section(f"{language.upper()}: {render(words)}") for language, words in notice.text.items()),
        blocks.section(f"*{texts('desk.notice_card.segment')}*\n{whom}"),
        *blocks.context(texts("desk.notice_card.examples", examples=escape(" · ".join(map(_example, some))))),
        *_telling(notice, progress, wording),
        *_actions(notice, progress, wording),
    ]  # fmt: skip
    return escape(f"{texts('desk.notice_card.title', number=notice.id)} – {status}"), drawn


def segment(one: Segment, wording: Wording) -> str:
    """What its customers have in common, in words."""
    texts = wording.texts
    told = [
        ", ".join(name.capitalize() for name in one.channels),
        ", ".join(name.upper() for name in one.languages),
        ", ".join(wording.known(f"desk.tier.{name}", name) for name in one.tiers),
        texts("desk.notice_card.has_ticket", topic=escape(wording.topic(one.category))) if one.category else "",
        texts("desk.notice_card.asked", topic=escape(wording.topic(one.intent))) if one.intent else "",
        texts("desk.notice_card.days", days=one.days) if one.days else "",
    ]
    return " · ".join(part for part in told if part) or texts("desk.notice_card.everybody")


def _example(one: Reached) -> str:
    return f"{masked(one.name)} ({one.channel.capitalize()}, {(one.language or '–').upper()})"


def _telling(notice: Notice, progress: Progress, wording: Wording) -> list[Block]:
    if notice.status == NoticeStatus.DRAFT:
        return []
    texts = wording.texts
    told = [
        f"{bar(progress.sent + progress.failed + progress.skipped, progress.all)} *{progress.sent} / {progress.all}*"
    ]
    waiting = progress.told - progress.sent - progress.failed
    told.append(texts("desk.notice_card.rest", waiting=waiting, failed=progress.failed, skipped=progress.skipped))
    if notice.send_at is not None and notice.status == NoticeStatus.SENDING:
        told.append(texts("desk.notice_card.since", at=blocks.moment(notice.send_at, wording.zone)))
    return [blocks.section("\n".join(told))]


def _actions(notice: Notice, progress: Progress, wording: Wording) -> list[Block]:
    texts, number = wording.texts, str(notice.id)
    if notice.status == NoticeStatus.SENDING:
        stop = texts("desk.button.notice_stop")
        return [blocks.actions(blocks.button("notice_stop", stop, None, number, style="danger"))]
    if notice.status != NoticeStatus.DRAFT:
        return []
    sure = blocks.confirm(
        texts("desk.notice_card.sure"),
        texts("desk.notice_card.sure_text", count=progress.all),
        texts("desk.form.send"),
        texts("desk.form.close"),
    )
    send = texts("desk.button.notice_send", count=progress.all)
    discard = blocks.button("notice_stop", texts("desk.button.notice_discard"), None, number)
    return [blocks.actions(blocks.button("notice_send", send, None, number, style="primary", sure=sure), discard)]
