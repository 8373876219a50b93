from __future__ import annotations

from bot.sandbox.chat import ChatView
from tests.sandbox.conftest import Demo


def said(view: ChatView) -> list[tuple[str, str]]:
    return [(bubble.by, bubble.html) for bubble in view.bubbles]


async def test_a_chat_without_a_word_is_empty_and_with_the_bot(demo: Demo) -> None:
    view = await demo.view()
    assert view == ChatView(owner="bot")


async def test_a_sent_message_shows_at_once_and_the_bot_is_typing(demo: Demo) -> None:
    await demo.bot.hears("dzień dobry")
    view = await demo.view()
    assert said(view) == [("", "<p>dzień dobry</p>")]
    assert view.busy


async def test_a_message_looks_the_same_accepted_and_recorded_so_that_it_is_not_drawn_twice(demo: Demo) -> None:
    demo.bot.nlu.teach("dzień dobry", "greet")
    await demo.bot.hears("dzień dobry")
    accepted = await demo.view()
    await demo.bot.work()
    recorded = await demo.view()
    assert recorded.bubbles == accepted.bubbles


async def test_the_bot_is_typing_until_its_reply_has_been_sent(demo: Demo) -> None:
    demo.bot.nlu.teach("dzień dobry", "greet")
    await demo.bot.hears("dzień dobry")
    await demo.bot.work()
    assert (await demo.view()).busy
    await demo.deliver()
    view = await demo.view()
    assert not view.busy
    assert [by for by, _ in said(view)] == ["", "Bot"]
    assert "<strong>" in view.bubbles[-1].html


async def test_the_buttons_of_the_last_reply_stand_under_it(demo: Demo) -> None:
    await demo.talk("konsultant")
    await demo.bot.hears("halo")
    view = await demo.view()
    assert [button.action for button in view.buttons] == ["bot"]
    assert (view.buttons_at, len(view.bubbles)) == (1, 3)


async def test_older_buttons_are_gone_after_the_next_reply(demo: Demo) -> None:
    await demo.talk("konsultant")
    number = (await demo.bot.tickets())[0].number
    await demo.bot.agent("Agent 1", "take_over", number)
    await demo.deliver()
    assert (await demo.view()).buttons == ()


async def test_an_agent_speaks_under_their_name_and_their_words_are_not_markup(demo: Demo) -> None:
    await demo.talk("konsultant")
    number = (await demo.bot.tickets())[0].number
    await demo.bot.agent("Agent 1", "reply", number, "**tak** <b>")
    await demo.deliver()
    view = await demo.view()
    assert said(view)[-1] == ("Agent 1", "<p>**tak** &lt;b&gt;</p>")
    assert view.bubbles[-1].is_agent
    assert view.owner == "Agent 1"


async def test_nobody_is_typing_when_an_agents_customer_writes(demo: Demo) -> None:
    await demo.talk("konsultant")
    number = (await demo.bot.tickets())[0].number
    await demo.bot.agent("Agent 1", "take_over", number)
    await demo.deliver()
    await demo.bot.hears("halo")
    assert not (await demo.view()).busy


async def test_a_reply_withheld_by_a_takeover_is_never_shown(demo: Demo) -> None:
    await demo.talk("konsultant")
    await demo.bot.hears("jeszcze jedno pytanie")
    await demo.bot.work()
    number = (await demo.bot.tickets())[0].number
    await demo.bot.agent("Agent 1", "take_over", number)
    await demo.deliver()
    assert [bubble.by for bubble in (await demo.view()).bubbles] == ["", "Bot", "", "Agent 1"]


async def test_a_new_day_is_marked_above_its_first_message(demo: Demo) -> None:
    await demo.talk("konsultant")
    demo.bot.later(days=1)
    await demo.talk("halo")
    days = [bubble.day for bubble in (await demo.view()).bubbles]
    assert days == ["Wczoraj", "", "Dziś", ""]


async def test_times_are_those_of_the_company(demo: Demo) -> None:
    await demo.bot.hears("dzień dobry")
    assert (await demo.view()).bubbles[0].time == "12:00"


async def test_the_page_in_english_leaves_the_words_as_they_were_said(demo: Demo) -> None:
    await demo.talk("konsultant")
    polish, english = await demo.view(), await demo.view(language="en")
    assert [html for _, html in said(polish)] == [html for _, html in said(english)]
    assert english.owner == "the bot, waiting for an agent"
