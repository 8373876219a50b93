"""Modals, three deep at most, and the Home tab of each user."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

from bot.sandbox.slack.apps import App
from bot.sandbox.slack.block_ids import with_ids
from bot.sandbox.slack.fields import Typed, state_of
from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.refusal import Refused

DEEPEST = 3


@dataclass
class View:
    """`given` is what the app sent; `hash` changes with each update; `typed` is what the user has filled in."""

    id: str
    user: str
    given: Json
    hash: str
    root: str
    previous: str | None
    app: App
    typed: Typed = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def external_id(self) -> str:
        return str(self.given.get("external_id") or "")

    def wire(self) -> Json:
        told: Json = {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "submit": None,
            "close": None,
            **deepcopy(self.given),
            "id": self.id,
            "team_id": self.app.team_id,
            "app_id": self.app.app_id,
            "app_installed_team_id": self.app.team_id,
            "bot_id": self.app.bot_id,
            "hash": self.hash,
            "root_view_id": self.root,
            "previous_view_id": self.previous,
            "state": {"values": deepcopy(state_of(self.given, self.typed))},
        }
        return told


class Views:
    """Expects views that have passed `check_view`."""

    def __init__(self, ids: Identifiers, app: App) -> None:
        self._ids, self._app = ids, app
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        """The open modals of this user, the visible one last."""
        return self._stacks.setdefault(user, [])

    def open_now(self) -> list[View]:
        """All modals, whoever has them."""
        return [view for stack in self._stacks.values() for view in stack]

    def home(self, user: str) -> View | None:
        return self._homes.get(user)

    def open(self, user: str, given: Json) -> View:
        """A modal on an empty stack replaces nothing; whatever was open is put away."""
        self._refuse_taken(given)
        self._stacks[user] = []
        return self._put(user, given)

    def push(self, user: str, given: Json) -> View:
        """Raises Refused `push_limit_reached` above three."""
        if len(self.stack(user)) >= DEEPEST:
            raise Refused("push_limit_reached")
        self._refuse_taken(given)
        return self._put(user, given)

    def update(self, view: View, given: Json) -> View:
        """What was typed into the same `block_id` and `action_id` stays."""
        if given.get("external_id") and given["external_id"] != view.external_id:
            self._refuse_taken(given)
        view.given, view.hash, view.errors = with_ids(given, self._ids), self._ids.new("h."), {}
        kept = _fields(view.given)
        view.typed = {
            block: {action: value for action, value in typed.items() if (block, action) in kept}
            for block, typed in view.typed.items()
            if any((block, action) in kept for action in typed)
        }
        return view

    def find(self, view_id: str, external_id: str) -> View:
        """Raises Refused `not_found`."""
        for view in [*self._homes.values(), *self.open_now()]:
            if view_id == view.id or (external_id and external_id == view.external_id):
                return view
        raise Refused("not_found")

    def publish(self, user: str, given: Json) -> View:
        """The Home tab."""
        known = self._homes.get(user)
        if known is not None:
            return self.update(known, given)
        view = self._new(user, given, None)
        self._homes[user] = view
        return view

    def _put(self, user: str, given: Json) -> View:
        stack = self.stack(user)
        view = self._new(user, given, stack[-1] if stack else None)
        stack.append(view)
        return view

    def _new(self, user: str, given: Json, previous: View | None) -> View:
        new, given = self._ids.new, with_ids(given, self._ids)
        view_id = new("V")
        root = previous.root if previous else view_id
        return View(view_id, user, given, new("h."), root, previous.id if previous else None, self._app)

    def _refuse_taken(self, given: Json) -> None:
        wanted = given.get("external_id")
        taken = {one.external_id for one in self.open_now()}
        if wanted and wanted in taken:
            raise Refused("duplicate_external_id")


def _fields(view: Json) -> set[tuple[str, str]]:
    found = set()
    for block in view.get("blocks") or []:
        elements = [block.get("element"), block.get("accessory"), *(block.get("elements") or [])]
        found |= {(block["block_id"], one["action_id"]) for one in elements if one and "action_id" in one}
    return found
