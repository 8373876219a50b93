"""A Slack workspace, as the person one has chosen sees it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.sandbox.elements import PressButton, Words, box, scroll_down
from bot.sandbox.page_state import HOME, SlackState
from bot.sandbox.people_bar import COLOURS, PeopleBar, PersonEntry
from bot.sandbox.read_marks import ReadMarks
from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.person import Person
from bot.sandbox.slack_composer import Composer
from bot.sandbox.slack_confirm import ConfirmDialog
from bot.sandbox.slack_controls import Control
from bot.sandbox.slack_deeds import On, SlackDeeds
from bot.sandbox.slack_focus import Focus
from bot.sandbox.slack_hands import Given, Hands
from bot.sandbox.slack_home import SlackHome
from bot.sandbox.slack_log import SlackLog
from bot.sandbox.slack_modal import SlackModal
from bot.sandbox.slack_post_tools import PostTools
from bot.sandbox.slack_sidebar import PlaceEntry, SlackSidebar
from bot.sandbox.slack_thread import SlackThread
from bot.sandbox.slack_view import Post, posts, said_to
from bot.sandbox.world import DemoWorld
from handlers.texts import Texts

FIRST_COLOUR = 3  # so that nobody here looks like the first customers of Telegram


class SlackPane:
    """Draws what has changed since it drew last. `name` is the pane's class on the page; `role(person)` stands
    under a name; `on_person` is called when somebody else was chosen."""

    def __init__(
        self,
        name: str,
        world: DemoWorld,
        marks: ReadMarks,
        state: SlackState,
        texts: Texts,
        deeds: SlackDeeds,
        role: Callable[[Person], str],
        on_person: Callable[[], None],
    ) -> None:
        self._world = world
        self._marks = marks
        self._state = state
        self._texts = texts
        self._deeds = deeds
        self._role = role
        self._on_person = on_person
        self._shown_at: tuple[str, str] = ("", "")
        with box("section", f"pane slack {name}", aria_label=texts(f"demo.pane.{name}")) as self._pane:
            self._people = PeopleBar(texts(f"demo.pane.{name}"), texts, self.choose)
            with box("div", "workspace"):
                with box("div", "workspace-frame") as self._frame:
                    self._sidebar = SlackSidebar(texts("demo.slack.workspace"), texts, deeds.go)
                    with box("div", "workspace-main"):
                        self._draw_head()
                        self._home = SlackHome(texts, deeds, self._hands)
                        self._draw_conversation()
                    self._thread = SlackThread(texts, deeds, state, self._hands, self._colour_of, self._composer.focus)
                focus = Focus(self._pane)
                self._modal = SlackModal(texts, deeds, focus, self._hands)
                self._confirm = ConfirmDialog(focus, self._cover)

    def _draw_head(self) -> None:
        texts = self._texts
        with box("header", "slack-head"):
            with box("div", "slack-title"):
                self._title = Words("h3", "")
                self._about = Words("p", "", "hint")
            with box("div", "slack-tabs") as self._tabs:
                self._home_tab = PressButton(texts("demo.slack.home"), self._deeds.look_home, "slack-tab")
                self._messages_tab = PressButton(texts("demo.slack.messages"), self._look_messages, "slack-tab")

    def _draw_conversation(self) -> None:
        texts, deeds = self._texts, self._deeds
        with box("div", "conversation") as self._conversation:
            with box("div", "scroller", tabindex="0", role="region", aria_label=texts("demo.log")) as self._scroller:
                self._log = SlackLog(texts, deeds, self._hands, self._colour_of, self._tools)
                self._empty = Words("p", "", "hint slack-empty")
            self._composer = Composer(texts, deeds, self._state, lambda: "", lambda: scroll_down(self._scroller))

    def choose(self, person: str) -> None:
        """Somebody else's Slack. Who is not there is not chosen."""
        if any(one.id == person for one in self._deeds.people):
            self._confirm.settle(False)
            self._state.chosen = person
            self._on_person()

    def draw(self) -> None:
        deeds = self._deeds
        place, channel, person = deeds.place, deeds.channel, deeds.person
        if place != HOME:
            self._marks.mark(person.id, channel.id, said_to(self._world.slack.space, channel, person))
        self._people.draw([self._entry(one) for one in deeds.people])
        self._sidebar.draw(*self._places(person, place))
        shown = posts(deeds.look, channel) if place != HOME else []
        self._show_place(place, channel, is_empty=not shown)
        self._home.draw(person.home if place == HOME else None)
        self._log.draw(shown)
        self._composer.draw()
        self._thread.draw()
        self._modal.draw()
        self._cover()

    def _cover(self) -> None:
        """What lies under something else cannot be reached."""
        self._frame.props.set_bool("inert", self._modal.is_open or self._confirm.is_open)
        self._modal.element.props.set_bool("inert", self._confirm.is_open)

    def _hands(self, on: On) -> Hands:
        """For what stands in a message or view: asks first where the app wants that."""
        deeds = self._deeds

        async def use(one: Control, given: Given) -> None:
            if one.confirm is None or await self._confirm.ask(one.confirm):
                await deeds.press(on, one, given)

        return Hands(self._texts, use, partial(deeds.fill, on), partial(deeds.look_up, on))

    def _tools(self) -> PostTools:
        return PostTools(self._texts, self._deeds, "", self._edit)

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

    def _colour_of(self, name: str) -> int:
        names = [person.user.name for person in self._world.slack_people]
        return (FIRST_COLOUR + names.index(name)) % COLOURS if name in names else 0

    def _places(self, person: Person, place: str) -> tuple[list[PlaceEntry], list[PlaceEntry]]:
        channels = [self._place(one, one.name, _icon(one), person, place) for one in self._world.places_of(person)]
        app = self._place(person.dm, self._deeds.app_name, "support_agent", person, place)
        return channels, [app]

    def _place(self, channel: Channel, name: str, icon: str, person: Person, place: str) -> PlaceEntry:
        unread = self._marks.unread(person.id, channel.id, said_to(self._world.slack.space, channel, person))
        is_here = channel.id == place or (place == HOME and channel.kind is Kind.DM)
        return PlaceEntry(channel.id, name, icon, unread, is_here)

    def _show_place(self, place: str, channel: Channel, *, is_empty: bool) -> None:
        texts, is_dm = self._texts, channel.kind is Kind.DM
        name = self._deeds.app_name if is_dm else f"#{channel.name}"
        self._title.text = name
        self._about.text = texts("demo.slack.shared") if channel.is_ext_shared else ""
        self._tabs.set_visibility(is_dm)
        for tab, is_open in ((self._home_tab, place == HOME), (self._messages_tab, place != HOME)):
            tab.props["aria-pressed"] = "true" if is_open else "false"
        self._home.element.set_visibility(place == HOME)
        self._conversation.set_visibility(place != HOME)
        is_desk = channel.id == self._world.desk_channel.id
        empty = "demo.slack.empty_desk" if is_desk else "demo.slack.empty_dm" if is_dm else "demo.slack.empty_channel"
        self._empty.text = texts(empty, name=name)
        self._empty.set_visibility(is_empty)
        here = (self._state.chosen, channel.id)
        if self._shown_at != here:
            self._shown_at = here
            self._log.clear()
            self._composer.turn_to(texts("demo.slack.message_to", name=name), with_mention=not is_dm)

    def _edit(self, post: Post, _thread: str) -> None:
        self._composer.edit(post.ts, post.written)

    async def _look_messages(self) -> None:
        await self._deeds.go(self._deeds.person.dm.id)


def _icon(channel: Channel) -> str:
    if channel.is_ext_shared:
        return "share"
    return "lock" if channel.kind is Kind.PRIVATE else "tag"
