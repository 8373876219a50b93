from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An empty directory and none of our settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for name, field in Settings.model_fields.items():
        monkeypatch.delenv(field.alias or name.upper(), raising=False)
    return monkeypatch


def test_a_first_run_needs_no_setting() -> None:
    settings = load_settings()
    assert settings.database_url.startswith("sqlite:")
    assert settings.host == "127.0.0.1"
    assert settings.nlu_url is None
    assert settings.register_ == "ty"
    assert (settings.content_dir / "company.yml").is_file()


@pytest.mark.parametrize(
    ("name", "value", "attribute", "expected"),
    [
        ("REGISTER", "pan", "register_", "pan"),
        ("PORT", "9000", "port", 9000),
        ("DATABASE_URL", "postgres://u:p@h/db?sslmode=require", "database_url", "postgres://u:p@h/db?sslmode=require"),
        ("DEFAULT_LANGUAGE", "en", "default_language", "en"),
        ("ORDERS_FILE", "orders.yml", "orders_file", Path("orders.yml")),
        ("BURST_QUIET_SECONDS", "0", "burst_quiet_seconds", 0.0),
        ("LOG_FORMAT", "json", "log_format", "json"),
        ("SLACK_API_URL", "http://127.0.0.1:8101/api/", "slack_api_url", "http://127.0.0.1:8101/api/"),
        ("TELEGRAM_API_URL", "http://localhost:8102", "telegram_api_url", "http://localhost:8102"),
        ("PUBLIC_URL", "https://bot.example", "public_url", "https://bot.example"),
        ("PUBLIC_URL", "", "public_url", None),
        ("SLACK_APP_TOKEN", "", "slack_app_token", None),
        ("TIMEZONE", "Europe/Berlin", "timezone", "Europe/Berlin"),
    ],
)
def test_a_setting_is_read_from_the_environment(
    environment: pytest.MonkeyPatch, name: str, value: str, attribute: str, expected: object
) -> None:
    environment.setenv(name, value)
    assert getattr(load_settings(), attribute) == expected


def test_the_environment_counts_more_than_the_file_and_a_given_value_most(environment: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=1\nHOST=0.0.0.0\nLOG_LEVEL=ERROR\nSOMETHING_ELSE=x\n")
    environment.setenv("PORT", "2")
    environment.setenv("LOG_LEVEL", "DEBUG")
    settings = load_settings(log_level="WARNING")
    assert (settings.host, settings.port, settings.log_level) == ("0.0.0.0", 2, "WARNING")  # noqa: S104 - a value read


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "valid integer"),
        ("PORT", "70000", "less than or equal to 65535"),
        ("REGISTER", "formal", "'ty' or 'pan'"),
        ("DEFAULT_LANGUAGE", "de", "'pl' or 'en'"),
        ("LOG_LEVEL", "LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("BURST_MOST_SECONDS", "-1", "greater than or equal to 0"),
        ("MESSAGES_PER_MINUTE", "0", "greater than or equal to 1"),
        ("DATABASE_URL", "mysql://u:hunter2@h/db", "only sqlite and postgresql are known, not mysql"),
        ("DATABASE_URL", "hunter2", "Could not parse"),
        ("DATABASE_URL", "", "Could not parse"),
        ("PUBLIC_URL", "http://bot.example", "must be https"),
        ("TELEGRAM_API_URL", "http://10.0.0.1:8102", "must be https"),
        ("SLACK_API_URL", "slack.com/api", "not an address"),
        ("TIMEZONE", "Mars/Olympus", "not a time zone"),
    ],
)
def test_a_wrong_setting_is_named_and_a_password_in_it_is_not_shown(
    environment: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value).startswith(f"{name}: ")
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_all_that_is_wrong_is_told_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PORT", "x")
    environment.setenv("REGISTER", "x")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert {line.split(":")[0] for line in str(refused.value).splitlines()} == {"PORT", "REGISTER"}


def test_tokens_are_not_shown_when_settings_are_printed(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("NLU_TOKEN", "hunter2")
    environment.setenv("ORDERS_TOKEN", "hunter3")
    settings = load_settings()
    assert "hunter" not in repr(settings)
    assert settings.nlu_token is not None
    assert settings.nlu_token.get_secret_value() == "hunter2"


SLACK = {"SLACK_BOT_TOKEN": "xoxb-hunter2"}
TELEGRAM = {"TELEGRAM_BOT_TOKEN": "1:hunter2"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (SLACK, "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET"),
        ({"SLACK_APP_TOKEN": "xapp-hunter2"}, "SLACK_BOT_TOKEN is missing"),
        ({"SLACK_SIGNING_SECRET": "hunter2"}, "SLACK_BOT_TOKEN is missing"),
        ({**TELEGRAM, "PUBLIC_URL": "https://bot.example"}, "TELEGRAM_WEBHOOK_SECRET is missing"),
        ({**TELEGRAM, "TELEGRAM_WEBHOOK_SECRET": "hunter2 with spaces"}, "letters, digits, _ and -"),
    ],
)
def test_half_of_a_channel_is_refused_at_start(
    environment: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    for name, value in given.items():
        environment.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "given",
    [
        {},
        TELEGRAM,
        {**SLACK, "SLACK_APP_TOKEN": "xapp-1"},
        {**SLACK, "SLACK_SIGNING_SECRET": "s"},
        {**TELEGRAM, "PUBLIC_URL": "https://bot.example", "TELEGRAM_WEBHOOK_SECRET": "a-b_1"},
        {
            **TELEGRAM,
            **SLACK,
            "SLACK_SIGNING_SECRET": "s",
            "TELEGRAM_WEBHOOK_SECRET": "x",
            "PUBLIC_URL": "https://b.pl",
        },
    ],
)
def test_either_channel_may_be_absent(environment: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    for name, value in given.items():
        environment.setenv(name, value)
    load_settings()
