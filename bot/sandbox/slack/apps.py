"""The app under test: its tokens, scopes and subscriptions."""

from __future__ import annotations

from dataclasses import dataclass, field

BOT_SCOPES = (
    "chat:write app_mentions:read im:history im:read im:write channels:history channels:read groups:history "
    "groups:read reactions:read reactions:write users:read users:read.email files:read files:write commands "
    "channels:join chat:write.public assistant:write team:read mpim:history mpim:read"
)
BOT_EVENTS = (
    "message.im message.channels message.groups message.mpim app_mention reaction_added reaction_removed "
    "app_home_opened member_joined_channel member_left_channel channel_id_changed channel_archive channel_unarchive "
    "channel_left channel_rename group_archive group_unarchive group_left group_rename app_uninstalled "
    "tokens_revoked user_change file_shared assistant_thread_started assistant_thread_context_changed"
)


@dataclass(frozen=True)
class Shortcut:
    """On messages, as the manifest declares it."""

    name: str
    callback_id: str


@dataclass
class App:
    """Tokens that look like Slack's and open nothing. `shortcuts` stand in the menu of each message,
    `global_shortcuts` where one writes."""

    team_id: str
    app_id: str
    bot_id: str
    bot_user: str
    name: str = "Support"
    team_name: str = "Stand-in"
    team_domain: str = "stand-in"
    bot_token: str = "xoxb-stand-in-bot-token"  # noqa: S105 - opens nothing but this stand-in
    app_token: str = "xapp-1-stand-in-app-token"  # noqa: S105
    signing_secret: str = "5f3c0f8a4b1d4e5f8a9b0c1d2e3f4a5b"  # noqa: S105
    verification_token: str = "stand-in-verification"  # noqa: S105
    scopes: set[str] = field(default_factory=lambda: set(BOT_SCOPES.split()))
    app_scopes: set[str] = field(default_factory=lambda: {"connections:write"})
    events: set[str] = field(default_factory=lambda: set(BOT_EVENTS.split()))
    shortcuts: tuple[Shortcut, ...] = ()
    global_shortcuts: tuple[Shortcut, ...] = ()
    has_messages_tab: bool = True
    token_error: str | None = None

    def profile(self) -> dict[str, object]:
        """`bot_profile` of its posts."""
        return {"id": self.bot_id, "app_id": self.app_id, "name": self.name, "team_id": self.team_id, "deleted": False}
