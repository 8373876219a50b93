"""The app as `slack-app-manifest.yaml` declares it: https://docs.slack.dev/reference/app-manifest"""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML

from bot.sandbox.slack.apps import App, Shortcut


def install(app: App, manifest: Path) -> None:
    """As if the app had just been made from it: what it does not ask for, it may not do and does not hear."""
    told = YAML(typ="safe", pure=True).load(manifest)
    app.scopes = set(told["oauth_config"]["scopes"]["bot"])
    app.events = set(told["settings"]["event_subscriptions"]["bot_events"])
    shortcuts = told["features"].get("shortcuts") or []
    app.shortcuts, app.global_shortcuts = (_of_type(type_, shortcuts) for type_ in ("message", "global"))


def _of_type(type_: str, shortcuts: list[dict[str, str]]) -> tuple[Shortcut, ...]:
    return tuple(Shortcut(one["name"], one["callback_id"]) for one in shortcuts if one["type"] == type_)
