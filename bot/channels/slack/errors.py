"""What Slack's refusals mean for a message: never, later, or the whole integration is down.

https://docs.slack.dev/reference/methods/chat.postMessage (errors)
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from handlers.errors import SupportError

DOWN_SECONDS = 60.0
UNNAMED_WAIT_SECONDS = 30.0  # a 429 without a readable Retry-After


class Meaning(StrEnum):
    NEVER = "never"
    UNREACHABLE = "unreachable"
    DOWN = "down"
    LATER = "later"
    UNSURE = "unsure"


MEANINGS: Mapping[str, Meaning] = {
    **dict.fromkeys(
        (
            "as_user_not_supported", "cannot_reply_to_message", "cant_delete_file", "cant_delete_message",
            "cant_update_message", "channel_not_found", "compliance_exports_prevent_deletion", "delete_not_allowed",
            "edit_window_closed", "ekm_access_denied", "file_deleted", "file_deleting_disabled", "file_not_found",
            "invalid_arguments", "invalid_blocks", "invalid_blocks_format", "invalid_channel",
            "invalid_metadata_format", "invalid_metadata_schema", "is_archived", "markdown_text_conflict",
            "message_not_found", "messages_tab_disabled", "metadata_too_large", "metadata_must_be_sent_from_app",
            "missing_scope", "msg_blocks_too_long", "msg_too_long", "no_permission", "no_text", "not_in_channel",
            "restricted_action", "too_many_attachments", "user_not_found", "user_not_in_channel", "users_not_found",
            "view_too_large",
        ),
        Meaning.NEVER,
    ),
    **dict.fromkeys(("cannot_dm_bot", "is_inactive", "user_disabled", "user_not_visible"), Meaning.UNREACHABLE),
    **dict.fromkeys(
        (
            "access_denied", "account_inactive", "app_uninstalled", "enterprise_is_restricted", "invalid_auth",
            "not_allowed_token_type", "not_authed", "org_login_required", "team_access_not_granted", "token_expired",
            "token_revoked",
        ),
        Meaning.DOWN,
    ),
    **dict.fromkeys(
        (
            "rate_limited", "ratelimited", "request_timeout", "service_unavailable", "team_added_to_org",
        ),
        Meaning.LATER,
    ),
    # Slack's own faults: "some aspect of the operation succeeded" is possible.
    **dict.fromkeys(("fatal_error", "internal_error"), Meaning.UNSURE),
}  # fmt: skip

PROBLEMS: Mapping[str, str] = {
    "messages_tab_disabled": "Slack: customers cannot write to the app; turn on App Home → Messages tab",
    "missing_scope": "Slack: a scope is missing; compare with slack-app-manifest.yaml and install the app again",
}


class SlackDown(TemporaryDeliveryError):
    """Nothing gets through until somebody mends the integration: nothing is given up meanwhile."""

    def __init__(self, error: str) -> None:
        super().__init__(f"Slack: {error}", DOWN_SECONDS)
        self.error = error


class Refused(PermanentDeliveryError):
    """Slack said no for good; `error` is its name for why."""

    def __init__(self, error: str, *, blocked: bool = False) -> None:
        super().__init__(f"Slack: {error}", blocked=blocked)
        self.error = error


def meaning_of(error: str) -> Meaning:
    """A name we do not know means that it was not done; it may pass."""
    if error.startswith("restricted_action"):
        return Meaning.NEVER
    return MEANINGS.get(error, Meaning.LATER)


def translated(error: Exception) -> SupportError:
    """An error of the SDK's, or of the network's, as what became of the call."""
    if isinstance(error, SlackApiError):
        return _refusal(error)
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return TemporaryDeliveryError("Slack cannot be reached")  # no connection, so nothing was taken
    if isinstance(error, (aiohttp.ClientError, asyncio.TimeoutError, OSError)):
        return UnknownOutcome(f"Slack's answer was lost: {type(error).__name__}")
    return UnknownOutcome(f"Slack's answer could not be read: {type(error).__name__}")


def problem_with_token(error: str, token: str) -> str:
    """For the operator: which setting is wrong."""
    if error in {"account_inactive", "app_uninstalled", "token_revoked"}:
        return f"Slack: {error}: the app was removed or its token revoked; install it again and set {token} anew"
    return f"Slack: {error}: check {token}"


def _refusal(error: SlackApiError) -> SupportError:
    response = error.response
    status = getattr(response, "status_code", 0)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return TemporaryDeliveryError("Slack: ratelimited", retry_after(getattr(response, "headers", {})))
    data = getattr(response, "data", None)
    name = data.get("error") if isinstance(data, dict) else None
    if status != HTTPStatus.OK or not isinstance(name, str):
        return UnknownOutcome(f"Slack answered {status or 'something'} that is no answer")
    match meaning_of(name):
        case Meaning.NEVER:
            return Refused(name)
        case Meaning.UNREACHABLE:
            return Refused(name, blocked=True)
        case Meaning.DOWN:
            return SlackDown(name)
        case Meaning.UNSURE:
            return UnknownOutcome(f"Slack: {name}")
        case Meaning.LATER:
            is_pace = name in {"rate_limited", "ratelimited"}
            return TemporaryDeliveryError(f"Slack: {name}", UNNAMED_WAIT_SECONDS if is_pace else None)


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds; also a fraction, and also hours: it is written down, not waited for."""
    named = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    try:
        return max(1.0, float(named))
    except ValueError:
        return UNNAMED_WAIT_SECONDS
