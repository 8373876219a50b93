"""A plain line chart, for those who see it; what it says stands in a table, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.console.elements import Words, box

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 200, 82, 12, 14, 30
LOOKS = ("first", "second")


@dataclass(frozen=True)
class Line:
    """`points`: a value or None for each place from left to right, 0…1."""

    name: str
    points: Sequence[float | None]


def draw_chart(title: str, lines: Sequence[Line], places: Sequence[str]) -> None:
    """`places`: what stands under the points; the first and the last are shown. The scale goes from 0 to 100%."""
    with box("svg", "chart", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=title):
        for share in (0.0, 0.5, 1.0):
            y = f"{_y(share):.1f}"
            box("line", "grid", x1=str(LEFT), x2=str(WIDTH - RIGHT), y1=y, y2=y)
            Words("text", f"{share:.0%}", x=str(LEFT - 8), y=f"{_y(share) + 4:.1f}", text_anchor="end")
        for look, line in zip(LOOKS, lines, strict=False):
            _draw_line(line, look)
        if places:
            Words("text", places[0], x=str(LEFT), y=str(HEIGHT - 4))
        if len(places) > 1:
            Words("text", places[-1], x=str(WIDTH - RIGHT), y=str(HEIGHT - 4), text_anchor="end")
    if len(lines) > 1:
        with box("p", "legend", aria_hidden="true"):
            for look, line in zip(LOOKS, lines, strict=False):
                Words("span", line.name, look)


def _draw_line(line: Line, look: str) -> None:
    steps = max(len(line.points) - 1, 1)
    at = [(LEFT + (WIDTH - LEFT - RIGHT) * place / steps, _y(one)) for place, one in enumerate(line.points)
          if one is not None]  # fmt: skip
    if len(at) > 1:
        box("polyline", f"line {look}", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in at))
    for x, y in at[-1:]:
        box("circle", look, cx=f"{x:.1f}", cy=f"{y:.1f}", r="4")


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(max(share, 0.0), 1.0))
