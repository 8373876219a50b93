"""Draws the blocks of a message, of a modal or of the Home tab."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from bot.sandbox.elements import box
from bot.sandbox.slack_blocks import Part
from bot.sandbox.slack_fields import draw_control
from bot.sandbox.slack_hands import Hands


def draw_parts(parts: Sequence[Part], hands: Hands) -> None:
    for part in parts:
        draw_part(part, hands)


def draw_part(part: Part, hands: Hands) -> None:
    with box("div", f"part {part.kind}"):
        if part.html:
            # Made by mrkdwn_html and slack_blocks, which escape every word.
            ui.html(part.html, sanitize=False).classes("words")
        if part.fields:
            with box("div", "fields"):
                for field in part.fields:
                    ui.html(field, sanitize=False).classes("words")
        if part.controls:
            with box("div", "part-buttons"):
                for one in part.controls:
                    draw_control(one, hands)
