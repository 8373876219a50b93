"""`files.*`: the three steps of an upload, and looking at what others uploaded."""

from __future__ import annotations

import mimetypes

from bot.sandbox.slack import posting
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.files import File
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.refusal import Refused
from bot.sandbox.slack.workspace import Workspace


def get_upload_url(space: Workspace, given: Arguments) -> Json:
    """Step 1 of 3; what is not completed is never seen."""
    name, size = given.needed("filename"), given.number("length", 0)
    if size <= 0:
        raise Refused("invalid_arguments")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    app = space.app
    file = File(space.files.new_id(), name, kind, size, app.bot_user, app.team_id, space.now_seconds)
    space.files.add(file)
    return {"upload_url": f"{space.url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(space: Workspace, given: Arguments) -> Json:
    """Step 3, once: shares the files in one message, which comes back as `file_share`."""
    wanted = given.objects("files", "invalid_arguments")
    if not wanted:
        raise Refused("invalid_arguments")
    files = [_uploaded(space, str(one.get("id")), str(one.get("title") or "")) for one in wanted]
    channel = space.channel(given.text("channel_id")) if "channel_id" in given else None
    if channel is not None and space.app.bot_user not in channel.members:
        raise Refused("not_in_channel")
    for file in files:
        file.is_complete = True
    if channel is not None:
        share(space, channel.id, files, given.text("initial_comment"), given.text("thread_ts") or None)
    return {"files": [file.info(space.url) for file in files]}


def share(space: Workspace, channel_id: str, files: list[File], comment: str, thread_ts: str | None) -> None:
    app, channel = space.app, space.channels[channel_id]
    told = [file.in_event(space.url) for file in files]
    body: Json = {"user": app.bot_user, "text": comment, "files": told, "upload": True, "team": app.team_id}
    body |= {"bot_id": app.bot_id, "app_id": app.app_id, "display_as_bot": False}
    message = posting.post(space, channel, body, thread_ts=thread_ts, subtype="file_share")
    for file in files:
        file.shares.setdefault(channel.id, []).append(message.ts)
        told_of = {"type": "file_shared", "file_id": file.id, "user_id": file.user, "file": {"id": file.id}}
        space.feed.tell(told_of | {"channel_id": channel.id}, channel)


def info(space: Workspace, given: Arguments) -> Json:
    file = space.files.find(given.needed("file", "file_not_found"))
    if file is None or not file.is_complete:
        raise Refused("file_not_found")
    return {"file": file.info(space.url), "comments": [], "response_metadata": {"next_cursor": ""}}


def delete(space: Workspace, given: Arguments) -> Json:
    file = space.files.find(given.needed("file", "file_not_found"))
    if file is None or not file.is_complete:
        raise Refused("file_not_found")
    file.is_complete, file.content = False, None
    for channel, all_ts in file.shares.items():
        for message in filter(None, (space.talk.find(channel, ts) for ts in all_ts)):
            left = [
                one if one["id"] != file.id else {"id": file.id, "mode": "tombstone"}
                for one in message.body.get("files") or []
            ]
            posting.change(space, message, {"files": left}, editor=None)
    return {}


def _uploaded(space: Workspace, file_id: str, title: str) -> File:
    file = space.files.find(file_id)
    if file is None or file.content is None or file.is_complete:
        raise Refused("file_not_found")
    file.title = title
    return file
