"""`/api/<method>`: the order in which Slack looks at a call, and how it answers.

https://docs.slack.dev/apis/web-api
"""

from __future__ import annotations

import json
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.slack.arguments import Arguments, read_arguments
from bot.sandbox.slack.faulty import Answering
from bot.sandbox.slack.journal import Call
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.method_table import METHODS, Method
from bot.sandbox.slack.pace import Pace
from bot.sandbox.slack.refusal import Refused
from bot.sandbox.slack.socket_hub import SocketHub
from bot.sandbox.slack.workspace import Workspace

OPEN_SOCKET = "apps.connections.open"


class WebApi:
    def __init__(self, space: Workspace, answering: Answering, pace: Pace, sockets: SocketHub) -> None:
        self._space, self._answering, self._pace, self._sockets = space, answering, pace, sockets

    async def call(self, request: Request) -> Response:
        """One Web API request, whatever its verb and the place of its arguments."""
        method = request.path_params["method"]
        call = Call(method, {}, self._space.clock(), request.method, "")
        try:
            call.arguments, call.how = await read_arguments(request)
        except ClientDisconnect:
            return Response()  # killed while it spoke: nothing takes effect, nobody hears an answer
        except Refused as refused:
            call.arguments["broken"] = refused.error
        token = _token(request, call.arguments)
        channel = call.arguments.get("channel")
        channel = channel if isinstance(channel, str) else None
        return await self._answering.answer(
            request, call, channel, lambda: self._response(request, call, token, channel)
        )

    def _response(self, request: Request, call: Call, token: str | None, channel: str | None) -> Response:
        try:
            answer: Json = {"ok": True} | self._run(call, token, channel)
        except Refused as refused:
            answer = refused.answer()
        except _TooFast as too_fast:
            answer = {"ok": False, "error": "ratelimited"}
            return JSONResponse(answer, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(too_fast.seconds)})
        if call.how == "json" and "charset" not in request.headers.get("content-type", "").lower():
            metadata = {**answer.get("response_metadata", {}), "warnings": ["missing_charset"]}
            answer |= {"warning": "missing_charset", "response_metadata": metadata}
        return JSONResponse(answer, headers=self._headers(call.method))

    def _run(self, call: Call, token: str | None, channel: str | None) -> Json:
        method = METHODS.get(call.method)
        if call.method == "api.test":
            return {"args": call.arguments}
        if method is None and call.method != OPEN_SOCKET:
            raise Refused("unknown_method", req_method=call.method)
        self._check_token(token, is_for_app_token=call.method == OPEN_SOCKET)
        if seconds := self._pace.wait(call.method, channel):
            raise _TooFast(seconds)
        if "broken" in call.arguments and not call.how:
            raise Refused(str(call.arguments["broken"]))
        if method is None:
            return {"url": self._sockets.issue_url()}
        if method.scopes:
            self._space.need_scope(*method.scopes)
        return json.loads(json.dumps(method.run(self._space, Arguments(call.arguments))))  # type: ignore[no-any-return]

    def _check_token(self, token: str | None, *, is_for_app_token: bool) -> None:
        app = self._space.app
        if not token:
            raise Refused("not_authed")
        if token not in {app.bot_token, app.app_token}:
            raise Refused("invalid_auth")
        if app.token_error:
            raise Refused(app.token_error)
        if (token == app.app_token) != is_for_app_token:
            raise Refused("not_allowed_token_type")
        if is_for_app_token and "connections:write" not in app.app_scopes:
            raise Refused("missing_scope", needed="connections:write", provided=",".join(sorted(app.app_scopes)))

    def _headers(self, name: str) -> dict[str, str]:
        method: Method | None = METHODS.get(name)
        headers = {
            "x-oauth-scopes": ",".join(sorted(self._space.app.scopes)),
            "x-slack-req-id": self._space.ids.new(""),
        }
        if method is not None and method.scopes:
            headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
        return headers


class _TooFast(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def _token(request: Request, arguments: Json) -> str | None:
    """From the header, else from a form or query field, which the journal does not keep."""
    in_arguments = arguments.pop("token", None)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        return token.strip()
    return in_arguments if isinstance(in_arguments, str) else None
