"""Which method needs what, and who answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack import (
    chat_methods,
    conversation_methods,
    file_methods,
    reaction_methods,
    user_methods,
    view_methods,
)
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.workspace import Workspace

Run = Callable[[Workspace, Arguments], Json]


@dataclass(frozen=True)
class Method:
    """`scopes`: one of them is enough, empty: none needed; those on a conversation also ask for its kind's."""

    run: Run
    scopes: tuple[str, ...] = ()
    is_for_app_token: bool = False


def _many(run: Run, *names: str, scopes: tuple[str, ...] = ()) -> dict[str, Method]:
    return {name: Method(run, scopes) for name in names}


READ_ANY = ("channels:read", "groups:read", "im:read", "mpim:read")
METHODS: dict[str, Method] = {
    "auth.test": Method(user_methods.auth_test),
    "bots.info": Method(user_methods.bot_info, ("users:read",)),
    "chat.delete": Method(chat_methods.delete, ("chat:write",)),
    "chat.getPermalink": Method(chat_methods.get_permalink),
    "chat.postEphemeral": Method(chat_methods.post_ephemeral, ("chat:write",)),
    "chat.postMessage": Method(chat_methods.post_message, ("chat:write",)),
    "chat.update": Method(chat_methods.update, ("chat:write",)),
    "conversations.history": Method(conversation_methods.history),
    "conversations.info": Method(conversation_methods.info),
    "conversations.join": Method(conversation_methods.join, ("channels:join",)),
    "conversations.list": Method(conversation_methods.list_all, READ_ANY),
    "conversations.members": Method(conversation_methods.members),
    "conversations.open": Method(conversation_methods.open_dm, ("im:write", "mpim:write")),
    "conversations.replies": Method(conversation_methods.replies),
    "files.completeUploadExternal": Method(file_methods.complete_upload, ("files:write",)),
    "files.delete": Method(file_methods.delete, ("files:write",)),
    "files.getUploadURLExternal": Method(file_methods.get_upload_url, ("files:write",)),
    "files.info": Method(file_methods.info, ("files:read",)),
    "reactions.add": Method(reaction_methods.add, ("reactions:write",)),
    "reactions.get": Method(reaction_methods.get, ("reactions:read",)),
    "reactions.remove": Method(reaction_methods.remove, ("reactions:write",)),
    "team.info": Method(user_methods.team_info, ("team:read",)),
    "users.info": Method(user_methods.info, ("users:read",)),
    "users.list": Method(user_methods.list_all, ("users:read",)),
    "users.lookupByEmail": Method(user_methods.look_up_by_email, ("users:read.email",)),
    "views.open": Method(view_methods.open_view),
    "views.publish": Method(view_methods.publish),
    "views.push": Method(view_methods.push),
    "views.update": Method(view_methods.update),
    **_many(
        reaction_methods.assistant_status,
        "assistant.threads.setStatus",
        "assistant.threads.setTitle",
        "assistant.threads.setSuggestedPrompts",
        scopes=("assistant:write", "chat:write"),
    ),
}
