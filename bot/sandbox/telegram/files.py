"""Files by id: https://core.telegram.org/bots/api#getfile

An id is good for sending again and for asking the way to the bytes; that way is good for an hour.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.telegram.json_types import Clock, Json
from bot.sandbox.telegram.refusal import bad_request

MOST_DOWNLOADED = 20 * 2**20
MOST_UPLOADED = 50 * 2**20
MOST_PHOTO = 10 * 2**20
PATH_LIFE = timedelta(hours=1)


@dataclass
class StoredFile:
    """`size` may be told larger than the bytes kept, to stand for a file nobody wants in memory."""

    id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    content: bytes
    size: int
    is_lost: bool = False

    def json(self) -> Json:
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": self.size}


@dataclass
class Files:
    clock: Clock
    by_id: dict[str, StoredFile] = field(default_factory=dict)
    _paths: dict[str, tuple[StoredFile, datetime]] = field(default_factory=dict)

    def store(self, kind: str, name: str, content: bytes, mime: str = "", size: int | None = None) -> StoredFile:
        guessed = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        mark = hashlib.sha256(f"{kind} {name} {len(self.by_id)}".encode()).hexdigest()
        stored = StoredFile(
            f"AgAC{mark[:48]}", f"AQAD{mark[48:]}", kind, name, guessed, content, len(content) if size is None else size
        )
        self.by_id[stored.id] = stored
        return stored

    def way(self, file_id: str) -> Json:
        """The answer of `getFile`."""
        stored = self.by_id.get(file_id)
        if stored is None or stored.is_lost:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if stored.size > MOST_DOWNLOADED:
            raise bad_request("file is too big")
        path = f"{stored.kind}s/file_{list(self.by_id).index(file_id)}{_extension(stored)}"
        self._paths[path] = (stored, self.clock() + PATH_LIFE)
        return stored.json() | {"file_path": path}

    def at(self, path: str) -> StoredFile | None:
        """What stands behind a path that is still good."""
        stored, until = self._paths.get(path, (None, self.clock()))
        return stored if stored is not None and self.clock() <= until else None


def _extension(stored: StoredFile) -> str:
    return "." + stored.name.rsplit(".", 1)[-1] if "." in stored.name else ""
