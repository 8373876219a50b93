"""`supportbot doctor`: what is missing or wrong, in plain words, and what to do about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.console.security import is_offered
from bot.content import read_content
from bot.doctor_messengers import examine_messengers
from bot.findings import Finding
from bot.nlu_environment import find_python310
from bot.nlu_progress import NLUSetupError
from bot.nlu_thresholds import read_thresholds
from bot.rasa import RasaNLU
from bot.settings import Settings
from handlers.bands import ThresholdsError
from handlers.calendars import NeverOpen, next_opening
from handlers.content import Content
from handlers.content_file import ContentError
from handlers.living_answers import Flag, Trouble, flags, read_living, required
from handlers.nlu import NLUUnavailable
from storage.database import Database
from storage.migrate import is_migrated

CHECK_DATABASE = "A new one is made by: supportbot migrate. Otherwise check DATABASE_URL in .env"


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Looks at everything a running bot needs, one finding each, fine or not."""
    yield await _database(settings)
    content, finding = _content(settings)
    yield finding
    if content is not None:
        content = await _with_living_answers(content, settings)
        for checked in _checks_on(content):
            yield checked
    yield _thresholds(settings)
    yield _python()
    yield await _nlu(settings)
    yield _orders(settings)
    yield _console(settings)
    async for finding in examine_messengers(settings):
        yield finding


def _console(settings: Settings) -> Finding:
    if is_offered(settings):
        return Finding("Console")
    advice = "Set CONSOLE_SECRET, the same for all web processes; for example from: openssl rand -hex 32"
    return Finding("Console", "it stays off, for others can reach the web process and there is no secret", advice, True)


async def _database(settings: Settings) -> Finding:
    subject = "Database"
    database = Database(settings.database_url)
    try:
        async with database.reading() as session:
            await session.execute(text("select 1"))
        if not await is_migrated(database.engine):
            return Finding(subject, "its tables are not up to date", "Run: supportbot migrate")
    except (SQLAlchemyError, OSError) as error:
        return Finding(subject, f"it cannot be reached ({type(error).__name__})", CHECK_DATABASE)
    finally:
        await database.dispose()
    return Finding(subject)


def _content(settings: Settings) -> tuple[Content | None, Finding]:
    subject = "Answers, forms and calendar"
    try:
        return read_content(settings.content_dir, settings.timezone), Finding(subject)
    except ContentError as error:
        return None, Finding(subject, str(error), "Correct the file at that line")


async def _with_living_answers(content: Content, settings: Settings) -> Content:
    """As the bot gives them: the database's, where it is there and has any."""
    database = Database(settings.database_url)
    try:
        async with database.reading() as session:
            living = await read_living(session)
    except (SQLAlchemyError, OSError):
        return content  # said already, of the database
    finally:
        await database.dispose()
    return content if living is None else replace(content, answers={**content.answers, **living.answers})


def _checks_on(content: Content) -> list[Finding]:
    found = flags(content.answers, datetime.now(content.calendar.zone).date())
    wrong = {flag.key for flag in found}
    findings = [
        Finding(f"Answer {key}, required by law") for key in sorted(required(content.answers)) if key not in wrong
    ]
    findings += map(_flagged, found)
    try:
        next_opening(content.calendar, datetime.now(UTC))
    except NeverOpen:
        findings.append(Finding("Opening hours", "never open within a year", "Correct calendar.yml"))
    return findings


def _flagged(flag: Flag) -> Finding:
    subject = f"Answer {flag.key}{', required by law' if flag.mandatory else ''}"
    match flag.trouble:
        case Trouble.MISSING:
            return Finding(subject, "there is none", f"Write answers/{flag.key}.yml, or in the console")
        case Trouble.EXPIRED:
            return Finding(subject, f"expired on {flag.day}: people answer instead", f"Ask {flag.owner} to renew it")
        case Trouble.REVIEW_DUE:
            return Finding(subject, f"was due for review on {flag.day}", f"Ask {flag.owner} to review it")
        case Trouble.EXPIRES_SOON:
            return Finding(subject, f"expires on {flag.day}", f"Ask {flag.owner} to renew it", is_note=True)
        case _:
            return Finding(subject, f"is due for review on {flag.day}", f"Ask {flag.owner} to review it", is_note=True)


def _thresholds(settings: Settings) -> Finding:
    try:
        read_thresholds(settings.content_dir / "thresholds.yml")
    except (ContentError, ThresholdsError) as error:
        return Finding("Confidence thresholds", str(error), "Run: supportbot nlu test --write-thresholds")
    return Finding("Confidence thresholds")


def _python() -> Finding:
    try:
        find_python310()
    except NLUSetupError as error:
        return Finding("Python 3.10 for the language server", "there is none on this machine", str(error))
    return Finding("Python 3.10 for the language server")


async def _nlu(settings: Settings) -> Finding:
    subject = "Language server"
    if settings.nlu_url is None or settings.nlu_token is None:
        advice = "`supportbot run` starts one by itself; a separate worker needs both, see `supportbot nlu serve`"
        return Finding(subject, "NLU_URL and NLU_TOKEN are not set", advice, is_note=True)
    async with httpx.AsyncClient() as client:
        try:
            await RasaNLU(settings.nlu_url, settings.nlu_token.get_secret_value(), client).parse(
                "dzień dobry", "doctor"
            )
        except NLUUnavailable as error:
            return Finding(subject, str(error), "Check that `supportbot nlu serve` runs there, with the same token")
    return Finding(subject)


def _orders(settings: Settings) -> Finding:
    subject = "Orders of the shop"
    if settings.orders_url or settings.orders_file:
        return Finding(subject)
    return Finding(
        subject, "no system is connected", "Order questions become tickets until ORDERS_URL is set", is_note=True
    )
