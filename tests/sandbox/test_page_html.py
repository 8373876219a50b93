"""What Telegram and Slack keep as text with marks, drawn as HTML that nobody's words can break out of."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox.emoji import glyph
from bot.sandbox.mrkdwn_html import mrkdwn_to_html, plain_to_html
from bot.sandbox.slack_reader import Reader
from bot.sandbox.telegram_html import telegram_to_html
from tests.bot_under_test import CATALOGUES, MONDAY_NOON

NAMES = {"U1": "Ola", "C1": "acme"}
LINK = '<a href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer">'


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


def slack(text: str, zone: str = "Europe/Warsaw", language: str = "pl") -> str:
    texts = CATALOGUES["ty"][language]
    return mrkdwn_to_html(text, Reader(lambda one: NAMES.get(one, one), texts, MONDAY_NOON, ZoneInfo(zone)))


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
        ("<!date^nie^{date}|dziś>", "dziś"),
        ("<!date^99999999999999^{date}|dziś &amp; jutro>", "dziś &amp; jutro"),
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


@pytest.mark.parametrize(
    ("hours", "pattern", "zone", "language", "said"),
    [
        (3, "{time}", "Europe/Warsaw", "pl", "15:00"),
        (3, "{time}", "Europe/London", "pl", "14:00"),
        (3, "{date_short_pretty}, {time}", "Europe/Warsaw", "pl", "Dziś, 15:00"),
        (3, "termin: {date_pretty}", "Europe/Warsaw", "pl", "termin: dziś"),
        (13, "{date_pretty} {time}", "Europe/Warsaw", "en", "Tomorrow 1:00"),
        (13, "{date_pretty} {time}", "America/New_York", "en", "Today 19:00"),
        (-24, "{date_long_pretty}", "Europe/Warsaw", "pl", "Wczoraj"),
        (72, "{date_short_pretty}", "Europe/Warsaw", "en", "Nov 26, 2026"),
        (0, "{date_num} {time_secs} {of_next_year}", "Europe/Warsaw", "pl", "2026-11-23 12:00:00 {of_next_year}"),
        (-2, "{ago}", "Europe/Warsaw", "pl", "2 godziny temu"),
    ],
)
def test_a_date_is_written_for_whoever_reads_it(hours: int, pattern: str, zone: str, language: str, said: str) -> None:
    seconds = int(MONDAY_NOON.timestamp()) + hours * 3600
    assert slack(f"<!date^{seconds}^{pattern}|x>", zone, language) == said


def test_a_date_may_lead_somewhere() -> None:
    assert slack("<!date^0^kiedy^https://a.example/?x=1&amp;y=2|x>") == f"{LINK}kiedy</a>"
