"""A request's arguments, wherever they stand: query, form, multipart or JSON.

As in the real server everything becomes text first: nested objects are JSON text, also when the whole body was JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.refusal import bad_request

OBJECTS = frozenset(
    {
        "reply_markup", "reply_parameters", "entities", "caption_entities", "link_preview_options", "allowed_updates",
        "commands", "media", "scope", "message_ids", "reaction", "menu_button",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Upload:
    """A file of a multipart request."""

    name: str
    mime: str
    content: bytes


class Arguments:
    def __init__(self, given: dict[str, str], uploads: dict[str, Upload] | None = None) -> None:
        self.given = given
        self.uploads = uploads or {}

    def __contains__(self, name: object) -> bool:
        return bool(self.given.get(str(name))) or name in self.uploads

    def text(self, name: str) -> str:
        return self.given.get(name, "")

    def integer(self, name: str, default: int = 0, lowest: int = -(2**63), highest: int = 2**63) -> int:
        """What is no number counts as the default; what is out of range as the nearest in it."""
        try:
            value = int(self.text(name).strip() or default)
        except ValueError:
            value = default
        return min(max(value, lowest), highest)

    def truth(self, name: str) -> bool:
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def loaded(self, name: str, what: str) -> Any:
        """An argument that is JSON text; None when it is absent. `what` names it in the refusal."""
        if not self.text(name):
            return None
        try:
            return json.loads(self.text(name))
        except ValueError as error:
            raise bad_request(f"can't parse {what} JSON object") from error

    def shown(self) -> Json:
        """As the journal tells them: objects as objects, files by name and size."""
        told: Json = {name: _decoded(name, value) for name, value in self.given.items()}
        files = {name: f"<file {upload.name}, {len(upload.content)} bytes>" for name, upload in self.uploads.items()}
        return told | files


def _decoded(name: str, value: str) -> Any:
    if name not in OBJECTS:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


async def read_arguments(request: Request) -> Arguments:
    """Reads the whole body. Raises Refused when it is not what its content type says."""
    given = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return Arguments(given | from_json(await request.body()))
    uploads: dict[str, Upload] = {}
    if kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        async with request.form(max_part_size=64 * 2**20) as form:
            for name, value in form.items():
                if isinstance(value, UploadFile):
                    mime = value.content_type or "application/octet-stream"
                    uploads[name] = Upload(value.filename or name, mime, await value.read())
                else:
                    given[name] = value
    return Arguments(given, uploads)


def from_json(body: bytes) -> dict[str, str]:
    try:
        loaded = json.loads(body or b"{}")
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(loaded, dict):
        raise bad_request("can't parse request: expected an Object")
    return {name: _as_text(value) for name, value in loaded.items() if value is not None}


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
