"""A request's arguments, wherever they stand: query, form, multipart or JSON."""

from __future__ import annotations

import json

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.refusal import Refused


async def read_arguments(request: Request) -> tuple[Json, str]:
    """The arguments and how they came (`json`, `form`, `multipart`, `query`). Raises Refused for a broken body."""
    given: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "GET":
        return given, "query"
    if kind == "application/json":
        return given | _from_json(await request.body()), "json"
    if kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        form = {name: value for name, value in (await request.form()).items() if not isinstance(value, UploadFile)}
        return given | form, _form_name(kind, form)
    if not await request.body():
        return given, "query"
    raise Refused("invalid_post_type")


def _form_name(kind: str, form: Json) -> str:
    if kind == "multipart/form-data":
        return "multipart"
    return "form" if form else "query"


def _from_json(body: bytes) -> Json:
    try:
        given = json.loads(body or b"{}")
    except ValueError as error:
        raise Refused("invalid_json") from error
    if not isinstance(given, dict):
        raise Refused("json_not_object")
    return {name: value for name, value in given.items() if value is not None}


class Arguments:
    """Typed access. In forms and queries, objects travel as JSON text and truth as `1`, `true` or `0`, `false`."""

    def __init__(self, given: Json) -> None:
        self.given = given

    def __contains__(self, name: object) -> bool:
        return self.given.get(str(name)) not in {None, ""} if self._is_plain(str(name)) else True

    def _is_plain(self, name: str) -> bool:
        value = self.given.get(name)
        return value is None or isinstance(value, str | int | float)

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def needed(self, name: str, error: str = "invalid_arguments") -> str:
        value = self.text(name)
        if not value:
            raise Refused(error)
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.given.get(name)
        if value is None or value == "":
            return default
        return str(value).lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        value = self.given.get(name, default)
        try:
            return int(value)
        except (TypeError, ValueError) as error:
            raise Refused("invalid_arguments") from error

    def structure(self, name: str, error: str) -> object:
        """A list or object given as such or as JSON text; None when it is not there. Raises Refused(error)."""
        value = self.given.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            parsed: object = json.loads(value)
        except ValueError as broken:
            raise Refused(error) from broken
        return parsed

    def objects(self, name: str, error: str) -> list[Json] | None:
        """A list of objects, None when it is not there. Raises Refused(error)."""
        value = self.structure(name, error)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise Refused(error)
        return value

    def object(self, name: str, error: str) -> Json | None:
        value = self.structure(name, error)
        if value is not None and not isinstance(value, dict):
            raise Refused(error)
        return value
