from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot import log
from bot.log import HIDDEN, redact

separators = st.sampled_from(["", " ", "-", ".", "\u00a0"])
around = st.sampled_from(["", " ", ": ", "(", '"', "=", "nr ", "PESEL", "tel_", "Łódź ", "\n"])


def grouped(draw: st.DrawFn, text: str, size: int) -> str:
    separator = draw(separators)
    return separator.join(text[at : at + size] for at in range(0, len(text), size))


@st.composite
def phones(draw: st.DrawFn) -> str:
    """Polish numbers as people write them: mobile and land line, with and without the country's prefix."""
    number = draw(st.from_regex(r"[2-9][0-9]{8}", fullmatch=True))
    prefix = draw(st.sampled_from(["", "+48 ", "+48", "0048 ", "48 ", "(+48) "]))
    area = f"({number[:2]}) {number[2:5]}-{number[5:7]}-{number[7:]}"
    land = f"{number[:2]} {number[2:5]} {number[5:7]} {number[7:]}"
    return prefix + draw(st.sampled_from([grouped(draw, number, 3), area, land]))


@st.composite
def cards(draw: st.DrawFn) -> str:
    return grouped(draw, draw(st.from_regex(r"[3-6][0-9]{12,18}", fullmatch=True)), 4)


@st.composite
def accounts(draw: st.DrawFn) -> str:
    return "PL" + grouped(draw, draw(st.from_regex(r"[0-9]{26}", fullmatch=True)), 4)


pesels = st.from_regex(r"[0-9]{2}[0-3][0-9][0-3][0-9]{6}", fullmatch=True)
telegram_tokens = st.from_regex(r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", fullmatch=True)
slack_tokens = st.from_regex(r"xox[bpa]-[0-9]{10,13}-[0-9]{10,13}-[A-Za-z0-9]{24}", fullmatch=True)
app_tokens = st.from_regex(r"xapp-1-A[A-Z0-9]{10}-[0-9]{13}-[a-f0-9]{64}", fullmatch=True)


@given(st.one_of(phones(), cards(), accounts(), pesels), around, around)
def test_no_number_of_a_person_survives(number: str, before: str, after: str) -> None:
    shown = redact(f"{before}{number}{after}")
    assert HIDDEN in shown
    assert sum(char.isdigit() for char in shown) == 0


@given(st.emails(), around, around)
def test_no_email_address_survives(email: str, before: str, after: str) -> None:
    shown = redact(f"{before}{email}{after}")
    assert email not in shown
    assert "@" not in shown
    assert email.rsplit("@", 1)[1] not in shown


@given(st.one_of(telegram_tokens, slack_tokens, app_tokens), around)
def test_no_bot_token_survives(token: str, before: str) -> None:
    for text in (f"{before}{token}", f"https://api.telegram.org/bot{token}/getMe", f"token={token}&a=b"):
        shown = redact(text)
        assert token not in shown
        assert token[-20:] not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://bot:s3cret@db.example:5432/bot", f"postgresql://{HIDDEN}@db.example:5432/bot"),
        ("redis://:s3cret@cache/0", f"redis://{HIDDEN}@cache/0"),
        ("Authorization: Bearer abc.def", f"Authorization: {HIDDEN}"),
        ("GET /events?token=abc&x=1", f"GET /events?{HIDDEN}&x=1"),
        ("anna@poczta.moja-firma.com.pl napisała", f"{HIDDEN} napisała"),
        ("<anna.o'neil+x@example.com>", f"<{HIDDEN}>"),
        ("zadzwoń: 600–100–200.", f"zadzwoń: {HIDDEN}."),
    ],
)
def test_secrets_and_personal_data_are_hidden_and_the_rest_is_left(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ticket #1042 for order ZAM-20481",
        "2026-11-23 11:00:00 worker.started",
        "2026-11-23T11:00:00.123456+00:00",
        "127.0.0.1:8080",
        "lane 17, attempt 3 of 4",
        "kwota 129,99 zł",
        "@anna na Slacku",
        "http://localhost:5005/model/parse",
    ],
)
def test_what_operators_need_stays_readable(text: str) -> None:
    assert redact(text) == text


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Path]:
    """The log in a file, as JSON; everything global is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in log.QUIET}
    log.set_up("INFO", "json", tmp_path / "test.log")
    yield tmp_path / "test.log"
    for handler in root.handlers:
        handler.close()
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


SECRET_WORDS = "anna@example.com i 600 100 200"


def test_our_events_keep_their_name_and_ids_and_lose_personal_data(lines: Path) -> None:
    ours = structlog.get_logger("ours")
    ours.warning("nlu.output", correlation_id="600100200600", lane=600_100_200, line=SECRET_WORDS)
    entry = json.loads(lines.read_text())
    assert entry["event"] == "nlu.output"
    assert entry["correlation_id"] == "600100200600"
    assert entry["lane"] == 600_100_200
    assert entry["line"] == f"{HIDDEN} i {HIDDEN}"
    assert entry["level"] == "warning"
    assert entry["logger"] == "ours"


@pytest.mark.parametrize(
    "value",
    [
        ValueError(SECRET_WORDS),
        [SECRET_WORDS],
        (SECRET_WORDS,),
        {SECRET_WORDS},
        {"a": {"b": SECRET_WORDS}},
        Path(SECRET_WORDS),
    ],
)
def test_personal_data_inside_a_value_is_hidden_too(lines: Path, value: object) -> None:
    structlog.get_logger("ours").error("outbox.fault", value=value)
    written = lines.read_text()
    assert "example" not in written
    assert "100 200" not in written
    assert HIDDEN in written


def test_an_exceptions_text_is_hidden_and_its_traceback_kept(lines: Path) -> None:
    try:
        raise ValueError(SECRET_WORDS)
    except ValueError:
        structlog.get_logger("ours").exception("inbox.fault")
        logging.getLogger("theirs").exception("it broke")
    written = lines.read_text()
    assert "anna@example.com" not in written
    assert "100 200" not in written
    for entry in map(json.loads, written.splitlines()):
        assert f"ValueError: {HIDDEN} i {HIDDEN}" in entry["exception"]
        assert "test_log.py" in entry["exception"]


def test_a_librarys_message_is_hidden_with_its_arguments(lines: Path) -> None:
    logging.getLogger("theirs").warning("sent to %s", "anna@example.com")
    assert json.loads(lines.read_text())["event"] == f"sent to {HIDDEN}"


def test_libraries_that_write_addresses_are_quiet(lines: Path) -> None:
    logging.getLogger("httpx").info("GET https://api.telegram.org/bot1:x")
    logging.getLogger("theirs").debug("noise")
    assert lines.read_text() == ""
