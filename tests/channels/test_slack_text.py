"""Slack's markup read as words, and our markup written as Slack's."""

from __future__ import annotations

import pytest

from bot.channels.slack import blocks
from bot.channels.slack.channel import Slack
from bot.channels.slack.emoji import glyph
from bot.channels.slack.text import decode, mentions, text_of
from handlers import markup
from handlers.attachments import Attachment, AttachmentKind
from handlers.buttons import Button
from handlers.messages import Reply
from tests.channels.slack_rig import our_file

US = frozenset({"UBOT"})
EDGE = blocks.EDGE


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (None, ""),
        ("", ""),
        ("<@UBOT> gdzie jest paczka?", "gdzie jest paczka?"),
        ("<@UBOT|support>: gdzie?", "gdzie?"),
        ("  <@UBOT>, hi", "hi"),
        ("hej <@UBOT> gdzie?", "hej gdzie?"),
        ("- pierwsze\n- drugie", "- pierwsze\n- drugie"),
        ("<@U2> i <@U3|ola> pytają", "@user i @ola pytają"),
        ("w <#C1|pomoc> i <#C2>", "w #pomoc i #channel"),
        (
            "<!here> <!channel> <!everyone> <!subteam^S1|@zespół> <!subteam^S2>",
            "@here @channel @everyone @zespół @group",
        ),
        ("do <!date^1392734382^{date_short}|18 lutego>", "do 18 lutego"),
        ("<http://sklep.pl|sklep.pl>", "sklep.pl"),
        ("<https://sklep.pl/>", "https://sklep.pl/"),
        ("<https://x.pl|regulamin>", "regulamin (https://x.pl)"),
        ("<mailto:a@b.pl|a@b.pl> <tel:+48123|+48 123>", "a@b.pl +48 123 (+48123)"),
        ("1 &lt; 2 &amp; 3 &gt; 2", "1 < 2 & 3 > 2"),
        ("&amp;lt;", "&lt;"),
        ("&lt;@UBOT&gt;", "<@UBOT>"),
        (":+1::skin-tone-3: i :heart: i :nie_ma:", "👍 i ❤️ i :nie_ma:"),
    ],
)
def test_markup_is_read_before_entities_and_ampersands_last(written: str | None, read: str) -> None:
    assert decode(written, US) == read


def test_an_entity_that_looks_like_a_mention_is_none() -> None:
    assert mentions("<@UBOT> a", US)
    assert mentions("a <@UBOT|b>", US)
    assert not mentions("&lt;@UBOT&gt; <@UBOTTOM>", US)
    assert not mentions(None, US)


def test_a_message_of_blocks_alone_has_their_words() -> None:
    elements = [
        {"type": "user", "user_id": "UBOT"},
        {"type": "text", "text": " gdzie 1 < 2 "},
        {"type": "emoji", "name": "wave"},
        {"type": "link", "url": "https://x.pl"},
    ]
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
    assert text_of({"text": None, "blocks": [rich]}, US) == "gdzie 1 < 2 👋 https://x.pl"
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "a &amp; <https://x.pl|b>"}}
    assert text_of({"blocks": [section]}, US) == "a & b (https://x.pl)"


def test_a_forwarded_message_has_the_words_of_what_was_forwarded() -> None:
    assert text_of({"text": "", "attachments": [{"text": "paczka &lt;nie&gt; doszła"}]}, US) == "paczka <nie> doszła"


def test_nothing_at_all_is_no_words() -> None:
    assert text_of({"text": None, "blocks": "?", "attachments": [3]}, US) == ""


def test_deeply_nested_blocks_are_not_followed_for_ever() -> None:
    block: dict[str, object] = {"type": "text", "text": "tu"}
    for _ in range(500):
        block = {"type": "x", "elements": [block]}
    assert text_of({"blocks": [block]}, US) == ""


@pytest.mark.parametrize(
    ("name", "sign"), [("+1", "👍"), ("thumbsup", "👍"), ("+1::skin-tone-2", "👍"), ("zz", ":zz:")]
)
def test_reactions_of_one_meaning_are_one_sign(name: str, sign: str) -> None:
    assert glyph(name) == sign


@pytest.mark.parametrize(
    ("ours", "slacks"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<!channel> <@U1> <https://zły|bank.pl>", "&lt;!channel&gt; &lt;@U1&gt; &lt;https://zły|bank.pl&gt;"),
        ("nr **123** jest", "nr *123* jest"),
        ("**a** b", "*a* b"),
        ("**koniec**.", "*koniec*."),
        ("przed**bold**po", f"przed{EDGE}*bold*{EDGE}po"),
        ("**a b **c", "*a b* c"),
        (r"**2\*2**", "*2∗2*"),
        ("- raz\n- **dwa**", "• raz\n• *dwa*"),
        ("[regulamin](https://x.pl/?a=1&b=2)", "<https://x.pl/?a=1&amp;b=2|regulamin>"),
        ("[a|b > c](https://x.pl/a|b)", "<https://x.pl/a%7Cb|a¦b &gt; c>"),
        (markup.escape("*ja* [x](https://y.pl) - <@U1>"), "*ja* [x](https://y.pl) - &lt;@U1&gt;"),
    ],
)
def test_our_markup_is_written_as_slacks(ours: str, slacks: str) -> None:
    assert blocks.render(ours) == slacks


def channel() -> Slack:
    return Slack("xoxb-1", "http://127.0.0.1:9/api/", 5, our_file)


def test_a_long_text_is_split_within_the_limits_of_blocks_and_fallback_with_the_buttons_last() -> None:
    """`&` grows fivefold when it is escaped: what counts is what is sent."""
    text = "\n\n".join(f"Akapit {number}. " + "Tom & Jerry " * 60 for number in range(9))
    buttons = tuple(Button(f"b{number}", f"do:{number}") for number in range(30))
    parts = channel().split(Reply(text, buttons))
    assert len(parts) > 2
    sent = [blocks.message(part) for part in parts]
    assert all(len(fallback) <= 4_000 for fallback, _ in sent)
    sections = [block for _, body in sent for block in body if block["type"] == "section"]
    assert len(sections) == len(parts)
    assert all(0 < len(block["text"]["text"]) <= 3_000 for block in sections)
    assert not any(block["text"]["text"].endswith(("&", "&a", "&am", "&amp")) for block in sections)
    rows = [[len(block["elements"]) for block in body if block["type"] == "actions"] for _, body in sent]
    assert rows == [[]] * (len(parts) - 1) + [[25, 5]]
    assert parts == channel().split(Reply(text, buttons)), "the same each time"


def test_a_word_longer_than_a_message_is_cut() -> None:
    parts = channel().split(Reply("x" * 9_000))
    assert "".join(part.text for part in parts) == "x" * 9_000
    assert all(len(part.text) <= 2_900 for part in parts)


def test_every_file_is_a_part_of_its_own_after_the_words() -> None:
    files = tuple(Attachment(AttachmentKind.DOCUMENT, f"content:{name}") for name in ("a.pdf", "b.pdf"))
    parts = channel().split(Reply("Proszę.", (Button("ok", "yes"),), files=files))
    assert [(part.text, len(part.buttons), len(part.files)) for part in parts] == [
        ("Proszę.", 1, 0), ("", 0, 1), ("", 0, 1)
    ]  # fmt: skip
    assert [len(part.files) for part in channel().split(Reply("", files=files))] == [1, 1]


def test_labels_are_cut_between_characters_as_people_see_them() -> None:
    family = "👩‍👩‍👧"
    for length in range(65, 80):
        label = blocks.cut("ż" * length + family + "e\u0301" * 20)
        assert len(label) <= 75
        assert not label.endswith(("\u200d…", "\u0301e…"))
        assert label.rstrip("…").replace("ż", "").replace("e\u0301", "") in {"", family}
    assert blocks.cut("Śledź paczkę") == "Śledź paczkę"


def test_buttons_without_words_have_a_fallback_text_and_no_empty_section() -> None:
    fallback, body = blocks.message(Reply("", (Button("Tak & nie", "yes"),)))
    assert fallback == "Tak &amp; nie"
    assert [block["type"] for block in body] == ["actions"]


def test_a_home_tab_has_new_ids_each_time_and_keeps_its_limits() -> None:
    sections = tuple(Reply(f"Zgłoszenie {number}", (Button("ok", "yes"),)) for number in range(60))
    first, second = blocks.home(sections, "D1"), blocks.home(sections, "D1")
    assert (first["type"], first["private_metadata"], len(first["blocks"])) == ("home", "D1", 100)
    ids = [block["block_id"] for view in (first, second) for block in view["blocks"]]
    assert len(set(ids)) == 200
    actions = [one["action_id"] for block in first["blocks"] for one in block.get("elements", [])]
    assert len(set(actions)) == len(actions)
