"""`views.*`: modals and the Home tab."""

from __future__ import annotations

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.refusal import Refused
from bot.sandbox.slack.view_faults import check_view
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Workspace


def open_view(space: Workspace, given: Arguments) -> Json:
    """https://docs.slack.dev/reference/methods/views.open"""
    view = _view(given, "modal")
    user = space.triggers.use(_trigger(given))
    return _told(space.views.open(user, view))


def push(space: Workspace, given: Arguments) -> Json:
    view = _view(given, "modal")
    user = space.triggers.use(_trigger(given))
    return _told(space.views.push(user, view))


def update(space: Workspace, given: Arguments) -> Json:
    """With `hash`, only what the app saw last is replaced: else `hash_conflict`."""
    known = space.views.find(given.text("view_id"), given.text("external_id"))
    view = _view(given, str(known.given.get("type")))
    if "hash" in given and given.text("hash") != known.hash:
        raise Refused("hash_conflict", view=known.wire())
    return _told(space.views.update(known, view))


def publish(space: Workspace, given: Arguments) -> Json:
    user = space.user(given.needed("user_id", "user_not_found"))
    view = _view(given, "home")
    known = space.views.home(user.id)
    if known and "hash" in given and given.text("hash") != known.hash:
        raise Refused("hash_conflict", view=known.wire())
    return _told(space.views.publish(user.id, view))


def _trigger(given: Arguments) -> str:
    if "trigger_id" not in given and "interactivity_pointer" not in given:
        raise Refused("invalid_arguments")
    return given.text("trigger_id") or given.text("interactivity_pointer")


def _view(given: Arguments, kind: str) -> Json:
    view = given.object("view", "invalid_arguments")
    if view is None:
        raise Refused("invalid_arguments")
    check_view(view, kind=kind)
    return view


def _told(view: View) -> Json:
    return {"view": view.wire()}
