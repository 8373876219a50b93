"""The desk's calls to Slack. Raises as `bot.channels.base.Channel.send`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.channels.base import Address, Budget, PermanentDeliveryError, TemporaryDeliveryError
from bot.channels.slack import uploads
from bot.channels.slack.channel import Slack
from bot.channels.slack.errors import Refused
from bot.channels.slack.people import People
from bot.channels.slack.search import EVENT_TYPE, Search
from bot.desk.blocks import Block, cut_mrkdwn
from handlers.attachments import Attachment

TEXT_CHARACTERS = 3_900  # the fallback text; chat.update refuses more than 4,000
NO_MATTER = frozenset({"already_reacted", "no_reaction", "message_not_found", "too_many_reactions"})


class DeskSlack:
    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._client = slack.client
        self._search = Search(slack.client)
        self._sharing = slack.sharing

    @property
    def people(self) -> People:
        return self._slack.people

    def budgets(self, channel: str) -> tuple[Budget, ...]:
        return self._slack.budgets(Address(f"{channel}:thread"))

    async def post(self, channel: str, thread: str | None, text: str, blocks: Sequence[Block], key: str) -> str:
        """The `ts` of what was posted; `key` is how it can be found again. Raises `Refused` where the thread is gone:
        Slack then puts the reply into the channel itself, and it is taken away from there. And where people of another
        company read along, as `update` and `upload` do."""
        await self._sharing.refuse_shared(channel)
        answer = await self._client.call(
            self._client.web.chat_postMessage(
                channel=channel,
                thread_ts=thread,
                text=cut_mrkdwn(text, TEXT_CHARACTERS),
                blocks=list(blocks) or None,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"outbox_id": key}},
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        ts = str(answer.get("ts", ""))
        if thread is not None and (answer.get("message") or {}).get("thread_ts") != thread:
            await self._client.call(self._client.web.chat_delete(channel=channel, ts=ts))
            raise Refused("thread_not_found")
        return ts

    async def update(self, channel: str, ts: str, text: str, blocks: Sequence[Block]) -> None:
        """Doing it twice does no harm."""
        await self._sharing.refuse_shared(channel)
        await self._client.call(
            self._client.web.chat_update(
                channel=channel, ts=ts, text=cut_mrkdwn(text, TEXT_CHARACTERS), blocks=list(blocks) or None
            )
        )

    async def upload(self, channel: str, thread: str, file: Attachment, key: str) -> str:
        await self._sharing.refuse_shared(channel)
        return await uploads.share(self._client, channel, thread, file, await self._slack.content_of(file), key)

    async def find(self, channel: str, thread: str | None, key: str, since: datetime) -> str | None:
        """As `Channel.find`; raises `Refused` where there is no such place to look into any more."""
        try:
            return await self._search.find(channel, thread, key, since)
        except PermanentDeliveryError as error:
            if isinstance(error.__cause__, Refused):
                raise error.__cause__ from error
            raise

    async def mark(self, channel: str, ts: str, before: str | None, after: str | None) -> None:
        """Our reaction on a post, changed from one to another; on a post that is gone there is nothing to mark."""
        web = self._client.web
        for name, change in ((before, web.reactions_remove), (after, web.reactions_add)):
            if name is None or before == after:
                continue
            try:
                await self._client.call(change(channel=channel, timestamp=ts, name=name))
            except Refused as refused:
                if refused.error not in NO_MATTER:
                    raise
            except TemporaryDeliveryError as error:
                if not any(name in str(error) for name in NO_MATTER):
                    raise

    async def whisper(
        self, channel: str, thread: str | None, user: str, text: str, blocks: Sequence[Block] = ()
    ) -> None:
        """Seen by `user` only; not kept, and not promised to arrive."""
        await self._client.call(
            self._client.web.chat_postEphemeral(
                channel=channel, user=user, text=text, thread_ts=thread or None, blocks=list(blocks) or None
            )
        )

    async def tell_privately(self, user: str, text: str) -> None:
        """In the direct conversation with `user`."""
        channel = await self._slack.people.dm_of(user)
        await self._client.call(self._client.web.chat_postMessage(channel=channel, text=text))

    async def open_view(self, trigger_id: str, view: Block) -> tuple[str, str]:
        """The form's id and hash. `trigger_id` is good for 3 seconds and one use."""
        answer = await self._client.call(self._client.web.views_open(trigger_id=trigger_id, view=view))
        return str(answer["view"]["id"]), str(answer["view"].get("hash") or "")

    async def push_view(self, trigger_id: str, view: Block) -> tuple[str, str]:
        answer = await self._client.call(self._client.web.views_push(trigger_id=trigger_id, view=view))
        return str(answer["view"]["id"]), str(answer["view"].get("hash") or "")

    async def update_view(self, view_id: str, view: Block) -> None:
        await self._client.call(self._client.web.views_update(view_id=view_id, view=view))

    async def publish_home(self, user: str, view: Block) -> None:
        await self._client.call(self._client.web.views_publish(user_id=user, view=view))
