"""`users.*`, `auth.test`, `team.info`, `bots.info`: who is who."""

from __future__ import annotations

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.people import User
from bot.sandbox.slack.refusal import Refused
from bot.sandbox.slack.workspace import Workspace


def auth_test(space: Workspace, _: Arguments) -> Json:
    app = space.app
    return {
        "url": f"https://{app.team_domain}.slack.com/",
        "team": app.team_name,
        "user": space.users[app.bot_user].handle,
        "team_id": app.team_id,
        "user_id": app.bot_user,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def info(space: Workspace, given: Arguments) -> Json:
    user = space.user(given.needed("user", "user_not_found"))
    return {"user": _told(space, user, with_locale=given.flag("include_locale"))}


def list_all(space: Workspace, given: Arguments) -> Json:
    with_locale = given.flag("include_locale")
    told = [_told(space, user, with_locale=with_locale) for user in space.users.values()]
    return {"members": told, "cache_ts": space.now_seconds, "response_metadata": {"next_cursor": ""}}


def look_up_by_email(space: Workspace, given: Arguments) -> Json:
    email = given.needed("email", "users_not_found")
    for user in space.users.values():
        if user.email == email and not user.deleted:
            return {"user": _told(space, user, with_locale=False)}
    raise Refused("users_not_found")


def team_info(space: Workspace, _: Arguments) -> Json:
    app = space.app
    return {"team": {"id": app.team_id, "name": app.team_name, "domain": app.team_domain}}


def bot_info(space: Workspace, given: Arguments) -> Json:
    app = space.app
    if given.text("bot", app.bot_id) != app.bot_id:
        raise Refused("bot_not_found")
    return {"bot": {**app.profile(), "user_id": app.bot_user, "updated": space.now_seconds}}


def _told(space: Workspace, user: User, *, with_locale: bool) -> Json:
    with_email = "users:read.email" in space.app.scopes
    return user.info(space.clock(), with_locale=with_locale, with_email=with_email, home_team=space.app.team_id)
