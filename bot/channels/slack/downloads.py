"""The content of a file that Slack has; the token goes to Slack alone.

https://docs.slack.dev/reference/objects/file-object
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.channels.base import MOST_FILE_BYTES, FileGone, FileTooBig, PermanentDeliveryError, TemporaryDeliveryError
from bot.channels.slack.client import Client
from bot.channels.slack.errors import Refused, retry_after

FILES_HOST = ("https", "files.slack.com")
DOWNLOAD_SECONDS = 30.0
CONNECT_SECONDS = 5.0
CHUNK_BYTES = 2**16
_GONE = frozenset({"file_not_found", "file_deleted"})


async def download(client: Client, file_id: str) -> bytes:
    """Raises as `bot.channels.base.Channel.fetch`, and `UnknownOutcome` where Slack's word on the file was lost."""
    file = await _told(client, file_id)
    size = file.get("size")
    if isinstance(size, int) and size > MOST_FILE_BYTES:
        raise FileTooBig
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    if not url or file.get("mode") in {"tombstone", "hidden_by_limit"}:
        raise FileGone("Slack: the file is gone")
    if file.get("is_external") or not _is_slacks(client, url):
        raise PermanentDeliveryError("Slack: the file lies with somebody else")
    content = await _content(client, url, is_page=str(file.get("mimetype", "")).startswith("text/html"))
    if isinstance(size, int) and len(content) != size:
        raise TemporaryDeliveryError("Slack: not the whole file came")
    return content


async def _told(client: Client, file_id: str) -> dict[str, Any]:
    try:
        answer = await client.call(client.web.files_info(file=file_id))
    except Refused as refused:
        if refused.error in _GONE:
            raise FileGone(str(refused)) from refused
        raise
    file = answer.get("file")
    return file if isinstance(file, dict) else {}


def _is_slacks(client: Client, url: str) -> bool:
    parts, api = urlsplit(url), urlsplit(client.api_url)
    return (parts.scheme, parts.netloc) in {FILES_HOST, (api.scheme, api.netloc)}


async def _content(client: Client, url: str, *, is_page: bool) -> bytes:
    """No redirect is followed: the token would go with it. `is_page`: HTML is what was announced."""
    limits = aiohttp.ClientTimeout(total=DOWNLOAD_SECONDS, sock_connect=CONNECT_SECONDS)
    try:
        async with client.session.get(
            url, headers=client.authorization, allow_redirects=False, timeout=limits
        ) as answer:
            _check(answer, is_page=is_page)
            content = bytearray()
            async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                content += chunk
                if len(content) > MOST_FILE_BYTES:
                    raise FileTooBig
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise TemporaryDeliveryError(f"Slack: the file did not come ({type(error).__name__})") from error
    return bytes(content)


def _check(answer: aiohttp.ClientResponse, *, is_page: bool) -> None:
    """Without the scope Slack shows its login page, as 302 or as 200: https://docs.slack.dev/reference/scopes/files.read"""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise TemporaryDeliveryError("Slack: ratelimited", retry_after(answer.headers))
    if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise FileGone("Slack: the file is gone")
    is_login = answer.status == HTTPStatus.OK and answer.content_type == "text/html" and not is_page
    if is_login or HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        raise PermanentDeliveryError("Slack shows its login page instead of the file: is files:read missing?")
    if answer.status != HTTPStatus.OK:
        raise TemporaryDeliveryError(f"Slack: the file's address answered {answer.status}")
