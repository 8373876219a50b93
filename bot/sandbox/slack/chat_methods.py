"""`chat.*`: what the bot says, changes and takes back."""

from __future__ import annotations

import re

from bot.sandbox.slack import posting
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.block_faults import MESSAGE_BLOCKS, MESSAGE_CHARACTERS, blocks_faults, characters_in
from bot.sandbox.slack.block_ids import with_ids
from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.metadata import read_metadata
from bot.sandbox.slack.refusal import Refused, refused_for
from bot.sandbox.slack.workspace import Workspace

POSTED_CHARACTERS = 40_000
UPDATED_CHARACTERS = 4_000
MARKDOWN_CHARACTERS = 12_000
MOST_ATTACHMENTS = 100
BARE = re.compile(r"&(?!amp;|lt;|gt;)|<(?![@#!]|https?:|mailto:|tel:)")


def post_message(space: Workspace, given: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/chat.postMessage

    A reply to a message that no longer exists goes to the channel, with no other sign than an answer without
    `thread_ts`.
    """
    channel = _target(space, given.needed("channel", "channel_not_found"))
    _refuse_closed(space, channel)
    body = message_body(space, given)
    body["text"] = body["text"][:POSTED_CHARACTERS]
    thread_ts = given.text("thread_ts") or None
    parent = space.talk.find(channel.id, thread_ts) if thread_ts else None
    if parent is None:
        thread_ts = None  # its parent is gone: https://github.com/slack-go/slack/issues/1571
    if parent is not None and parent.subtype in {"channel_join", "channel_leave", "channel_topic", "tombstone"}:
        raise Refused("cannot_reply_to_message")
    subtype = "thread_broadcast" if thread_ts and given.flag("reply_broadcast") else None
    metadata = read_metadata(given)
    if parent is not None and parent.thread_ts is None:
        parent.thread_ts = parent.ts
    message = posting.post(space, channel, body, thread_ts=thread_ts, subtype=subtype, metadata=metadata)
    return {"channel": channel.id, "ts": message.ts, "message": message.wire(with_metadata=True)}


def post_ephemeral(space: Workspace, given: Arguments) -> Json:
    """Seen by one user until they reload; no event, no update, no place in the history."""
    channel = space.channel(given.needed("channel", "channel_not_found"))
    _refuse_closed(space, channel)
    user = given.needed("user", "user_not_found")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    message = posting.show_only_to(space, channel, user, message_body(space, given), given.text("thread_ts") or None)
    return {"message_ts": message.ts}


def update(space: Workspace, given: Arguments) -> Json:
    """Own messages only; `text` without `blocks` drops the blocks; one with blocks shows no "edited"."""
    channel = space.channel(given.needed("channel", "channel_not_found"))
    message = _own(space, channel, given.needed("ts", "message_not_found"), "cant_update_message")
    if len(given.text("text")) > UPDATED_CHARACTERS:
        raise Refused("msg_too_long")
    body = message_body(space, given)
    if "blocks" not in body:
        body["blocks"] = []
    metadata = read_metadata(given)
    if metadata is not None:
        message.metadata = metadata or None
    posting.change(space, message, body, editor=None if body["blocks"] else space.app.bot_user)
    told = message.wire(with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": told}


def delete(space: Workspace, given: Arguments) -> Json:
    channel = space.channel(given.needed("channel", "channel_not_found"))
    message = _own(space, channel, given.needed("ts", "message_not_found"), "cant_delete_message")
    posting.remove(space, message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(space: Workspace, given: Arguments) -> Json:
    channel = space.channel(given.needed("channel", "channel_not_found"))
    message = space.message(channel.id, given.needed("message_ts", "message_not_found"))
    link = f"{space.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _own(space: Workspace, channel: Channel, ts: str, error: str) -> Message:
    message = space.message(channel.id, ts)
    if message.body.get("app_id") != space.app.app_id:
        raise Refused(error)
    return message


def _target(space: Workspace, channel: str) -> Channel:
    """A user's id stands for the direct messages with them, which this opens."""
    if channel in space.users:
        return space.dm_with(channel)
    if channel[:1] in {"U", "W"}:
        raise Refused("channel_not_found")
    return space.channel(channel)


def _refuse_closed(space: Workspace, channel: Channel) -> None:
    if channel.is_archived:
        raise Refused("is_archived")
    if channel.kind is Kind.DM and not space.app.has_messages_tab:
        raise Refused("messages_tab_disabled")
    may_enter = channel.kind is Kind.CHANNEL and "chat:write.public" in space.app.scopes
    if space.app.bot_user not in channel.members and not may_enter:
        raise Refused("not_in_channel")


def message_body(space: Workspace, given: Arguments) -> Json:
    """Text, blocks and attachments, checked as Slack checks them, written by the app."""
    text, markdown = given.text("text"), given.text("markdown_text")
    blocks = given.objects("blocks", "invalid_blocks_format")
    attachments = given.objects("attachments", "invalid_attachments")
    _refuse_contents(text, markdown, blocks, attachments)
    app = space.app
    body: Json = {"user": app.bot_user, "text": stored_text(text or markdown), "team": app.team_id}
    body |= {"bot_id": app.bot_id, "app_id": app.app_id, "bot_profile": app.profile()}
    if markdown:
        blocks = [{"type": "markdown", "text": markdown}]
    if blocks:
        body["blocks"] = blocks
    if attachments:
        body["attachments"] = attachments
    return with_ids(body, space.ids)


def _refuse_contents(text: str, markdown: str, blocks: list[Json] | None, attachments: list[Json] | None) -> None:
    if markdown and (text or blocks):
        raise Refused("markdown_text_conflict")
    if not (text.strip() or markdown.strip() or blocks or attachments):
        raise Refused("no_text")
    if len(attachments or ()) > MOST_ATTACHMENTS:
        raise Refused("too_many_attachments")
    faults = blocks_faults(blocks or [], "/blocks", MESSAGE_BLOCKS)
    if faults:
        raise refused_for("invalid_blocks", faults)
    in_markdown = sum(len(block.get("text", "")) for block in blocks or [] if block.get("type") == "markdown")
    if len(markdown) + in_markdown > MARKDOWN_CHARACTERS:
        raise Refused("msg_too_long")
    if characters_in(blocks or []) > MESSAGE_CHARACTERS:
        raise Refused("msg_blocks_too_long")


def stored_text(text: str) -> str:
    """Slack writes a bare `&` or `<` as an entity and leaves its own markup alone."""
    return BARE.sub(lambda found: "&amp;" if found[0] == "&" else "&lt;", text)
