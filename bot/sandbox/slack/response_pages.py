"""`response_url`: five answers in 30 minutes, whoever may post in the channel.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.slack import posting
from bot.sandbox.slack.arguments import Arguments, read_arguments
from bot.sandbox.slack.chat_methods import message_body
from bot.sandbox.slack.faulty import Answering
from bot.sandbox.slack.journal import Call
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.refusal import Refused
from bot.sandbox.slack.triggers import ResponseUrl
from bot.sandbox.slack.workspace import Workspace


class ResponsePages:
    def __init__(self, space: Workspace, answering: Answering) -> None:
        self._space, self._answering = space, answering

    async def respond(self, request: Request) -> Response:
        """In the journal as method `response_url`."""
        given, how = await read_arguments(request)
        call = Call("response_url", {"path": request.url.path, **given}, self._space.clock(), request.method, how)
        return await self._answering.answer(
            request, call, None, lambda: self._response(request.url.path, Arguments(given))
        )

    def _response(self, path: str, given: Arguments) -> Response:
        try:
            known = self._space.response_urls.use(path)
        except Refused as refused:
            return JSONResponse(refused.answer(), HTTPStatus.NOT_FOUND)
        try:
            self._take_effect(known, given)
        except Refused as refused:
            return JSONResponse(refused.answer(), HTTPStatus.BAD_REQUEST)
        return PlainTextResponse("ok")

    def _take_effect(self, known: ResponseUrl, given: Arguments) -> None:
        space = self._space
        original = self._original(known)
        if given.flag("delete_original") and original is not None:
            _take_away(space, original)
            return
        body = message_body(space, given)
        if given.flag("replace_original") and original is not None:
            if original.only_for:
                original.body = body
            else:
                posting.change(space, original, {"blocks": [], **body}, editor=None)
            return
        channel, thread_ts = space.channels[known.channel], given.text("thread_ts") or None
        if given.text("response_type") == "in_channel":
            posting.post(space, channel, body, thread_ts=thread_ts)
        else:
            posting.show_only_to(space, channel, known.user, body, thread_ts)

    def _original(self, known: ResponseUrl) -> Message | None:
        """None for a slash command: the user's own line cannot be touched."""
        of_channel = {message.ts: message for message in self._space.talk.of(known.channel)}
        return of_channel.get(known.message_ts or "")


def _take_away(space: Workspace, message: Message) -> None:
    if message.only_for:
        message.is_removed = True
    else:
        posting.remove(space, message)
