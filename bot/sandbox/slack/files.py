"""Files: waiting to be uploaded, uploaded, shared."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.json_types import Json


@dataclass
class File:
    """`size` is what was announced. `is_checked_first`: in shared channels an event tells only its id."""

    id: str
    name: str
    mimetype: str
    size: int
    user: str
    team_id: str
    created: int
    title: str = ""
    content: bytes | None = None
    is_complete: bool = False
    external_url: str | None = None
    is_checked_first: bool = False
    shares: dict[str, list[str]] = field(default_factory=dict)

    def info(self, base: str) -> Json:
        """As `files.info` answers; `base` is the stand-in's address."""
        url = self.external_url or f"{base}/files-pri/{self.team_id}-{self.id}/{self.name}"
        download = self.external_url or f"{base}/files-pri/{self.team_id}-{self.id}/download/{self.name}"
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2] if "." in self.name else "binary",
            "user": self.user,
            "user_team": self.team_id,
            "size": self.size,
            "mode": "external" if self.external_url else "hosted",
            "is_external": self.external_url is not None,
            "external_type": "app" if self.external_url else "",
            "is_public": False,
            "editable": False,
            "file_access": "visible",
            "url_private": url,
            "url_private_download": download,
            "shares": {"private": {channel: [{"ts": ts} for ts in all_ts] for channel, all_ts in self.shares.items()}},
        }

    def in_event(self, base: str) -> Json:
        """As it stands in a message; in Slack Connect only a hint to ask `files.info`."""
        if self.is_checked_first:
            return {"id": self.id, "mode": "file_access", "file_access": "check_file_info", "user": ""}
        return {name: value for name, value in self.info(base).items() if name != "shares"}


class FileStore:
    def __init__(self, ids: Identifiers) -> None:
        self._ids = ids
        self._files: dict[str, File] = {}

    def add(self, file: File) -> File:
        self._files[file.id] = file
        return file

    def new_id(self) -> str:
        return self._ids.new("F")

    def find(self, file: str) -> File | None:
        return self._files.get(file)

    def all(self) -> list[File]:
        return list(self._files.values())
