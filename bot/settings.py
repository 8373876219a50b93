"""Typed settings from the environment and `.env`, checked at start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.database import normalise_url

ROOT = Path(__file__).resolve().parent.parent


def _database_url(value: str) -> str:
    try:
        normalise_url(value)
    except Exception as error:  # SQLAlchemy's and ours: all of them say what is wrong with the URL
        raise ValueError(str(error)) from error
    return value


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and says what is expected."""


class Settings(BaseSettings):
    """Everything that differs from one installation to the next. Names in the environment are these in capitals."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore")

    database_url: Annotated[str, AfterValidator(_database_url)] = "sqlite:///var/supportbot.db"
    content_dir: Path = ROOT / "nlu_data"

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)

    nlu_url: str | None = None
    nlu_token: SecretStr | None = None

    orders_url: str | None = None
    orders_token: SecretStr | None = None
    orders_file: Path | None = None

    slack_api_url: str = "https://slack.com/api/"
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_desk_channel: str | None = None
    slack_messages_per_second: float = Field(default=5.0, gt=0)

    telegram_api_url: str = "https://api.telegram.org"
    telegram_bot_token: SecretStr | None = None
    telegram_webhook_secret: SecretStr | None = None
    telegram_messages_per_second: float = Field(default=25.0, gt=0)

    public_url: str | None = None
    timezone: str | None = None

    default_language: Literal["pl", "en"] = "pl"
    register_: Literal["ty", "pan"] = Field(default="ty", alias="REGISTER")
    burst_quiet_seconds: float = Field(default=1.2, ge=0, le=30)
    burst_most_seconds: float = Field(default=5.0, ge=0, le=60)
    messages_per_minute: int = Field(default=20, ge=1)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"


def load_settings(**overrides: object) -> Settings:
    """The settings of this environment. Raises `SettingsError` listing all that is wrong."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type] # pydantic checks them
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise SettingsError("\n".join(problems)) from error
