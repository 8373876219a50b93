"""A local Slack: real HTTP and WebSocket on a loopback port, all state in memory, everything controllable.

    async with SlackStandIn(clock=clock) as slack:
        anna = slack.person("Anna")
        await slack.use_http("http://127.0.0.1:8000/slack/events")     # or slack.use_sockets()
        anna.says("Where is my parcel?")
        await slack.tick()
        slack.screen(anna.dm, anna)

The app under test gets `slack.api_url`, `slack.app.bot_token`, `slack.app.app_token` and `slack.app.signing_secret`.
"""

from __future__ import annotations

import asyncio
from types import TracebackType

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from bot.sandbox.slack import membership, posting
from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.connections import Connections, LoopbackServer
from bot.sandbox.slack.deliveries import ACK_SECONDS, Deliveries
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.faulty import Answering
from bot.sandbox.slack.file_pages import FilePages
from bot.sandbox.slack.http_transport import HttpTransport
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.json_types import Clock, Json, wall_clock
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.pace import Pace
from bot.sandbox.slack.people import User
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.response_pages import ResponsePages
from bot.sandbox.slack.screen import Shown, screen
from bot.sandbox.slack.socket_hub import SocketHub
from bot.sandbox.slack.web_api import WebApi
from bot.sandbox.slack.workspace import Workspace

VERBS = ["GET", "POST"]


class SlackStandIn:
    """`clock` gives aware UTC times; when it is moved, `await tick()` does what has come due.

    `signing_clock` is the time in signatures, for apps that check them against the wall clock. `ack_seconds` is how
    long an app may really take to answer (3 s at Slack). `seed` makes random faults and doubles repeatable.
    """

    def __init__(
        self,
        *,
        clock: Clock = wall_clock,
        signing_clock: Clock | None = None,
        ack_seconds: float = ACK_SECONDS,
        seed: int = 1,
        port: int = 0,
    ) -> None:
        self.clock, self._signing_clock = clock, signing_clock or clock
        self.space = Workspace(clock)
        self.app = self.space.app
        self.journal, self.faults, self.pace = Journal(), Faults(seed), Pace(clock)
        self.deliveries = Deliveries(self.journal, self.space.ids, clock, seed)
        self.deliveries.ack_seconds = ack_seconds
        self.space.feed.deliver = self.deliveries.event
        self.sockets = SocketHub(self.space)
        self.deliveries.also_tick.append(self.sockets.tick)
        self.http: HttpTransport | None = None
        self._interactions = Interactions(self.space, self.deliveries)
        self._connections = Connections()
        self._answering = Answering(self.faults, self.journal, self._connections)
        self.file_pages = FilePages(self.space, self._answering)
        self._server = LoopbackServer(self._asgi(), self._connections, port)
        self.space.url = f"http://127.0.0.1:{self._server.port}"
        self.people: list[Person] = []
        self._background: asyncio.Task[None] | None = None

    @property
    def api_url(self) -> str:
        """The value of `SLACK_API_URL`."""
        return f"{self.space.url}/api/"

    async def __aenter__(self) -> SlackStandIn:
        await self._server.start()
        self._background = asyncio.create_task(self.deliveries.run(), name="slack-stand-in deliveries")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._background is not None:
            self._background.cancel()
        await self.deliveries.stop()
        if self.http is not None:
            await self.http.close()
        await self._server.stop(self._let_go)

    # Who and where

    def person(
        self,
        name: str,
        *,
        tz: str | None = "Europe/Warsaw",
        locale: str | None = "pl-PL",
        email: str | None = None,
        from_other_company: bool = False,
        guest: bool = False,
    ) -> Person:
        """Somebody new. `from_other_company`: reached over Slack Connect, a stranger to our workspace; a `guest` has an
        account that sees only the channels it was let into."""
        new = self.space.ids.new
        team = new("T") if from_other_company else self.app.team_id
        user = User(new("U"), team, name, tz, locale, email, is_stranger=from_other_company, is_restricted=guest)
        self.space.users[user.id] = user
        self.people.append(Person(self.space, self._interactions, user))
        return self.people[-1]

    def channel(
        self, name: str, *members: Person, private: bool = False, shared: bool = False, with_bot: bool = True
    ) -> Channel:
        """A channel that has been there before; `shared` with another company, `with_bot` invited."""
        inside = [person.id for person in members] + ([self.app.bot_user] if with_bot else [])
        return self.space.add_channel(name, Kind.PRIVATE if private else Kind.CHANNEL, inside, is_ext_shared=shared)

    def invites_bot(self, channel: Channel, by: Person) -> None:
        membership.enter(self.space, channel, self.app.bot_user, by.id)

    def archives(self, channel: Channel, by: Person) -> None:
        membership.archive(self.space, channel, by.id)

    def unarchives(self, channel: Channel, by: Person) -> None:
        membership.unarchive(self.space, channel, by.id)

    def removes_bot(self, channel: Channel, by: Person) -> None:
        """From then on `not_in_channel`, of a private channel `channel_not_found`; `invites_bot` brings it back."""
        membership.put_out_bot(self.space, channel, by.id)

    def renames(self, channel: Channel, name: str, by: Person) -> None:
        membership.rename(self.space, channel, by.id, name)

    def changes_id(self, channel: Channel) -> str:
        """A private channel becomes shared; answers its old id, which is `channel_not_found` from now on."""
        return membership.change_id(self.space, channel)

    def unfurls(self, message: Message) -> None:
        """A `message_changed` that is no edit: the link's preview has been added."""
        posting.change(self.space, message, {"attachments": [{"fallback": "preview", "id": 1}]}, editor=None)

    def other_bot_says(self, channel: Channel, text: str) -> Message:
        """A post by another app."""
        new = self.space.ids.new
        bot = User(new("U"), self.app.team_id, "Other bot", is_bot=True)
        self.space.users[bot.id] = bot
        body: Json = {"bot_id": new("B"), "app_id": new("A"), "user": bot.id, "text": text}
        return posting.post(self.space, channel, body)

    def uninstalls(self) -> None:
        """The workspace throws the app out: its token ends with `account_inactive`."""
        self.space.feed.tell({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.app.bot_user]}})
        self.space.feed.tell({"type": "app_uninstalled"})
        self.app.token_error = "account_inactive"  # noqa: S105 - an error, not a token

    # How events arrive

    async def use_http(self, events_url: str, interactivity_url: str = "", commands_url: str = "") -> bool:
        """Request URLs; the others default to the first. True when the app answered `url_verification`."""
        other = interactivity_url or events_url
        if self.http is not None:
            await self.http.close()
        self.http = HttpTransport(self.app, self._signing_clock, events_url, other, commands_url or other)
        self.deliveries.transport = self.http
        return bool(await self.http.verify())

    def use_sockets(self) -> None:
        """Socket Mode on: nothing arrives over HTTP any more."""
        self.deliveries.transport = self.sockets

    async def tick(self) -> None:
        """Does everything that is due now, and waits until no attempt is running."""
        await self.deliveries.tick()

    def screen(self, channel: Channel, viewer: Person) -> list[Shown]:
        return screen(self.space, channel.id, viewer.id)

    def _asgi(self) -> Starlette:
        api = WebApi(self.space, self._answering, self.pace, self.sockets)
        pages = ResponsePages(self.space, self._answering)
        response_urls = [
            Route(f"/{kind}/{{team}}/{{one}}/{{two}}", pages.respond, methods=["POST"])
            for kind in ("actions", "commands", "app")
        ]
        return Starlette(
            routes=[
                Route("/api/{method}", api.call, methods=VERBS),
                Route("/upload/v1/{file}", self.file_pages.upload, methods=["POST"]),
                Route("/files-pri/{file}/{rest:path}", self.file_pages.download),
                Route("/", self.file_pages.login),
                WebSocketRoute("/link/", self.sockets.accept),
                *response_urls,
            ]
        )

    async def _let_go(self) -> None:
        self._answering.let_go()
        await self.sockets.cut()
