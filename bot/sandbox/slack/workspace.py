"""The state of one workspace: who is there, where they talk, what was said."""

from __future__ import annotations

from bot.sandbox.slack.apps import App
from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.feed import Feed
from bot.sandbox.slack.files import FileStore
from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.json_types import Clock
from bot.sandbox.slack.messages import Conversations, Message
from bot.sandbox.slack.people import User
from bot.sandbox.slack.refusal import Refused
from bot.sandbox.slack.triggers import ResponseUrls, Triggers
from bot.sandbox.slack.views import Views

SCOPE_PREFIX = {Kind.CHANNEL: "channels", Kind.PRIVATE: "groups", Kind.DM: "im", Kind.GROUP_DM: "mpim"}


class Workspace:
    """`url` is where the stand-in answers, without a slash at the end; it is known once the server runs.

    `most_objects` is the page size of lists: 1,000, or 15 for apps sold outside Slack's Marketplace.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.url = ""
        self.most_objects = 1000
        self.ids = Identifiers(clock)
        new = self.ids.new
        self.app = App(team_id=new("T"), app_id=new("A"), bot_id=new("B"), bot_user=new("U"))
        self.feed = Feed(self.app, self.ids, clock)
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.talk = Conversations()
        self.views = Views(self.ids, self.app)
        self.triggers = Triggers(self.ids, clock)
        self.response_urls = ResponseUrls(self.ids, clock)
        self.files = FileStore(self.ids)
        bot = User(self.app.bot_user, self.app.team_id, self.app.name, is_bot=True)
        self.users[bot.id] = bot

    @property
    def now_seconds(self) -> int:
        return int(self.clock().timestamp())

    def add_channel(self, name: str, kind: Kind, members: list[str], *, is_ext_shared: bool = False) -> Channel:
        """A conversation without any event: as if it had been there before."""
        prefix = {Kind.DM: "D", Kind.PRIVATE: "C" if is_ext_shared else "G"}.get(kind, "C")
        channel = Channel(self.ids.new(prefix), name, kind, self.now_seconds, members, is_ext_shared)
        self.channels[channel.id] = channel
        return channel

    def dm_with(self, user: str) -> Channel:
        """The direct messages of the bot with this user, opened when there are none yet."""
        for channel in self.channels.values():
            if channel.kind is Kind.DM and channel.partner == user:
                return channel
        channel = self.add_channel("", Kind.DM, [user, self.app.bot_user])
        channel.partner = user
        return channel

    def user(self, user: str) -> User:
        """Raises Refused `user_not_found`."""
        if user not in self.users:
            raise Refused("user_not_found")
        return self.users[user]

    def channel(self, channel: str) -> Channel:
        """What the bot may know of: raises Refused `channel_not_found` also for a private one it is not in."""
        found = self.channels.get(channel)
        is_hidden = found is not None and found.kind is not Kind.CHANNEL and self.app.bot_user not in found.members
        if found is None or is_hidden:
            raise Refused("channel_not_found")
        return found

    def message(self, channel: str, ts: str) -> Message:
        """Raises Refused `message_not_found`."""
        found = self.talk.find(channel, ts)
        if found is None:
            raise Refused("message_not_found")
        return found

    def need_scope(self, *any_of: str) -> None:
        """Raises Refused `missing_scope` with what was needed and what the token has."""
        if not self.app.scopes.intersection(any_of):
            provided = ",".join(sorted(self.app.scopes))
            raise Refused("missing_scope", needed=",".join(any_of), provided=provided)

    def need_channel_scope(self, channel: Channel, right: str) -> None:
        """`channels:history`, `groups:history`, `im:history` … by the kind of conversation."""
        self.need_scope(f"{SCOPE_PREFIX[channel.kind]}:{right}")
