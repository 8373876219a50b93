"""What is told in a thread: words as they were typed, whole, and within Slack's limits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import rich
from bot.desk.blocks import Block, cut_mrkdwn
from handlers.content import Content
from storage.database import Database
from storage.desk_posts import PostStatus
from tests.desk.told_desk import Sheet, ToldDesk, staffed
from tests.fakes import FakeNLU

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

ENTITY = re.compile(r"&(amp|lt|gt);")


@pytest.fixture
async def told(database: Database, content: Content, nlu: FakeNLU) -> ToldDesk:
    return await staffed(database, content, nlu)


def literal(blocks: list[Block]) -> str:
    """What stands in `rich_text`, where nothing is markup."""
    found = ""
    for block in blocks:
        if block["type"] in {"rich_text", "rich_text_section", "rich_text_quote"}:
            found += literal(block["elements"])
        elif block["type"] == "text":
            found += block["text"]
    return found


def mrkdwn(value: object) -> list[str]:
    """Every text that Slack reads as markup."""
    if isinstance(value, list):
        return [text for one in value for text in mrkdwn(one)]
    if not isinstance(value, dict):
        return []
    own = [str(value["text"])] if value.get("type") == "mrkdwn" else []
    return own + [text for one in value.values() for text in mrkdwn(one)]


async def last(told: ToldDesk, number: int) -> Sheet:
    await told.tell()
    return told.paper.under(await told.card(number))[-1]


@only_sqlite
@pytest.mark.parametrize(
    "words",
    ["<!channel> pilne", "<@U123> i <#C1|x>", "*nie* _to_ ~nie~ `kod`", "```\nkod\n```", "> cytat",
     "AT&amp;T &lt;b&gt;", "[link](https://zly.example)", "**grube** \\*"],
)  # fmt: skip
async def test_what_somebody_typed_is_shown_as_they_typed_it(told: ToldDesk, words: str) -> None:
    number = await told.opened(words=f"konsultant {words}")
    await told.says(words)
    sheet = await last(told, number)
    assert literal(sheet.blocks).endswith(f"Anna: {words}")
    await told.sends("ola", number, "note", words=words)
    assert literal((await last(told, number)).blocks).endswith(words)
    await told.presses("ola", number, "take_over")
    await told.sends("ola", number, "reply", words=words)
    assert literal((await last(told, number)).blocks).endswith(words)
    for shown in told.paper.sheets:
        for text in (shown.text, *mrkdwn(shown.blocks)):
            assert not re.search(r"<(?!!date\^|https?://)", text), "nobody is called, nothing is a link"


@only_sqlite
@pytest.mark.parametrize("words", ["&" * 4_096, "ą" * 4_096, "słowo " * 2_000, "<b>" * 5_000, "x" * 12_000])
async def test_long_words_are_told_whole(told: ToldDesk, words: str) -> None:
    """`Paper` refuses what Slack refuses."""
    number = await told.opened()
    before = len(told.paper.sheets)
    await told.says(words)
    await told.tell()
    shown = "".join(literal(sheet.blocks) for sheet in told.paper.sheets[before:])
    [message] = [one for one in await told.messages() if one.text.startswith(words[:3]) and one.author == "customer"]
    assert re.sub(r"\s", "", shown.partition(": ")[2]) == re.sub(r"\s", "", message.text)
    assert all(sheet.blocks for sheet in told.paper.sheets), "and with blocks"
    assert (await told.card(number)).text.startswith(f"#{number} ")
    assert await told.statuses() == {PostStatus.SENT}


@only_sqlite
async def test_a_ticket_made_of_long_words_has_a_card_and_a_brief(told: ToldDesk) -> None:
    number = await told.opened(words="chcę rozmawiać z człowiekiem " + "<&>" * 1_200)
    assert (await told.card(number)).blocks
    assert all(sheet.blocks for sheet in told.paper.sheets)


@given(st.lists(st.sampled_from(["&amp;", "&lt;", "<https://a.example|b>", "<!date^1^{time}|x>", "słowo ", "🙂"])),
       st.integers(2, 60))  # fmt: skip
def test_a_cut_goes_through_no_entity_and_no_link(parts: list[str], most: int) -> None:
    text = "".join(parts)
    kept = cut_mrkdwn(text, most)
    assert len(kept) <= most
    if kept != text:
        assert kept.endswith("…")
    bare = re.sub(r"<[^<>]*>", "", kept)
    assert not re.search(r"[<>]", bare)
    assert "&" not in ENTITY.sub("", bare)


@given(st.text(), st.integers(10, 200))
def test_pieces_are_the_text(text: str, most: int) -> None:
    pieces = rich.pieces(text, most)
    assert all(len(piece) <= most for piece in pieces)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", text)
