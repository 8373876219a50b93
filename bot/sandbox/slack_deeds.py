"""What the chosen person does in Slack."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.deeds import Deed, Deeds
from bot.sandbox.page_state import HOME, Aim, SlackState
from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.screen import Pressable
from bot.sandbox.slack.views import View
from bot.sandbox.slack_view import Reaction, find
from bot.sandbox.world import DemoWorld
from handlers.texts import Texts

COMMAND = "/support"
PDF = b"%PDF-1.4 a receipt %%EOF"
PNG = b"\x89PNG a picture"
LIKE = "+1"


class SlackDeeds:
    """Each is done as the person that is chosen at that moment, where that person is."""

    def __init__(self, world: DemoWorld, state: SlackState, texts: Texts, deeds: Deeds) -> None:
        self._world = world
        self._state = state
        self._texts = texts
        self._deeds = deeds

    @property
    def person(self) -> Person:
        return next(one for one in self._world.slack_people if one.id == self._state.chosen)

    @property
    def place(self) -> str:
        """The id of the channel one looks at, or `HOME`."""
        return self._state.places.get(self._state.chosen, self.person.dm.id)

    @property
    def channel(self) -> Channel:
        """Where one writes: behind the Home tab are the direct messages."""
        place = self.place
        return self.person.dm if place == HOME else self._world.slack.space.channels[place]

    @property
    def here(self) -> tuple[str, str]:
        """By what drafts and aims are kept."""
        return self._state.chosen, self.channel.id

    @property
    def aim(self) -> tuple[Aim, str] | None:
        return self._state.aims.get(self.here)

    async def write(self, text: str) -> bool:
        """A message, a reply in a thread, an edit, or `/support`."""
        person, channel, aim = self.person, self.channel, self.aim
        if aim is not None and aim[0] is Aim.EDIT:
            done = await self._do(lambda: person.edits(self.message(aim[1]), text))
            if done:
                self.stop_aiming()
            return done
        if text.partition(" ")[0] == COMMAND:
            said = text.removeprefix(COMMAND).strip()
            return await self._do(lambda: person.commands(COMMAND, said, channel), "demo.error.no_commands")
        thread = self._thread(aim)
        words, is_mention = self._without_mention(text, channel)
        return await self._do(lambda: person.says(words, channel, thread=thread, mention=is_mention))

    async def press(self, on: Callable[[], Message | View], one: Pressable, given: str | None = None) -> None:
        """A button, or a choice with the option's value. The page goes on while the app thinks."""
        value = given if given is not None else one.value or None
        await self._do(lambda: self.person.presses(on(), one.action_id, value))

    async def react(self, ts: str, reaction: Reaction | None = None) -> None:
        """One's own is taken back; without a `reaction` it is a thumb up."""
        name = reaction.name if reaction else LIKE
        message, person = self.message(ts), self.person
        has_it = person.id in message.reactions.get(name, [])
        await self._do(lambda: (person.unreacts if has_it else person.reacts)(message, name))

    async def remove(self, ts: str) -> None:
        await self._do(lambda: self.person.deletes(self.message(ts)))
        if self.aim is not None and self.aim[1] == ts:
            self.stop_aiming()

    async def upload(self, kind: str) -> None:
        """A sample of a `photo` or a `document`."""
        texts, channel, thread = self._texts, self.channel, self._thread(self.aim)
        name, content, mime = {
            "photo": (texts("demo.sample.photo"), PNG, "image/png"),
            "document": (texts("demo.sample.document"), PDF, "application/pdf"),
        }[kind]
        await self._do(lambda: self.person.uploads(name, content, mime, channel=channel, thread=thread))

    async def look_home(self) -> None:
        """Opens the Home tab, of which the app is told each time."""
        self._state.places[self._state.chosen] = HOME
        await self._do(self.person.opens_home)

    async def go(self, place: str) -> None:
        """To a channel by its id. To the direct messages: of that the app is told, too."""
        person = self.person
        self._state.places[self._state.chosen] = place
        await self._do(lambda: person.opens_home("messages") if place == person.dm.id else None)

    def aim_at(self, aim: Aim, ts: str) -> None:
        self._state.aims[self.here] = aim, ts

    def stop_aiming(self) -> None:
        self._state.aims.pop(self.here, None)

    def message(self, ts: str) -> Message:
        """What this person sees under that number here. Raises LookupError."""
        return find(self._world.slack.space, self.channel, self.person, ts)

    def home(self) -> View:
        """Raises LookupError where the app has published none."""
        view = self.person.home
        if view is None:
            raise LookupError(HOME)
        return view

    def _thread(self, aim: tuple[Aim, str] | None) -> Message | None:
        return self.message(aim[1]) if aim is not None and aim[0] is Aim.THREAD else None

    def _without_mention(self, text: str, channel: Channel) -> tuple[str, bool]:
        """In direct messages nobody is called by name."""
        name = f"@{self._world.slack.app.name}"
        if channel.kind is Kind.DM or not text.startswith(name):
            return text, False
        return text.removeprefix(name).lstrip(), True

    async def _do(self, deed: Deed, refusal: str = "demo.error.cannot") -> bool:
        return await self._deeds.do(deed, refusal)
