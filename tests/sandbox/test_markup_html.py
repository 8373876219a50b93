from __future__ import annotations

import pytest

from bot.sandbox.markup_html import markup_to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Zamówienie **ZAM-1** jest w drodze.", "<p>Zamówienie <strong>ZAM-1</strong> jest w drodze.</p>"),
        (
            "Mam:\n- jedno\n- drugie\n\nZgadza się?",
            "<p>Mam:</p><ul><li>jedno</li><li>drugie</li></ul><p>Zgadza się?</p>",
        ),
        ("jedna\ndruga\n\ntrzecia", "<p>jedna<br>druga</p><p>trzecia</p>"),
        (
            "[sklep](https://a.example/x?y=1&z=2)",
            '<p><a href="https://a.example/x?y=1&amp;z=2" target="_blank" rel="noopener noreferrer">sklep</a></p>',
        ),
        (r"\*\*dosłownie\*\*", "<p>**dosłownie**</p>"),
        ("", ""),
    ],
)
def test_our_markup_becomes_elements(text: str, html: str) -> None:
    assert markup_to_html(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "**<img src=x onerror=alert(1)>**",
        "- <b>x</b>",
        '[<i>x</i>](https://a.example/"onclick="x)',
        "[x](javascript:alert(1))",
    ],
)
@pytest.mark.parametrize("links", [True, False])
def test_nobodys_words_become_tags_or_attributes(text: str, links: bool) -> None:
    html = markup_to_html(text, links=links)
    for harmful in ("<script", "<img", "<b>", "<i>", 'onclick="', 'href="javascript'):
        assert harmful not in html


def test_a_link_in_words_of_others_shows_where_it_leads() -> None:
    assert markup_to_html("[sklep](https://a.example)", links=False) == "<p>sklep (https://a.example)</p>"
