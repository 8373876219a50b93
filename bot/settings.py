"""Typed settings from the environment and `.env`, checked at start."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.database import normalise_url

ROOT = Path(__file__).resolve().parent.parent


def _database_url(value: str) -> str:
    try:
        normalise_url(value)
    except Exception as error:  # SQLAlchemy's and ours: all of them say what is wrong with the URL
        raise ValueError(str(error)) from error
    return value


def _address(value: str) -> str:
    """An address that secrets may be sent to: https, or plain http on this machine."""
    parts = urlsplit(value)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise ValueError("not an address (https://…)")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must be https; plain http is only for this machine (127.0.0.1)")
    return value


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("not a time zone (for example Europe/Warsaw)") from error
    return value


def _nothing(value: object) -> object:
    """`SLACK_APP_TOKEN=` in an environment means that there is none."""
    return None if value == "" else value


Given = BeforeValidator(_nothing)
Secret = Annotated[SecretStr | None, Given]
Address = Annotated[str, AfterValidator(_address)]


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and says what is expected."""


class Settings(BaseSettings):
    """Everything that differs from one installation to the next. Names in the environment are these in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", hide_input_in_errors=True
    )

    database_url: Annotated[str, AfterValidator(_database_url)] = "sqlite:///var/supportbot.db"
    content_dir: Path = ROOT / "nlu_data"

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)

    nlu_url: str | None = None
    nlu_token: SecretStr | None = None
    models_dir: Path = ROOT / "nlu_data" / "models"
    replayed_messages: int = Field(default=200, ge=0, le=5000)
    training_niceness: int = Field(default=10, ge=0, le=19)

    orders_url: str | None = None
    orders_token: SecretStr | None = None
    orders_file: Path | None = None

    slack_api_url: Address = "https://slack.com/api/"
    slack_bot_token: Secret = None
    slack_app_token: Secret = None
    slack_signing_secret: Secret = None
    slack_desk_channel: Annotated[str | None, Given] = None
    slack_messages_per_second: float = Field(default=5.0, gt=0)

    telegram_api_url: Address = "https://api.telegram.org"
    telegram_bot_token: Secret = None
    telegram_webhook_secret: Secret = None
    telegram_messages_per_second: float = Field(default=25.0, gt=0)

    console_secret: Secret = None

    public_url: Annotated[Address | None, Given] = None
    timezone: Annotated[str | None, Given, AfterValidator(lambda value: value and _zone(value))] = None

    default_language: Literal["pl", "en"] = "pl"
    register_: Literal["ty", "pan"] = Field(default="ty", alias="REGISTER")
    burst_quiet_seconds: float = Field(default=1.2, ge=0, le=30)
    burst_most_seconds: float = Field(default=5.0, ge=0, le=60)
    messages_per_minute: int = Field(default=20, ge=1)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @model_validator(mode="after")
    def _go_together(self) -> Settings:
        """What a channel needs to be safe, said at start instead of found out by a customer."""
        if self.slack_bot_token and not (self.slack_app_token or self.slack_signing_secret):
            raise ValueError(
                "SLACK_BOT_TOKEN needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (Slack calls PUBLIC_URL)"
            )
        if (self.slack_app_token or self.slack_signing_secret) and not self.slack_bot_token:
            raise ValueError("SLACK_BOT_TOKEN is missing: without it Slack's messages could not be answered")
        if self.telegram_bot_token and self.public_url and not self.telegram_webhook_secret:
            raise ValueError(
                "TELEGRAM_WEBHOOK_SECRET is missing: with PUBLIC_URL Telegram calls us, and must prove who it is"
                " (1-256 letters, digits, _ and -; for example from: openssl rand -hex 32)"
            )
        if self.console_secret is not None and len(self.console_secret.get_secret_value()) < 32:
            raise ValueError("CONSOLE_SECRET: at least 32 characters (for example from: openssl rand -hex 32)")
        secret = self.telegram_webhook_secret.get_secret_value() if self.telegram_webhook_secret else None
        if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise ValueError("TELEGRAM_WEBHOOK_SECRET: 1-256 letters, digits, _ and -")
        return self


def load_settings(**overrides: object) -> Settings:
    """The settings of this environment. Raises `SettingsError` listing all that is wrong."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type] # pydantic checks them
    except ValidationError as error:
        problems = [_problem(".".join(map(str, e["loc"])), e["msg"]) for e in error.errors(include_input=False)]
        raise SettingsError("\n".join(problems)) from error


def _problem(where: str, what: str) -> str:
    return f"{where.upper()}: {what}" if where else what.removeprefix("Value error, ")
