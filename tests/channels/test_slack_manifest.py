"""The manifest that is pasted into Slack asks for all the code needs, and is one that Slack takes."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.channels.slack.checkup import SCOPES
from bot.channels.slack.events import EVENTS
from bot.channels.slack.gate import EVENTS_PATH

ROOT = Path(__file__).parent.parent.parent
KINDS = ("channels", "groups", "im", "mpim")
SCOPES_OF = {
    "apps_connections_open": set(),  # the app token's connections:write
    "auth_test": set(),
    "chat_delete": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {f"{kind}:history" for kind in KINDS},
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},
    "conversations_replies": {f"{kind}:history" for kind in KINDS},
    "files_completeUploadExternal": {"files:write"},
    "files_delete": {"files:write"},
    "files_getUploadURLExternal": {"files:write"},
    "files_info": {"files:read"},
    "users_info": {"users:read"},
    "users_lookupByEmail": {"users:read.email"},
    "views_publish": set(),
}
SCOPES_OF_EVENT = {
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "message.mpim": {"mpim:history"},
    "reaction_added": {"reactions:read"},
    "reaction_removed": {"reactions:read"},
}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(ROOT / "slack-app-manifest.yaml")
    return loaded


def called_methods() -> set[str]:
    """Every method of the SDK's client that our adapter calls: `….web.<method>(…)`, `web.<method>(…)`."""
    found = set()
    for path in (ROOT / "bot/channels/slack").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr=name, value=ast.Attribute(attr="web") | ast.Name(id="web"))):
                    found.add(name)
    return found - {"add_api_route"}  # FastAPI's, not Slack's


def test_every_method_the_code_calls_has_its_scopes(manifest: dict[str, Any]) -> None:
    called = called_methods()
    assert {"chat_postMessage", "conversations_replies", "auth_test"} <= called
    assert sorted(called - set(SCOPES_OF)) == []
    needed = set().union(*(SCOPES_OF[name] for name in called))
    assert sorted(needed - set(manifest["oauth_config"]["scopes"]["bot"])) == []


def test_every_event_the_code_works_is_subscribed_with_its_scope(manifest: dict[str, Any]) -> None:
    subscribed = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    assert {name.partition(".")[0] for name in subscribed} == EVENTS
    assert {f"message.{kind}" for kind in KINDS} <= subscribed
    needed = set().union(*(SCOPES_OF_EVENT.get(name, set()) for name in subscribed))
    assert sorted(needed - set(manifest["oauth_config"]["scopes"]["bot"])) == []


def test_what_the_checkup_misses_is_what_the_manifest_asks_for(manifest: dict[str, Any]) -> None:
    """Else an app made from our own manifest is told that scopes are missing; or one lacks something unnoticed."""
    granted = set(manifest["oauth_config"]["scopes"]["bot"])
    in_use = set().union(*SCOPES_OF.values(), *SCOPES_OF_EVENT.values())
    assert granted >= SCOPES >= in_use


def test_customers_can_write_to_the_app_and_press_its_buttons(manifest: dict[str, Any]) -> None:
    home = manifest["features"]["app_home"]
    assert home == {
        "home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False
    }  # fmt: skip
    assert manifest["settings"]["interactivity"]["is_enabled"] is True, "also under Socket Mode"


def test_everything_comes_to_the_one_address(manifest: dict[str, Any]) -> None:
    settings, [command] = manifest["settings"], manifest["features"]["slash_commands"]
    urls = {settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"], command["url"]}
    assert len(urls) == 1
    assert urls.pop().endswith(EVENTS_PATH)
    assert command["command"] == "/support"
    assert command["should_escape"] is True


def test_the_manifest_keeps_slacks_limits(manifest: dict[str, Any]) -> None:
    shown, [command] = manifest["display_information"], manifest["features"]["slash_commands"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80
    assert len(command["command"]) <= 32
    assert len(manifest["settings"]["event_subscriptions"]["bot_events"]) <= 100
