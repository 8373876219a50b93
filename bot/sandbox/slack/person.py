"""A person at Slack, as tests and the demo page play one: writes, edits, presses, opens, leaves."""

from __future__ import annotations

from html import escape

from bot.sandbox.slack import membership, posting
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.fields import CannotDo
from bot.sandbox.slack.files import File
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.people import User
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Workspace


class Person:
    """What is not told a channel happens in the direct messages with the bot."""

    def __init__(self, space: Workspace, interactions: Interactions, user: User) -> None:
        self._space, self._interactions, self.user = space, interactions, user

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def dm(self) -> Channel:
        return self._space.dm_with(self.id)

    @property
    def modal(self) -> View:
        """The modal on top. Raises CannotDo when none is open."""
        stack = self._space.views.stack(self.id)
        if not stack:
            raise CannotDo("no modal is open")
        return stack[-1]

    @property
    def home(self) -> View | None:
        return self._space.views.home(self.id)

    def says(
        self,
        text: str | None,
        channel: Channel | None = None,
        *,
        thread: Message | None = None,
        mention: bool = False,
        markup: bool = False,
        broadcast: bool = False,
        me: bool = False,
    ) -> Message:
        """Types a message. `mention` puts the bot's name before it; `markup` takes `<@U…>`, `<url|label>` as they
        stand; `broadcast` also sends a reply to the channel; a text of None comes as JSON `null`."""
        where = channel or self.dm
        written = text if markup or text is None else escape(text, quote=False)
        if mention:
            written = f"<@{self._space.app.bot_user}> {written}"
        body = self._body(written, text or "")
        if thread is not None and thread.thread_ts is None:
            thread.thread_ts = thread.ts
        subtype = "thread_broadcast" if broadcast else "me_message" if me else None
        parent = thread.thread_ts if thread else None
        return posting.post(self._space, where, body, thread_ts=parent, subtype=subtype)

    def edits(self, message: Message, text: str) -> None:
        written = escape(text, quote=False)
        posting.change(self._space, message, self._contents(written, text), editor=self.id)

    def deletes(self, message: Message) -> None:
        posting.remove(self._space, message)

    def reacts(self, message: Message, name: str) -> None:
        posting.react(self._space, message, self.id, name, added=True)

    def unreacts(self, message: Message, name: str) -> None:
        posting.react(self._space, message, self.id, name, added=False)

    def uploads(
        self,
        name: str,
        content: bytes,
        mimetype: str = "application/octet-stream",
        *,
        text: str = "",
        channel: Channel | None = None,
        thread: Message | None = None,
        size: int | None = None,
        external_url: str | None = None,
    ) -> Message:
        """Shares a file. `size` tells another one than it has; with `external_url` it lies at a third party; in
        shared channels a stranger's file is only hinted at."""
        space, where = self._space, channel or self.dm
        file = File(space.files.new_id(), name, mimetype, size or len(content), self.id, self.user.team_id, 0)
        file.created, file.content, file.is_complete = space.now_seconds, content, True
        file.external_url, file.is_checked_first = external_url, where.is_ext_shared
        space.files.add(file)
        body = self._body(escape(text, quote=False), text)
        body |= {"files": [file.in_event(space.url)], "upload": True, "display_as_bot": False}
        if not text:
            del body["blocks"]
        if thread is not None and thread.thread_ts is None:
            thread.thread_ts = thread.ts
        parent = thread.thread_ts if thread else None
        message = posting.post(space, where, body, thread_ts=parent, subtype="file_share")
        file.shares[where.id] = [message.ts]
        event: Json = {"type": "file_shared", "file_id": file.id, "user_id": self.id, "file": {"id": file.id}}
        space.feed.tell(event | {"channel_id": where.id}, where)
        return message

    def opens_home(self, tab: str = "home") -> None:
        """`tab` is `home` or `messages`."""
        event: Json = {"type": "app_home_opened", "user": self.id, "channel": self.dm.id, "tab": tab}
        if tab == "home" and self.home is not None:
            event["view"] = self.home.wire()
        self._space.feed.tell(event)

    def joins(self, channel: Channel) -> None:
        membership.enter(self._space, channel, self.id)

    def leaves(self, channel: Channel) -> None:
        membership.leave(self._space, channel, self.id)

    def changes(self, **fields: object) -> None:
        """A new time zone, name or address in their profile: `user_change`."""
        for name, value in fields.items():
            setattr(self.user, name, value)
        info = self.user.info(
            self._space.clock(), with_locale=True, with_email=False, home_team=self._space.app.team_id
        )
        self._space.feed.tell({"type": "user_change", "user": info, "cache_ts": self._space.now_seconds})

    def starts_assistant(self) -> Message:
        """Opens an assistant thread: the event names the `D…` channel and the thread to answer in."""
        body = {"user": self._space.app.bot_user, "text": "New Assistant Thread"}
        message = posting.post(self._space, self.dm, body, subtype="assistant_app_thread")
        thread: Json = {"user_id": self.id, "channel_id": self.dm.id, "thread_ts": message.ts, "context": {}}
        self._space.feed.tell({"type": "assistant_thread_started", "assistant_thread": thread})
        return message

    async def presses(self, on: Message | View, action_id: str, given: object = None, block_id: str = "") -> Outcome:
        """A button (`given`: the value of one among several alike), or a choice (`given`: the option's value)."""
        return await self._interactions.press(self.user, on, action_id, given, block_id)

    def fills(self, on: Message | View, action_id: str, given: object, block_id: str = "") -> None:
        """A field, without anything being sent."""
        self._interactions.fill(self.user, on, action_id, given, block_id)

    async def looks_up(self, on: Message | View, action_id: str, typed: str = "", block_id: str = "") -> list[Json]:
        """The options the app offers in an `external_select`; one of them is what is then chosen."""
        return await self._interactions.suggest(self.user, on, action_id, typed, block_id)

    async def submits(self, **typed: object) -> Outcome:
        """The modal on top, with what is filled in by `action_id`; the rest stays as it is."""
        return await self._interactions.submit(self.user, self.modal, typed)

    async def closes(self, *, whole_stack: bool = False) -> Outcome | None:
        return await self._interactions.close(self.user, whole_stack=whole_stack)

    async def uses_shortcut(self, callback_id: str, on: Message | None = None) -> Outcome:
        """A message shortcut with `on`, else a global one."""
        if on is not None:
            return await self._interactions.message_shortcut(self.user, on, callback_id)
        return await self._interactions.global_shortcut(self.user, callback_id)

    async def commands(self, command: str, text: str = "", channel: Channel | None = None) -> Outcome:
        return await self._interactions.command(self.user, channel or self.dm, command, text)

    def _body(self, written: str | None, typed: str) -> Json:
        home, number = self._space.app.team_id, self._space.ids.new("")
        body: Json = {"user": self.id, "client_msg_id": f"00000000-0000-4000-8000-{number:0>12}", "team": home}
        if self.user.team_id != home:
            body |= {"user_team": self.user.team_id, "source_team": self.user.team_id, "team": self.user.team_id}
        return body | self._contents(written, typed)

    def _contents(self, written: str | None, typed: str) -> Json:
        words = {"type": "rich_text_section", "elements": [{"type": "text", "text": typed}]}
        block = {"type": "rich_text", "block_id": self._space.ids.new("b"), "elements": [words]}
        return {"text": written, "blocks": [block]}
