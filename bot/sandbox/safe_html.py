"""The few tags the page makes itself. Whatever anybody wrote goes in as text, and a link leads to the web only."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit


def link(url: str, html: str) -> str:
    """`html` must be escaped already. What is no web address stays plain."""
    if not is_web(url):
        return html
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{html}</a>'


def tag(name: str, html: str, kind: str = "") -> str:
    """`html` must be escaped already."""
    return f'<{name} class="{kind}">{html}</{name}>' if kind else f"<{name}>{html}</{name}>"


def is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
