"""Conversations: channels, private ones, direct messages, and those shared with another company."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.sandbox.slack.json_types import Json


class Kind(StrEnum):
    """The values of `channel_type` in a message event."""

    CHANNEL = "channel"
    PRIVATE = "group"
    DM = "im"
    GROUP_DM = "mpim"


@dataclass
class Channel:
    """`is_ext_shared` tells of Slack Connect; `partner` is the user on the other side of a DM."""

    id: str
    name: str
    kind: Kind
    created: int
    members: list[str] = field(default_factory=list)
    is_ext_shared: bool = False
    is_archived: bool = False
    partner: str = ""

    def info(self, bot_user: str) -> Json:
        """As `conversations.info` answers."""
        told: Json = {"id": self.id, "created": self.created, "is_archived": self.is_archived}
        told |= {
            "is_channel": self.kind is Kind.CHANNEL,
            "is_group": self.kind is Kind.PRIVATE,
            "is_im": self.kind is Kind.DM,
            "is_mpim": self.kind is Kind.GROUP_DM,
            "is_private": self.kind is not Kind.CHANNEL,
            "is_ext_shared": self.is_ext_shared,
            "is_shared": self.is_ext_shared,
            "is_org_shared": False,
        }
        if self.kind is Kind.DM:
            return told | {"user": self.partner}
        is_member = bot_user in self.members
        return told | {"name": self.name, "name_normalized": self.name, "is_member": is_member}
