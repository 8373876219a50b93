"""The bot's commands and texts: https://core.telegram.org/bots/api#setmycommands"""

from __future__ import annotations

import json
import re
from typing import Any

from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.methods.call import Call, Method
from bot.sandbox.telegram.refusal import bad_request

MOST_COMMANDS = 100
TEXTS = {"name": 64, "description": 512, "short_description": 120}


async def set_my_commands(call: Call) -> bool:
    commands: Any = call.arguments.loaded("commands", "commands")
    if not isinstance(commands, list):
        raise bad_request("can't parse commands list: expected an Array")
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    call.world.commands[_where(call)] = [_checked(command) for command in commands]
    return True


async def get_my_commands(call: Call) -> list[Json]:
    return call.world.commands.get(_where(call), [])


async def delete_my_commands(call: Call) -> bool:
    call.world.commands.pop(_where(call), None)
    return True


def _where(call: Call) -> tuple[str, str]:
    """Scope and language. Each pair has its own list."""
    scope: Any = call.arguments.loaded("scope", "BotCommandScope") or {"type": "default"}
    language = call.arguments.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("LANG_CODE_INVALID")
    return json.dumps(scope, sort_keys=True), language


def _checked(command: Any) -> Json:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(command.get("command", "")).removeprefix("/").lower()
    description = str(command.get("description", "")).strip()
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not description:
        raise bad_request("command description can't be empty")
    if len(description) > 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _writer(what: str) -> Method:
    async def write(call: Call) -> bool:
        text = call.arguments.text(what)
        if len(text) > TEXTS[what]:
            raise bad_request(f"bot {what.replace('_', ' ')} is too long")
        call.world.profile[f"{what}:{call.arguments.text('language_code')}"] = text
        return True

    return write


def _reader(what: str) -> Method:
    """What is not set for a language is told in the default one."""

    async def read(call: Call) -> Json:
        own = call.world.profile.get(f"{what}:{call.arguments.text('language_code')}")
        return {what: own or call.world.profile.get(f"{what}:", "")}

    return read


async def accept(_: Call) -> bool:
    """Taken without further effect."""
    return True


METHODS: dict[str, Method] = {
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    **{f"setmy{what.replace('_', '')}": _writer(what) for what in TEXTS},
    **{f"getmy{what.replace('_', '')}": _reader(what) for what in TEXTS},
    "setchatmenubutton": accept,
    "logout": accept,
    "close": accept,
}
