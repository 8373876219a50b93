"""What the chosen person does in Slack."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress

from bot.sandbox.deeds import Deed, Deeds
from bot.sandbox.page_state import HOME, SlackState, Spot
from bot.sandbox.read_marks import ReadMarks
from bot.sandbox.sample_files import PDF, picture
from bot.sandbox.slack.apps import Shortcut
from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.fields import CannotDo, missing
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.views import View
from bot.sandbox.slack_controls import Control, given_moment
from bot.sandbox.slack_hands import Given
from bot.sandbox.slack_reader import Reader, reader
from bot.sandbox.slack_view import Look, find
from bot.sandbox.world import DemoWorld
from handlers.texts import Texts

COMMAND = "/support"

On = Callable[[], Message | View]
"""What a control stands in, as it is when it is used: raises LookupError once it is gone."""


class SlackDeeds:
    """Each is done as the person that is chosen at that moment, where that person is."""

    def __init__(
        self,
        world: DemoWorld,
        people: Callable[[], Sequence[Person]],
        marks: ReadMarks,
        state: SlackState,
        texts: Texts,
        deeds: Deeds,
    ) -> None:
        self._world = world
        self._people = people
        self._marks = marks
        self._state = state
        self._texts = texts
        self._deeds = deeds

    # Who and where

    @property
    def people(self) -> Sequence[Person]:
        return self._people()

    @property
    def app_name(self) -> str:
        return self._world.slack.app.name

    @property
    def person(self) -> Person:
        return next(one for one in self._people() if one.id == self._state.chosen)

    @property
    def place(self) -> str:
        """The id of the channel one looks at, or `HOME`."""
        place = self._state.places.get(self._state.chosen, self.person.dm.id)
        return place if place == HOME or self._is_inside(place) else self.person.dm.id

    @property
    def channel(self) -> Channel:
        """Where one writes: behind the Home tab are the direct messages."""
        place = self.place
        return self.person.dm if place == HOME else self._world.slack.space.channels[place]

    @property
    def thread(self) -> str:
        """The `ts` of the thread that is open beside the channel, if any."""
        return self._state.threads.get((self._state.chosen, self.channel.id), "") if self.place != HOME else ""

    @property
    def reader(self) -> Reader:
        return reader(self._world.slack.space, self.person, self._texts, self._world.clock())

    @property
    def look(self) -> Look:
        state = self._state
        dismissed = frozenset(state.dismissed)
        return Look(self._world.slack.space, self.person, self.reader, self._marks, dismissed)

    @property
    def modal(self) -> View | None:
        """What stands over everything else of this person."""
        stack = self.modals
        return stack[-1] if stack else None

    @property
    def modals(self) -> list[View]:
        stack = self._world.slack.space.views.stack(self._state.chosen)
        return [view for view in stack if view.id not in self._state.closed]

    @property
    def shortcuts(self) -> tuple[Shortcut, ...]:
        """On messages; people of other companies have none."""
        return () if self.person.user.is_stranger else self._world.slack.app.shortcuts

    @property
    def global_shortcuts(self) -> tuple[Shortcut, ...]:
        return () if self.person.user.is_stranger else self._world.slack.app.global_shortcuts

    def spot(self, thread: str = "") -> Spot:
        return Spot(self._state.chosen, self.channel.id, thread)

    def message(self, ts: str) -> Message:
        """What this person sees under that number here. Raises LookupError."""
        return find(self._world.slack.space, self.channel, self.person, ts)

    def picture(self, file_id: str) -> str:
        """A shared file as the address of a picture, empty without one."""
        file = self._world.slack.space.files.find(file_id)
        if file is None or file.content is None:
            return ""
        return f"data:{file.mimetype};base64,{b64encode(file.content).decode()}"

    def home(self) -> View:
        """Raises LookupError where the app has published none."""
        view = self.person.home
        if view is None:
            raise LookupError(HOME)
        return view

    def view(self, view_id: str) -> View:
        """A modal that is still open. Raises LookupError."""
        for view in self.modals:
            if view.id == view_id:
                return view
        raise LookupError(view_id)

    # Going

    async def look_home(self) -> None:
        """Opens the Home tab, of which the app is told each time."""
        self._state.places[self._state.chosen] = HOME
        await self._do(self.person.opens_home)

    async def go(self, place: str) -> None:
        """To a channel by its id. To the direct messages: of that the app is told, too."""
        person = self.person
        self._state.places[self._state.chosen] = place
        await self._do(lambda: person.opens_home("messages") if place == person.dm.id else None)

    async def open_thread(self, ts: str) -> None:
        self._state.threads[self._state.chosen, self.channel.id] = self._state.just_opened = ts
        await self._do(lambda: None)

    async def close_thread(self) -> None:
        self._state.threads.pop((self._state.chosen, self.channel.id), None)
        await self._do(lambda: None)

    # Writing

    async def write(self, text: str, thread: str = "") -> bool:
        """A message, a reply in a thread, an edit, or `/support`."""
        person, channel, spot = self.person, self.channel, self.spot(thread)
        edited = self._state.editing.get(spot)
        if edited is not None:
            done = await self._do(lambda: person.edits(self.message(edited), text))
            if done:
                self.stop_editing(thread)
            return done
        if text.partition(" ")[0] == COMMAND:
            return await self._command(text.removeprefix(COMMAND).strip(), thread)
        words, is_mention = self._without_mention(text, channel)
        return await self._do(
            lambda: person.says(words, channel, thread=self._parent(thread), mention=is_mention)
        )  # fmt: skip

    async def upload(self, kind: str, thread: str = "") -> None:
        """A sample of a `photo` or a `document`."""
        texts, channel = self._texts, self.channel
        name, content, mime = {
            "photo": (texts("demo.sample.photo"), picture(), "image/png"),
            "document": (texts("demo.sample.document"), PDF, "application/pdf"),
        }[kind]
        person = self.person
        await self._do(lambda: person.uploads(name, content, mime, channel=channel, thread=self._parent(thread)))

    def edit(self, ts: str, thread: str = "") -> None:
        self._state.editing[self.spot(thread)] = ts

    def stop_editing(self, thread: str = "") -> None:
        self._state.editing.pop(self.spot(thread), None)

    def edited(self, thread: str = "") -> str:
        """The `ts` of the message that is being edited, empty if none is."""
        return self._state.editing.get(self.spot(thread), "")

    # With a message

    async def react(self, ts: str, name: str) -> None:
        """One's own is taken back."""

        def deed() -> None:
            message, person = self.message(ts), self.person
            has_it = person.id in message.reactions.get(name, [])
            (person.unreacts if has_it else person.reacts)(message, name)

        await self._do(deed)

    async def remove(self, ts: str) -> None:
        await self._do(lambda: self.person.deletes(self.message(ts)))
        for spot in [one for one, edited in self._state.editing.items() if edited == ts]:
            del self._state.editing[spot]

    async def dismiss(self, ts: str) -> None:
        self._state.dismissed.add((self.channel.id, ts))
        await self._do(lambda: None)

    async def use_shortcut(self, ts: str, callback_id: str) -> None:
        await self._do(lambda: self.person.uses_shortcut(callback_id, self.message(ts)))

    async def use_global_shortcut(self, callback_id: str) -> None:
        await self._do(lambda: self.person.uses_shortcut(callback_id))

    # With what the app has put there

    async def press(self, on: On, one: Control, given: Given = None) -> None:
        """A button, or a choice. The page goes on while the app thinks."""
        value = self._told(one, given) if given is not None else one.value or None
        await self._do(lambda: self.person.presses(on(), one.action_id, value, one.block_id))

    def fill(self, on: On, one: Control, given: Given) -> None:
        """Kept until all is sent. The field may have been redrawn away while somebody typed in it."""
        with suppress(LookupError, CannotDo):
            self.person.fills(on(), one.action_id, self._told(one, given), one.block_id)

    async def look_up(self, on: On, one: Control, typed: str) -> list[Json]:
        """Nothing for a field that is gone."""
        with suppress(LookupError, CannotDo):
            return await self.person.looks_up(on(), one.action_id, typed, one.block_id)
        return []

    async def submit(self) -> list[str]:
        """The modal on top; answers what has to be filled in before, by `block_id`."""
        view = self.modal
        if view is None:
            return []
        if empty := missing(view.given, view.typed):
            return empty
        await self._do(self.person.submits)
        return []

    async def close(self, *, whole_stack: bool = False) -> None:
        await self._do(lambda: self.person.closes(whole_stack=whole_stack))

    def _told(self, one: Control, given: Given) -> object:
        return given_moment(str(given), self.reader) if one.kind == "datetimepicker" else given

    async def _command(self, said: str, thread: str) -> bool:
        """Slack runs no commands in threads."""
        if thread:
            self._deeds.notice("demo.error.no_commands_in_thread")
            return False
        person, channel = self.person, self.channel
        return await self._do(lambda: person.commands(COMMAND, said, channel), "demo.error.no_commands")

    def _parent(self, thread: str) -> Message | None:
        return self.message(thread) if thread else None

    def _is_inside(self, place: str) -> bool:
        channel = self._world.slack.space.channels.get(place)
        return channel is not None and self._state.chosen in channel.members

    def _without_mention(self, text: str, channel: Channel) -> tuple[str, bool]:
        """In direct messages nobody is called by name."""
        name = f"@{self.app_name}"
        if channel.kind is Kind.DM or not text.startswith(name):
            return text, False
        return text.removeprefix(name).lstrip(), True

    async def _do(self, deed: Deed, refusal: str = "demo.error.cannot") -> bool:
        return await self._deeds.do(deed, refusal)
