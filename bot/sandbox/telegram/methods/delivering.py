"""Fetching updates and setting the webhook: https://core.telegram.org/bots/api#getting-updates"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.methods.call import Call, Method
from bot.sandbox.telegram.polling import LONGEST_WAIT, WEBHOOK_CAME, WEBHOOK_IS_SET
from bot.sandbox.telegram.refusal import conflict, too_many
from bot.sandbox.telegram.webhook import info, read_webhook

BETWEEN_SETS = timedelta(seconds=1)


async def get_updates(call: Call) -> list[Json]:
    given = call.arguments
    if call.courier.webhook is not None:
        return await call.polling.refuse(conflict(WEBHOOK_IS_SET))
    call.world.updates.allow(_allowed(call))
    limit, seconds = given.integer("limit", 100, 1, 100), given.integer("timeout", 0, 0, LONGEST_WAIT)
    return await call.polling.ask(given.integer("offset"), limit, seconds)


async def set_webhook(call: Call) -> bool:
    """An empty URL deletes. The same again is no change; another more than once a second is too much."""
    if not call.arguments.text("url"):
        return await delete_webhook(call)
    wanted = read_webhook(call.arguments)
    if call.arguments.truth("drop_pending_updates"):
        call.world.updates.drop_all()
    if wanted == call.courier.webhook:
        call.world.updates.allow(_allowed(call))
        call.remark = "Webhook is already set"
        return True
    now = call.world.clock()
    last = call.world.webhook_set_at
    if last is not None and last <= now < last + BETWEEN_SETS:
        raise too_many(1)
    call.world.webhook_set_at = now
    call.world.updates.allow(_allowed(call))
    call.polling.interrupt(conflict(WEBHOOK_CAME))
    call.courier.set(wanted)
    call.remark = "Webhook was set"
    return True


async def delete_webhook(call: Call) -> bool:
    if call.arguments.truth("drop_pending_updates"):
        call.world.updates.drop_all()
    call.remark = "Webhook is already deleted" if call.courier.webhook is None else "Webhook was deleted"
    call.courier.set(None)
    return True


async def get_webhook_info(call: Call) -> Json:
    updates = call.world.updates
    return info(call.courier.webhook, call.courier.trouble, len(updates), updates.allowed)


def _allowed(call: Call) -> Any:
    """What is no JSON is overlooked."""
    try:
        return json.loads(call.arguments.text("allowed_updates") or "null")
    except ValueError:
        return None


METHODS: dict[str, Method] = {
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
}
