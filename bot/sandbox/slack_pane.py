"""Middle: the Slack workspace, as the person one has chosen sees it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.sandbox.compose_note import ComposeNote
from bot.sandbox.elements import IconButton, MenuButton, MessageBox, PressButton, Words, box, scroll_down
from bot.sandbox.page_state import HOME, Aim, SlackState
from bot.sandbox.people_bar import PeopleBar, PersonEntry
from bot.sandbox.read_marks import ReadMarks
from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.person import Person
from bot.sandbox.slack_deeds import SlackDeeds
from bot.sandbox.slack_home import SlackHome
from bot.sandbox.slack_log import SlackLog
from bot.sandbox.slack_sidebar import PlaceEntry, SlackSidebar
from bot.sandbox.slack_view import Post, names_in, posts, said_to
from bot.sandbox.world import DemoWorld
from handlers.texts import Texts

FIRST_COLOUR = 3  # so that nobody here looks like the first customers of Telegram


class SlackPane:
    """Draws what has changed since it drew last; `on_person` is told who was chosen."""

    def __init__(
        self,
        world: DemoWorld,
        marks: ReadMarks,
        state: SlackState,
        texts: Texts,
        deeds: SlackDeeds,
        on_person: Callable[[Person], None],
    ) -> None:
        self._world = world
        self._marks = marks
        self._state = state
        self._texts = texts
        self._deeds = deeds
        self._on_person = on_person
        self._shown_at: tuple[str, str] = ("", "")
        app = world.slack.app
        with box("section", "pane slack", aria_label="Slack"):
            self._people = PeopleBar("Slack", texts, self.choose)
            with box("div", "workspace-frame"):
                self._sidebar = SlackSidebar(texts("demo.slack.workspace"), texts, deeds.go)
                with box("div", "workspace-main"):
                    self._draw_head()
                    self._home = SlackHome(texts, partial(deeds.press, deeds.home), names_in(world.slack.space))
                    self._draw_conversation(app.name)

    def _draw_head(self) -> None:
        texts = self._texts
        with box("header", "slack-head"):
            with box("div", "slack-title"):
                self._title = Words("h3", "")
                self._about = Words("p", "", "hint")
            with box("div", "slack-tabs") as self._tabs:
                self._home_tab = PressButton(texts("demo.slack.home"), self._deeds.look_home, "slack-tab")
                self._messages_tab = PressButton(texts("demo.slack.messages"), self._look_messages, "slack-tab")

    def _draw_conversation(self, app_name: str) -> None:
        texts = self._texts
        with box("div", "conversation") as self._conversation:
            with box("div", "scroller", tabindex="0", role="region", aria_label=texts("demo.log")) as self._scroller:
                self._log = SlackLog(texts, self._deeds, self._aim, self._colour_of)
                self._empty = Words("p", "", "hint slack-empty")
            with box("footer", "slack-foot"):
                self._note = ComposeNote(texts, self._stop_aiming)
                self._box = MessageBox(
                    texts("demo.message"), texts, "", self._keep_draft, self._write,
                    partial(self._draw_before_words, app_name),
                )  # fmt: skip

    def _draw_before_words(self, app_name: str) -> None:
        texts = self._texts
        MenuButton(
            "attach_file",
            texts("demo.attach"),
            [
                ("image", texts("demo.send.photo"), partial(self._deeds.upload, "photo")),
                ("description", texts("demo.send.document"), partial(self._deeds.upload, "document")),
            ],
        )
        self._mention = IconButton("alternate_email", texts("demo.slack.mention", name=app_name), self._add_mention)

    def choose(self, person: str) -> None:
        """Somebody else's Slack. Who is not there is not chosen."""
        known = next((one for one in self._world.slack_people if one.id == person), None)
        if known is not None:
            self._state.chosen = person
            self._on_person(known)

    async def show(self, place: str) -> None:
        """The conversation with this id, as somebody who is in it, a customer if there is one."""
        channel = self._world.slack.space.channels.get(place)
        inside = [one for one in self._world.slack_people if channel is not None and one.id in channel.members]
        if inside:
            self.choose(inside[0].id)
            await self._deeds.go(place)

    def draw(self) -> None:
        place, channel, person = self._deeds.place, self._deeds.channel, self._deeds.person
        space, clock = self._world.slack.space, self._world.clock
        if place != HOME:
            self._marks.mark(person.id, channel.id, said_to(space, channel, person))
        self._people.draw([self._entry(one) for one in self._world.slack_people])
        self._sidebar.draw(*self._places(person, place))
        self._show_place(place, channel)
        self._home.draw(person.home if place == HOME else None)
        self._log.draw(posts(space, channel, person, self._texts, clock(), clock.zone) if place != HOME else [])
        self._show_aim()

    def _entry(self, person: Person) -> PersonEntry:
        space = self._world.slack.space
        places = [*self._world.places_of(person), person.dm]
        unread = sum(self._marks.unread(person.id, one.id, said_to(space, one, person)) for one in places)
        return PersonEntry(
            key=person.id,
            name=person.user.name,
            about=self._role(person),
            unread=unread,
            is_chosen=person.id == self._state.chosen,
            colour=self._colour_of(person.user.name),
        )

    def _role(self, person: Person) -> str:
        if person in self._world.agents:
            return self._texts("demo.role.agent")
        return self._texts("demo.role.other_company" if person.user.is_stranger else "demo.role.guest")

    def _colour_of(self, name: str) -> int:
        names = [person.user.name for person in self._world.slack_people]
        return FIRST_COLOUR + names.index(name) if name in names else 0

    def _places(self, person: Person, place: str) -> tuple[list[PlaceEntry], list[PlaceEntry]]:
        channels = [self._place(one, one.name, _icon(one), person, place) for one in self._world.places_of(person)]
        app = self._place(person.dm, self._world.slack.app.name, "support_agent", person, place)
        return channels, [app]

    def _place(self, channel: Channel, name: str, icon: str, person: Person, place: str) -> PlaceEntry:
        unread = self._marks.unread(person.id, channel.id, said_to(self._world.slack.space, channel, person))
        is_here = channel.id == place or (place == HOME and channel.kind is Kind.DM)
        return PlaceEntry(channel.id, name, icon, unread, is_here)

    def _show_place(self, place: str, channel: Channel) -> None:
        texts, is_dm = self._texts, channel.kind is Kind.DM
        name = self._world.slack.app.name if is_dm else f"#{channel.name}"
        self._title.text = name
        self._about.text = texts("demo.slack.shared") if channel.is_ext_shared else ""
        self._tabs.set_visibility(is_dm)
        for tab, is_open in ((self._home_tab, place == HOME), (self._messages_tab, place != HOME)):
            tab.props["aria-pressed"] = "true" if is_open else "false"
        self._home.element.set_visibility(place == HOME)
        self._conversation.set_visibility(place != HOME)
        self._mention.set_visibility(not is_dm)
        self._empty.text = texts("demo.slack.empty_dm" if is_dm else "demo.slack.empty_channel", name=name)
        self._empty.set_visibility(not self._world.slack.screen(channel, self._deeds.person))
        if self._shown_at != self._deeds.here:
            self._shown_at = self._deeds.here
            self._log.clear()
            self._box.show(self._state.drafts.get(self._deeds.here, ""))
            self._box.name(texts("demo.slack.message_to", name=name), texts("demo.slack.message_to", name=name))

    def _show_aim(self) -> None:
        aim = self._deeds.aim
        if aim is None:
            self._note.show("")
            return
        try:
            author = names_in(self._world.slack.space)(self._deeds.message(aim[1]).author)
        except LookupError:  # somebody has deleted it
            self._deeds.stop_aiming()
            return
        editing = aim[0] is Aim.EDIT
        self._note.show(self._texts("demo.editing") if editing else self._texts("demo.slack.in_thread", name=author))

    def _aim(self, aim: Aim, post: Post) -> None:
        self._deeds.aim_at(aim, post.ts)
        if aim is Aim.EDIT:
            self._keep_draft(post.written)
            self._box.show(post.written)
        self._show_aim()
        self._box.focus()

    def _stop_aiming(self) -> None:
        aim = self._deeds.aim
        self._deeds.stop_aiming()
        self._note.show("")
        if aim is not None and aim[0] is Aim.EDIT:
            self._keep_draft("")
            self._box.show("")

    def _add_mention(self) -> None:
        draft = self._state.drafts.get(self._deeds.here, "")
        name = f"@{self._world.slack.app.name} "
        if not draft.startswith(name):
            self._keep_draft(name + draft)
            self._box.show(name + draft)
        self._box.focus()

    async def _look_messages(self) -> None:
        await self._deeds.go(self._deeds.person.dm.id)

    async def _write(self, text: str) -> bool:
        done = await self._deeds.write(text)
        if done:
            scroll_down(self._scroller)
        return done

    def _keep_draft(self, text: str) -> None:
        self._state.drafts[self._deeds.here] = text


def _icon(channel: Channel) -> str:
    if channel.is_ext_shared:
        return "share"
    return "lock" if channel.kind is Kind.PRIVATE else "tag"
