"""Where file contents go to and come from; without the right token a login page, as at Slack.

https://docs.slack.dev/messaging/working-with-files
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from bot.sandbox.slack.faulty import Answering
from bot.sandbox.slack.journal import Call
from bot.sandbox.slack.workspace import Workspace

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to Slack</body></html>"


class FilePages:
    """`redirects_to_login`: the login page comes by 302 instead of as 200 with HTML; Slack does both."""

    def __init__(self, space: Workspace, answering: Answering) -> None:
        self._space, self._answering = space, answering
        self.redirects_to_login = False

    async def upload(self, request: Request) -> Response:
        """Step 2 of 3: the bytes, raw or as a form's file. In the journal as `upload`."""
        content = await _content(request)
        file_id = request.path_params["file"]
        call = Call("upload", {"file": file_id, "bytes": len(content)}, self._space.clock(), request.method, "raw")
        return await self._answering.answer(request, call, None, lambda: self._store(file_id, content))

    async def download(self, request: Request) -> Response:
        """In the journal as `download`."""
        arguments = {"path": request.url.path, "has_token": "authorization" in request.headers}
        call = Call("download", arguments, self._space.clock(), request.method, "query")
        return await self._answering.answer(request, call, None, lambda: self._content_of(request))

    def _store(self, file_id: str, content: bytes) -> Response:
        file = self._space.files.find(file_id)
        if file is None or file.is_complete:
            return PlainTextResponse("file not found", HTTPStatus.NOT_FOUND)
        file.content, file.size = content, len(content)
        return PlainTextResponse(f"OK - {len(content)}")

    def _content_of(self, request: Request) -> Response:
        app = self._space.app
        is_ours = request.headers.get("authorization") == f"Bearer {app.bot_token}"
        if not is_ours or "files:read" not in app.scopes or app.token_error:
            if self.redirects_to_login:
                return RedirectResponse(f"{self._space.url}/?redir={request.url.path}", HTTPStatus.FOUND)
            return HTMLResponse(LOGIN_PAGE)
        file = self._space.files.find(request.path_params["file"].partition("-")[2])
        if file is None or file.content is None or not file.is_complete:
            return PlainTextResponse("", HTTPStatus.NOT_FOUND)
        return Response(file.content, media_type=file.mimetype)

    async def login(self, _: Request) -> Response:
        return HTMLResponse(LOGIN_PAGE)


async def _content(request: Request) -> bytes:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        for part in (await request.form()).values():
            if isinstance(part, UploadFile):
                return await part.read()
    return await request.body()
