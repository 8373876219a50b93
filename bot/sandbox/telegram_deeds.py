"""What the chosen customer does in Telegram."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from bot.sandbox.deeds import Deeds
from bot.sandbox.page_state import PhoneState
from bot.sandbox.telegram.messages import Message
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram_view import PhoneMessage, is_waiting
from bot.sandbox.world import DemoWorld
from handlers.texts import Texts

PDF = b"%PDF-1.4 a receipt %%EOF"
ON_THE_MAP = (52.2297, 21.0122)
PHONE_NUMBER = "+48 500 100 200"


class PhoneDeeds:
    """Each is done as the customer that is chosen at that moment."""

    def __init__(self, world: DemoWorld, state: PhoneState, texts: Texts, deeds: Deeds) -> None:
        self._world = world
        self._state = state
        self._texts = texts
        self._deeds = deeds

    @property
    def person(self) -> Person:
        return next(one for one in self._world.customers if one.id == self._state.chosen)

    async def say(self, text: str) -> bool:
        return await self._do(lambda: self.person.types(text))

    async def write(self, text: str) -> bool:
        """Says it, or puts it in place of the message that is being edited."""
        person = self.person
        edited = self._state.editing.get(person.id)
        if edited is None:
            return await self.say(text)
        done = await self._do(lambda: person.edits(self._message(edited), text))
        if done:
            del self._state.editing[person.id]
        return done

    async def press(self, message_id: int, data: str) -> None:
        """One press at a time, however often it is clicked until the bot has answered."""
        person = self.person
        pressed = self._state.pressed.setdefault(person.id, {})
        if is_waiting(pressed.get((message_id, data)), self._world.clock()):
            return

        def press() -> None:
            pressed[message_id, data] = person.presses_data(self._message(message_id), data)

        await self._do(press)

    async def react(self, message: PhoneMessage, emoji: str) -> None:
        """Again takes it back."""
        given = () if message.my_reaction == emoji else (emoji,)
        await self._do(lambda: self.person.reacts(message.id, *given))

    async def remove(self, message_id: int) -> None:
        await self._do(lambda: self.person.removes(self._message(message_id)))
        if self._state.editing.get(self.person.id) == message_id:
            del self._state.editing[self.person.id]

    async def send(self, kind: str) -> None:
        """A sample of `photo`, `album`, `document`, `voice`, `sticker`, `location` or `contact`."""
        person, texts = self.person, self._texts
        samples: dict[str, Callable[[], object]] = {
            "photo": lambda: person.sends_file("photo", "parcel.jpg", caption=texts("demo.sample.caption")),
            "album": lambda: person.sends_album([texts("demo.sample.caption"), "", ""]),
            "document": lambda: person.sends_file("document", texts("demo.sample.document"), PDF),
            "voice": lambda: person.sends_file("voice", "voice.ogg"),
            "sticker": lambda: person.sends_file("sticker", "sticker.webp"),
            "location": lambda: person.shares_location(*ON_THE_MAP),
            "contact": lambda: person.shares_contact(PHONE_NUMBER, person.user.first_name, person.id),
        }
        await self._do(samples[kind])

    async def block(self) -> None:
        await self._do(self.person.blocks)

    async def unblock(self) -> None:
        await self._do(self.person.unblocks)

    async def open_link(self, payload: str) -> None:
        """Follows a link to the bot."""
        await self._do(lambda: self.person.opens(payload))

    def notices(self) -> list[str]:
        """What the bot's answers to presses say, each once."""
        person = self.person
        told = person.notices
        fresh = told[self._state.noticed.get(person.id, 0) :]
        self._state.noticed[person.id] = len(told)
        return fresh

    def edit(self, message_id: int) -> str:
        """Begins to edit; answers the text as it is now, empty when the message is gone."""
        with suppress(LookupError):
            message = self._message(message_id)
            self._state.editing[self.person.id] = message_id
            return message.text
        return ""

    def _message(self, message_id: int) -> Message:
        message = self.person.world.message(self.person.chat, message_id)
        if message is None:
            raise LookupError(message_id)
        return message

    async def _do(self, deed: Callable[[], object]) -> bool:
        return await self._deeds.do(deed)
