"""What Telegram and Slack keep as text with marks, drawn as HTML that nobody's words can break out of."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.emoji import glyph
from bot.sandbox.mrkdwn_html import mrkdwn_to_html, plain_to_html
from bot.sandbox.telegram_html import telegram_to_html

NAMES = {"U1": "Ola", "C1": "acme"}
LINK = '<a href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer">'


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


def slack(text: str) -> str:
    return mrkdwn_to_html(text, lambda one: NAMES.get(one, one))


@pytest.mark.parametrize(
    ("text", "entities", "html"),
    [
        ("zwykły <b>", [], "zwykły &lt;b&gt;"),
        ("to jest ważne", [entity("bold", 8, 5)], "to jest <strong>ważne</strong>"),
        ("😀 ważne", [entity("bold", 3, 5)], "😀 <strong>ważne</strong>"),
        ("ab", [entity("bold", 0, 2), entity("italic", 0, 1)], "<strong><em>a</em>b</strong>"),
        ("sklep", [entity("text_link", 0, 5, url="https://a.example/?x=1&y=2")], f"{LINK}sklep</a>"),
        (
            "https://a.example/?x=1&y=2",
            [entity("url", 0, 26)],
            f"{LINK}https://a.example/?x=1&amp;y=2</a>",
        ),
        ("/start abc", [entity("bot_command", 0, 6)], '<span class="named">/start</span> abc'),
        ("x", [entity("text_link", 0, 1, url="javascript:alert(1)")], "x"),
        ("abc", [entity("bold", 0, 2), entity("italic", 1, 2)], "<strong>a<em>b</em></strong>c"),
        ("abc", [entity("pre", 1, 99)], "a<pre>bc</pre>"),
        ("abc", [entity("of_next_year", 0, 3)], "abc"),
    ],
)
def test_telegram_entities_become_tags(text: str, entities: list[dict[str, Any]], html: str) -> None:
    assert telegram_to_html(text, entities) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("to *ważne*, _może_, ~nie~", "to <strong>ważne</strong>, <em>może</em>, <s>nie</s>"),
        ("2*3*4 i snake_case_name", "2*3*4 i snake_case_name"),
        ("* gwiazdka * osobno", "* gwiazdka * osobno"),
        ("a &lt; b &amp;&amp; c &gt; d", "a &lt; b &amp;&amp; c &gt; d"),
        ("&amp;lt;", "&amp;lt;"),
        ("<https://a.example/?x=1&amp;y=2|sklep>", f"{LINK}sklep</a>"),
        ("*<https://a.example/?x=1&amp;y=2|sklep>*", f"<strong>{LINK}sklep</a></strong>"),
        ("<@U1> w <#C1|acme>", '<span class="named">@Ola</span> w <span class="named">#acme</span>'),
        ("<!here>", '<span class="named">@here</span>'),
        ("<!date^1^{date}|dziś>", '<span class="named">dziś</span>'),
        ("<mailto:a@b.example|napisz>", '<span class="named">napisz</span>'),
        ("`*nie*` i ```<@U1>\n&lt;x&gt;```", "<code>*nie*</code> i <pre>@Ola\n&lt;x&gt;</pre>"),
        ("&gt; cytat\n&gt; dwa\nodpowiedź", "<blockquote>cytat\ndwa</blockquote>odpowiedź"),
        ("gotowe :tada: :nieznane:", "gotowe 🎉 :nieznane:"),
        ("<javascript:alert(1)|x>", "x"),
    ],
)
def test_slack_markup_becomes_tags(text: str, html: str) -> None:
    assert slack(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<script>alert(1)</script>",
        '<https://a.example/"onclick="x|y>',
        "*<img src=x onerror=alert(1)>*",
        "`<img src=x|<b>>`",
        "\ue0000\ue001",
        "<|x> <> <@> <!>",
    ],
)
def test_nobodys_words_in_slack_become_tags_or_attributes(text: str) -> None:
    for html in (slack(text), plain_to_html(text)):
        for harmful in ("<script", "<img", "<b>", 'onclick="'):
            assert harmful not in html


def test_a_plain_text_is_not_marked_up() -> None:
    assert plain_to_html("*tak* &amp; <b> :+1:") == "*tak* &amp; &lt;b&gt; 👍"


def test_a_reaction_is_drawn_also_with_a_skin_tone() -> None:
    assert (glyph("+1::skin-tone-2"), glyph("party_parrot")) == ("👍", ":party_parrot:")
