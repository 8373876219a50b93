"""The HTML parser is as strict as Telegram's: the same words for the same mistakes, the same text and entities."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.telegram.entities import FormattedText, trimmed, with_found
from bot.sandbox.telegram.html_text import parse_html
from bot.sandbox.telegram.markdown_text import parse_markdown
from bot.sandbox.telegram.refusal import Refused


def entities(parsed: FormattedText) -> list[tuple[Any, ...]]:
    return [(one["type"], one["offset"], one["length"]) for one in parsed.entities]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("łąka <3", "Unclosed start tag at byte offset 7"),
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("a<br>b", 'Unsupported start tag "br" at byte offset 1'),
        ("x <jan@example.com>", 'Unsupported start tag "jan@example.com" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ("<a ='x'>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href='x", "Unclosed start tag at byte offset 0"),
        ("<a href=https://x.pl>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji emoji-id='no'>x</tg-emoji>", "Invalid custom emoji identifier specified"),
        (
            "&#xD800;",
            "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate "
            "code units",
        ),
    ],
)
def test_one_mistake_refuses_the_whole_message(source: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_html(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("plain & simple", "plain & simple", []),
        ("&lt;b&gt; &amp; &quot;x&quot;", '<b> & "x"', []),
        ("&nbsp;&laquo;&apos;", "&nbsp;&laquo;&apos;", []),
        ("&#380;&#x17C;&lt", "żż<", []),
        ("<b>x</b> <STRONG>y</STRONG>", "x y", [("bold", 0, 1), ("bold", 2, 1)]),
        ("🏟<i>🏟 ż</i>", "🏟🏟 ż", [("italic", 2, 4)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("<b></b>x", "x", []),
        (
            "<u>a</u><s>b</s><del>c</del>",
            "abc",
            [("underline", 0, 1), ("strikethrough", 1, 1), ("strikethrough", 2, 1)],
        ),
        ("<span class='tg-spoiler'>x</span>", "x", [("spoiler", 0, 1)]),
        ("<blockquote>q</blockquote>", "q", [("blockquote", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ("<pre><code class='language-sh'>ls</code></pre>", "ls", [("pre", 0, 2)]),
        ("<tg-time unix='1647531900' format='wDT'>now</tg-time>", "now", [("date_time", 0, 3)]),
        ("<a href='not a link'>x</a>", "x", []),
        ("<b>x</>", "x", [("bold", 0, 1)]),
    ],
)
def test_what_is_right_becomes_text_and_entities(source: str, text: str, found: list[tuple[Any, ...]]) -> None:
    parsed = parse_html(source)
    assert (parsed.text, entities(parsed)) == (text, found)


def test_links_mentions_and_languages_are_kept() -> None:
    link = parse_html('<a href="https://sklep.pl/?a=1&amp;b=2">x</a>').entities[0]
    bare = parse_html("<a href='sklep.pl'>x</a>").entities[0]
    person = parse_html("<a href='tg://user?id=42'>x</a>").entities[0]
    code = parse_html("<pre><code class='language-sh'>ls</code></pre>").entities[0]
    alone = parse_html("<code class='language-sh'>ls</code>").entities[0]
    assert link["url"] == "https://sklep.pl/?a=1&b=2"
    assert bare["url"] == "http://sklep.pl/"
    assert (person["type"], person["user_id"]) == ("text_mention", 42)
    assert code["language"] == "sh"
    assert "language" not in alone


def test_white_space_at_the_ends_goes_and_entities_move_along() -> None:
    parsed = trimmed(parse_html("\n  <b> x</b> <i> </i>\n"))
    assert (parsed.text, entities(parsed)) == ("x", [("bold", 0, 1)])


def test_of_more_than_a_hundred_entities_the_rest_is_dropped() -> None:
    assert len(parse_html("<b>x</b> " * 101).entities) == 100


def test_commands_and_links_are_found_but_not_in_code() -> None:
    parsed = with_found(parse_html("/start <code>/help</code> https://x.pl. jan@x.pl"))
    assert entities(parsed) == [("bot_command", 0, 6), ("code", 7, 5), ("url", 13, 12), ("email", 27, 8)]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("1. x", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a-b", "Character '-' is reserved and must be escaped with the preceding '\\'"),
        ("🏟 🏟_abacaba", "Can't find end of Italic entity at byte offset 9"),
        ("*bold", "Can't find end of Bold entity at byte offset 0"),
        ("`code", "Can't find end of Code entity at byte offset 0"),
        ("[x](https://x", "Can't find end of a URL at byte offset 3"),
    ],
)
def test_markdown_is_as_strict(source: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_markdown(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        (r"1\. x\-y \\", "1. x-y \\", []),
        ("*b* _i_ __u__ ~s~ ||p|| `c`", "b i u s p c", [
            ("bold", 0, 1), ("italic", 2, 1), ("underline", 4, 1), ("strikethrough", 6, 1), ("spoiler", 8, 1),
            ("code", 10, 1),
        ]),
        (r"[x](https://x.pl/a\))", "x", [("text_link", 0, 1)]),
        ("`a.b`", "a.b", [("code", 0, 3)]),
        ("*a _b_*", "a b", [("bold", 0, 3), ("italic", 2, 1)]),
        (">quoted\n>more\nnot", "quoted\nmore\nnot", [("blockquote", 0, 11)]),
    ],
)  # fmt: skip
def test_markdown_becomes_text_and_entities(source: str, text: str, found: list[tuple[Any, ...]]) -> None:
    parsed = parse_markdown(source)
    assert (parsed.text, entities(parsed)) == (text, found)
