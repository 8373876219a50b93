"""Message metadata: where an app leaves what it wants to find again.

https://docs.slack.dev/messaging/message-metadata
"""

from __future__ import annotations

import json

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.refusal import Refused

MOST_BYTES = 8_000


def read_metadata(given: Arguments) -> Json | None:
    """None: not given, keep what there is; empty: clear it. The size limit is our assumption, its error is Slack's."""
    metadata = given.object("metadata", "invalid_metadata_format")
    if not metadata:
        return metadata
    payload = metadata.get("event_payload")
    if not isinstance(metadata.get("event_type"), str) or not isinstance(payload, dict):
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(metadata).encode()) > MOST_BYTES:
        raise Refused("metadata_too_large")
    return metadata
