"""Left: Telegram, as the customer one has chosen sees it."""

from __future__ import annotations

from functools import partial

from bot.sandbox.compose_note import ComposeNote
from bot.sandbox.elements import IconButton, MenuButton, MessageBox, PressButton, Words, box, scroll_down
from bot.sandbox.new_customer import NewCustomerDialog
from bot.sandbox.page_state import PhoneState
from bot.sandbox.people_bar import PeopleBar, PersonEntry
from bot.sandbox.read_marks import ReadMarks
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram_deeds import PhoneDeeds
from bot.sandbox.telegram_log import PhoneLog
from bot.sandbox.telegram_view import PhoneView, commands_for, phone_view, said_to
from bot.sandbox.toast import Toast
from bot.sandbox.world import DemoWorld
from handlers.texts import Catalogue, Texts

EXAMPLES = ("order", "return", "hours", "person")
SAMPLES = {
    "photo": "image",
    "album": "photo_library",
    "document": "description",
    "voice": "mic",
    "sticker": "emoji_emotions",
    "location": "location_on",
    "contact": "person",
}


class TelegramPane:
    """Draws what has changed since it drew last; `catalogue` gives examples in a customer's own language."""

    def __init__(
        self,
        world: DemoWorld,
        marks: ReadMarks,
        state: PhoneState,
        texts: Texts,
        catalogue: Catalogue,
        deeds: PhoneDeeds,
    ) -> None:
        self._world = world
        self._marks = marks
        self._state = state
        self._texts = texts
        self._catalogue = catalogue
        self._deeds = deeds
        self._commands: list[tuple[str, str]] | None = None
        self._keys_shown: tuple[tuple[str, ...], ...] = ()
        with box("section", "pane telegram", aria_label="Telegram"):
            dialog = NewCustomerDialog(texts, self._add_customer)
            self._people = PeopleBar(
                "Telegram",
                texts,
                lambda key: self.choose(int(key)),
                lambda: IconButton("person_add", texts("demo.new_customer"), dialog.ask),
            )
            with box("div", "phone"):
                self._draw_head()
                self._draw_chat()
                self._draw_foot()
        self.choose(state.chosen)

    def _draw_head(self) -> None:
        texts = self._texts
        with box("header", "phone-head"):
            Words("span", "S", "avatar bot-avatar", aria_hidden="true")
            with box("div", "phone-title"):
                Words("h3", self._world.telegram.world.bot.first_name)
                self._status = Words("p", "", "phone-status", role="status")
            self._block = MenuButton(
                "more_vert", texts("demo.more"), [("block", texts("demo.telegram.block"), self._deeds.block)]
            )

    def _draw_chat(self) -> None:
        # The scroller is laid out from its bottom: it stays at the newest message unless one scrolls up.
        texts = self._texts
        with box("div", "phone-chat"):
            with box(
                "div", "scroller wallpaper", tabindex="0", role="region", aria_label=texts("demo.log")
            ) as scroller:
                self._scroller = scroller
                with box("div", "typing", aria_hidden="true") as self._typing:
                    for _ in range(3):
                        box("span", "dot")
                self._log = PhoneLog(texts, self._deeds, self._edit)
                self._empty = box("div", "empty")
            self._toast = Toast()

    def _draw_foot(self) -> None:
        texts = self._texts
        with box("footer", "phone-foot"):
            self._note = ComposeNote(texts, self._stop_editing)
            self._box = MessageBox(
                texts("demo.message"), texts, "", self._keep_draft, self._write, self._draw_before_words
            )
            self._keys = box("div", "reply-keys")
            self._unblock = PressButton(texts("demo.telegram.unblock"), self._deeds.unblock, "button wide")

    def _draw_before_words(self) -> None:
        texts = self._texts
        self._menu = box("span", "menu-place")
        samples = [
            (icon, texts(f"demo.send.{kind}"), partial(self._deeds.send, kind)) for kind, icon in SAMPLES.items()
        ]
        MenuButton("attach_file", texts("demo.attach"), samples)

    def choose(self, customer: int) -> None:
        """Somebody else's phone. Who is not there is not chosen."""
        if customer not in {one.id for one in self._world.customers}:
            return
        self._state.chosen = customer
        self._log.clear()
        self._commands = None
        self._box.show(self._state.drafts.get(customer, ""))
        self._empty.clear()
        with self._empty:
            self._draw_beginning(self._deeds.person)

    def _draw_beginning(self, person: Person) -> None:
        examples = self._catalogue[person.user.language_code]
        Words("p", self._texts("demo.telegram.empty"), "hint")
        with box("div", "chips"):
            for name in EXAMPLES:
                phrase = examples(f"demo.example.{name}")
                PressButton(phrase, partial(self._say, phrase), "chip", lang=person.user.language_code)
        PressButton("START", partial(self._say, "/start"), "button primary wide")

    def draw(self) -> None:
        person, clock = self._deeds.person, self._world.clock
        pressed = self._state.pressed.get(person.id, {})
        view = phone_view(person, pressed, self._texts, clock(), clock.zone)
        self._marks.mark(person.id, "telegram", said_to(person))
        self._people.draw([self._entry(one, index) for index, one in enumerate(self._world.customers)])
        self._log.draw(view.messages)
        self._empty.set_visibility(not view.messages)
        self._typing.set_visibility(view.is_typing)
        self._status.text = self._texts("demo.telegram.typing" if view.is_typing else "demo.telegram.bot")
        self._show_foot(view)
        self._show_commands(commands_for(person))
        for words in self._deeds.notices():
            self._toast.show(words)

    def _entry(self, person: Person, index: int) -> PersonEntry:
        return PersonEntry(
            key=str(person.id),
            name=person.user.first_name,
            about=person.user.language_code.upper(),
            unread=self._marks.unread(person.id, "telegram", said_to(person)),
            is_chosen=person.id == self._state.chosen,
            colour=index,
        )

    def _show_foot(self, view: PhoneView) -> None:
        editing = self._state.editing.get(self._state.chosen)
        message = view.message(editing) if editing is not None else None
        self._note.show(self._texts("demo.editing") if message else "")
        self._box.element.set_visibility(not view.is_blocked)
        self._unblock.set_visibility(view.is_blocked)
        self._block.set_visibility(not view.is_blocked)
        self._show_keys(() if view.is_blocked else view.keys)

    def _show_keys(self, keys: tuple[tuple[str, ...], ...]) -> None:
        if keys == self._keys_shown:
            return
        self._keys_shown = keys
        self._keys.clear()
        with self._keys:
            for row in keys:
                with box("div", "key-row"):
                    for label in row:
                        PressButton(label, partial(self._say, label), "key")

    def _show_commands(self, commands: list[tuple[str, str]]) -> None:
        """The bot's own menu; where it has set none there is no button."""
        if commands == self._commands:
            return
        self._commands = commands
        self._menu.clear()
        if not commands:
            return
        with self._menu:
            deeds = [
                ("chevron_right", f"/{name} · {about}", partial(self._say, f"/{name}")) for name, about in commands
            ]
            MenuButton("menu", self._texts("demo.telegram.commands"), deeds)

    async def _say(self, text: str) -> None:
        if await self._deeds.say(text):
            self._scroll_down()

    async def _write(self, text: str) -> bool:
        done = await self._deeds.write(text)
        if done:
            self._scroll_down()
        return done

    def _scroll_down(self) -> None:
        scroll_down(self._scroller)

    def _edit(self, message_id: int) -> None:
        text = self._deeds.edit(message_id)
        self._keep_draft(text)
        self._box.show(text)
        self._box.focus()

    def _stop_editing(self) -> None:
        self._state.editing.pop(self._state.chosen, None)
        self._keep_draft("")
        self._box.show("")

    def _add_customer(self, name: str, language: str) -> None:
        self.choose(self._world.add_customer(name, language).id)

    def _keep_draft(self, text: str) -> None:
        self._state.drafts[self._state.chosen] = text
