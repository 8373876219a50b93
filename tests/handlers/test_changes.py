"""Edits, deletes, reactions, blocks and chats that get another id, in whatever order they come."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from handlers.messages import Kind
from storage.conversations import Message
from storage.inbound import InboundEvent
from storage.lanes import Lane
from storage.outbox import OutboxMessage
from storage.tickets import events_of
from tests.bot_under_test import BotUnderTest


async def said(bot: BotUnderTest) -> list[Message]:
    async with bot.database.reading() as session:
        look = select(Message).where(Message.author == "customer").order_by(Message.id)
        return list((await session.scalars(look)).all())


async def outcomes(bot: BotUnderTest) -> list[str]:
    async with bot.database.reading() as session:
        return list((await session.scalars(select(InboundEvent.outcome).order_by(InboundEvent.seq))).all())


async def event_kinds(bot: BotUnderTest) -> list[str]:
    [ticket] = await bot.tickets()
    async with bot.database.reading() as session:
        return [event.kind for event in await events_of(session, ticket.id)]


async def test_an_edit_keeps_both_texts_and_is_not_a_new_message(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    await bot.agent("Ola", "take_over", 1001)
    await bot.replies()
    await bot.say("zamówienie 123", about="m7")
    await bot.say("zamówienie 124", about="m7", kind=Kind.EDITED)
    last = (await said(bot))[-1]
    assert last.text == "zamówienie 124"
    assert [version["text"] for version in last.versions or []] == ["zamówienie 123"]
    assert last.edited_at == bot.now
    assert (await event_kinds(bot))[-1] == "customer_edited"
    assert (await outcomes(bot))[-1] == "relayed"


async def test_a_corrected_question_is_answered_as_it_reads_now(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("o ktorej otwieracie", "opening_hours")
    bot.nlu.teach("ile mam dni na zwrot", "return_policy")
    await bot.ask("o ktorej otwieracie", about="m1")
    answer = await bot.ask("ile mam dni na zwrot", about="m1", kind=Kind.EDITED)
    assert "14 dni" in answer.text


async def test_an_edit_that_says_the_same_and_one_of_an_old_message_change_nothing(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("o ktorej otwieracie", "opening_hours")
    await bot.ask("o ktorej otwieracie", about="m1")
    assert await bot.say("O której otwieracie?", about="m1", kind=Kind.EDITED) is None
    await bot.ask("o ktorej otwieracie", about="m2")
    assert await bot.say("ile mam dni na zwrot", about="m1", kind=Kind.EDITED) is None


async def test_an_edit_while_a_form_is_filled_says_where_to_change_it(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("paczka nie doszła", "delivery_problem")
    await bot.ask("paczka nie doszła", about="m1")
    noticed = await bot.ask("paczka nie dotarła wcale", about="m1", kind=Kind.EDITED)
    assert "podsumowaniu" in noticed.text
    assert "numer" in noticed.text.lower(), "the question is asked again"


async def test_an_edit_that_overtook_its_message_is_the_message_and_is_answered_once(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("ile mam dni na zwrot", "return_policy")
    assert "14 dni" in (await bot.ask("ile mam dni na zwrot", about="m1", kind=Kind.EDITED)).text
    assert await bot.say("ile mam dni", about="m1") is None
    assert [message.text for message in await said(bot)][-1] == "ile mam dni na zwrot"


async def test_of_two_edits_the_later_one_stands_whichever_comes_first(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("zamówienie 123", about="m1")
    await bot.say("zamówienie 125", about="m1", kind=Kind.EDITED, sent_at=bot.now + timedelta(seconds=9))
    assert await bot.say("zamówienie 124", about="m1", kind=Kind.EDITED, sent_at=bot.now + timedelta(seconds=5)) is None
    last = (await said(bot))[-1]
    assert last.text == "zamówienie 125"
    assert [version["text"] for version in last.versions or []] == ["zamówienie 123", "zamówienie 124"]


async def test_an_older_edit_after_one_that_overtook_its_message_changes_nothing(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.say("zamówienie 125", about="m1", kind=Kind.EDITED, sent_at=bot.now + timedelta(seconds=9))
    await bot.say("zamówienie 124", about="m1", kind=Kind.EDITED, sent_at=bot.now + timedelta(seconds=5))
    assert (await said(bot))[-1].text == "zamówienie 125"


async def test_a_deleted_message_is_gone_here_and_in_the_inbox(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("mój pesel to 44051401359", about="m1")
    assert await bot.say("", about="m1", kind=Kind.DELETED) is None
    last = (await said(bot))[-1]
    assert (last.text, last.deleted_at) == ("", bot.now)
    async with bot.database.reading() as session:
        payloads = (await session.scalars(select(InboundEvent.payload))).all()
    assert "44051401359" not in str(payloads)


async def test_the_news_of_a_delete_that_came_first_keeps_the_message_from_being_answered(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.say("", about="m1", kind=Kind.DELETED)
    assert await bot.say("to miało nie pójść", about="m1") is None
    assert "to miało" not in "".join(message.text for message in await said(bot))


async def test_a_delete_after_a_delete_or_an_edit_after_one_changes_nothing(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("hej", about="m1")
    await bot.say("", about="m1", kind=Kind.DELETED)
    deleted_at = (await said(bot))[-1].deleted_at
    bot.later(minutes=1)
    await bot.say("", about="m1", kind=Kind.DELETED)
    await bot.say("jednak coś", about="m1", kind=Kind.EDITED)
    last = (await said(bot))[-1]
    assert (last.text, last.deleted_at) == ("", deleted_at)


async def test_a_thumb_under_the_summary_confirms_it(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("mam pomysł na nową lampę", "suggestion")
    summary = await bot.ask("mam pomysł na nową lampę")
    while "Zgadza się?" not in summary.text:
        summary = await bot.ask("taka z czujnikiem ruchu")
    await sent_as(bot, "p9")
    filed = await bot.ask("👍", about="p9", kind=Kind.REACTED)
    assert "#1001" in filed.text


async def test_a_thumb_under_anything_else_is_kept_with_the_message_and_can_be_taken_back(bot: BotUnderTest) -> None:
    await bot.meet()
    await sent_as(bot, "p1")
    assert await bot.say("❤", about="p1", kind=Kind.REACTED) is None
    assert (await answered(bot)).reactions == {"anna": "❤"}
    assert await bot.say("", about="p1", kind=Kind.REACTED) is None
    assert (await answered(bot)).reactions is None
    assert await bot.say("❤", about="nobody's", kind=Kind.REACTED) is None


async def test_who_blocks_us_gets_nothing_more_and_their_case_says_so(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    assert await bot.say("", kind=Kind.BLOCKED) is None
    assert await bot.say("", kind=Kind.BLOCKED) is None
    assert (await bot.conversation()).blocked_at == bot.now
    assert (await event_kinds(bot)).count("unreachable") == 1
    await bot.say("", kind=Kind.UNBLOCKED)
    assert (await bot.conversation()).blocked_at is None
    assert (await event_kinds(bot))[-1] == "reachable"


async def test_a_chat_that_got_another_id_goes_on_under_it(bot: BotUnderTest) -> None:
    await bot.meet()
    assert await bot.say("", about="anna-2", kind=Kind.MOVED) is None
    bot.nlu.teach("dziękuję", "thank_you")
    await bot.ask("dziękuję", chat="anna-2")
    assert len({message.conversation_id for message in await said(bot)}) == 1
    async with bot.database.reading() as session:
        keys = (await session.scalars(select(Lane.key))).all()
    assert set(keys) == {"local:anna-2"}


async def test_what_waits_for_the_old_id_goes_to_the_new_one_even_where_that_was_first(bot: BotUnderTest) -> None:
    await bot.meet("stara")
    await bot.meet("nowa")
    await bot.say("", chat="stara", about="nowa", kind=Kind.MOVED)
    async with bot.database.reading() as session:
        rows = (await session.scalars(select(OutboxMessage.conversation_id))).all()
    assert set(rows) == {(await bot.conversation("nowa")).id}


async def sent_as(bot: BotUnderTest, provider_id: str) -> None:
    """Our last message has reached the customer under this id."""
    async with bot.database.transaction() as session:
        look = select(OutboxMessage).order_by(OutboxMessage.seq.desc()).limit(1)
        (await session.scalars(look)).one().provider_ids = [provider_id]


async def answered(bot: BotUnderTest) -> Message:
    async with bot.database.reading() as session:
        look = select(Message).where(Message.author == "bot").order_by(Message.id.desc()).limit(1)
        return (await session.scalars(look)).one()
