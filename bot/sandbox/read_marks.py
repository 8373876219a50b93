"""What each person of the demo has read where: shared by all open pages."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class ReadMarks:
    """Counts what others have said in a place; places only ever grow."""

    _read: dict[tuple[object, object], int] = field(default_factory=dict)

    def mark(self, viewer: object, place: object, said: int) -> None:
        self._read[viewer, place] = said

    def unread(self, viewer: object, place: object, said: int) -> int:
        return max(0, said - self._read.get((viewer, place), 0))
