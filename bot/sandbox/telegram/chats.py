"""Who talks where: users, chats, and what the bot may do in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.refusal import Refused, bad_request, forbidden, upgraded


@dataclass
class User:
    """`was_met`: the bot has seen something of theirs; to others it cannot even name a chat."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    is_deactivated: bool = False
    was_met: bool = False

    def json(self) -> Json:
        told: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        more = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        return told | {name: value for name, value in more.items() if value}


class Kind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"


class Standing(StrEnum):
    """The bot's place in a chat, as `chat_member.status` tells it. `KICKED` in a private chat: blocked."""

    MEMBER = "member"
    ADMINISTRATOR = "administrator"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"


@dataclass
class Chat:
    """`partner` is the customer of a private chat. `was_started`: the customer has written to the bot there.

    `typing_until`: as long as a person sees the bot at work. `topics` are a forum's message thread ids.
    """

    id: int
    kind: Kind
    title: str = ""
    partner: User | None = None
    standing: Standing = Standing.MEMBER
    was_started: bool = False
    is_deleted: bool = False
    is_forum: bool = False
    topics: set[int] = field(default_factory=set)
    upgraded_to: int | None = None
    typing_until: datetime | None = None

    def json(self) -> Json:
        told: Json = {"id": self.id, "type": self.kind.value}
        if self.partner is not None:
            names = self.partner.json()
            return told | {key: names[key] for key in ("first_name", "last_name", "username") if key in names}
        return told | {"title": self.title} | ({"is_forum": True} if self.is_forum else {})

    @property
    def kind_in_words(self) -> str:
        return f"{self.kind} chat"

    def check_can_write(self) -> None:
        """Raises what the bot is told when it may not write here."""
        refused = self._refusal()
        if refused is not None:
            raise refused

    def _refusal(self) -> Refused | None:
        if self.upgraded_to is not None:
            return upgraded(self.upgraded_to)
        if self.partner is not None:
            return self._private_refusal(self.partner)
        if self.is_deleted:
            return forbidden("the group chat was deleted")
        if self.standing is Standing.KICKED:
            return forbidden(f"bot was kicked from the {self.kind_in_words}")
        if self.standing is Standing.LEFT:
            return forbidden(f"bot is not a member of the {self.kind_in_words}")
        if self.standing is Standing.RESTRICTED:
            return bad_request("not enough rights to send text messages to the chat")
        return None

    def _private_refusal(self, partner: User) -> Refused | None:
        if partner.is_deactivated:
            return forbidden("user is deactivated")
        if self.standing is Standing.KICKED:
            return forbidden("bot was blocked by the user")
        if not self.was_started:
            return forbidden("bot can't initiate conversation with a user")
        return None
