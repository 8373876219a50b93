"""The consistency audit's own customers: each question in each language on each channel, through the real adapters.

A bot of its own, with this one's content, stands between local stand-ins of the messengers: nobody real is written to.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import App, build
from bot.content import read_content
from bot.rasa import RasaNLU
from bot.sandbox.slack.person import Person as SlackPerson
from bot.sandbox.telegram.people import Person as TelegramPerson
from bot.sandbox.world import DemoWorld, open_world
from bot.serve import worker_part
from bot.settings import Settings
from handlers import audits, content_transfer
from handlers.audit import CONSISTENT
from handlers.audits import FULL, LIGHT, SINCE, Said
from handlers.content_folder import read_folder
from handlers.nlu import NLU, Intent, NLUUnavailable, ParsedMessage
from handlers.texts import LANGUAGES
from storage import audits as stored
from storage import lanes
from storage.audits import AuditFinding, AuditRun
from storage.database import Database
from storage.migrate import migrate

NOT_CONTENT = shutil.ignore_patterns(".venv", "models", "tests", "components", "entities", "concepts", "__pycache__")
LOCALES = {"pl": "pl-PL", "en": "en-GB"}
LONGEST_SECONDS = 300.0
SOON = timedelta(seconds=3)


@dataclass(frozen=True)
class Question:
    """What is asked about, in the words of each language."""

    intent: str
    words: Mapping[str, str]


class ExampleNLU:
    """Stands in where no language server runs: it reads the questions themselves, and nothing else."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._known = {text: (one.intent, language) for one in questions for language, text in one.words.items()}

    async def parse(self, text: str, message_id: str) -> ParsedMessage:  # noqa: ARG002 - as `NLU`
        intent, language = self._known.get(text, ("", None))
        read = (Intent(intent, 1.0),) if intent else ()
        return ParsedMessage(text, read, (), language, 0.99 if language else 0.0, "examples")


async def audit(
    settings: Settings, count: int, *, quarterly: bool, by: str, now: datetime
) -> tuple[AuditRun, list[AuditFinding]]:
    """Asks, compares, and keeps what was found in the settings' database; the run, and what was not consistent."""
    kind = FULL if quarterly else LIGHT
    database = Database(settings.database_url)
    try:
        with tempfile.TemporaryDirectory() as folder:
            content = Path(folder) / "content"
            async with database.reading() as session:
                await _copy_content(session, settings.content_dir, content)
                known = read_content(content, settings.timezone).answers
                questions = _questions(content, await audits.questions(session, known, now, count))
            reader = await _reader(settings, questions)
            async with _stage(settings, Path(folder), content, reader) as (app, world):
                said = await _ask(app, world, questions)
                async with database.transaction() as session:
                    agents = await audits.agents_answers(session, app.desk(), now - SINCE[kind])
                    run = await audits.record(session, app.desk(), kind, by, [*said, *agents], now)
                    wrong = await stored.findings(session, run.id)
        return run, [one for one in wrong if one.verdict not in CONSISTENT]
    finally:
        await database.dispose()


async def _copy_content(session: AsyncSession, source: Path, target: Path) -> None:
    """As files, with what was edited in the database."""
    shutil.copytree(source, target, ignore=NOT_CONTENT)
    if await content_transfer.is_seeded(session):
        await content_transfer.export(session, target, source)


def _questions(content: Path, intents: Sequence[str]) -> list[Question]:
    """The first example of each language: what admins hold to be the most typical."""
    found = read_folder(content).examples
    return [
        Question(
            intent,
            {
                language: next(utterance.text for own, utterance in found[intent] if own == language)
                for language in LANGUAGES
                if any(own == language for own, _ in found.get(intent, ()))
            },
        )
        for intent in intents
    ]


async def _reader(settings: Settings, questions: Sequence[Question]) -> NLU | None:
    """None: the language server that runs."""
    if settings.nlu_url is not None and settings.nlu_token is not None:
        async with httpx.AsyncClient() as client:
            try:
                await RasaNLU(settings.nlu_url, settings.nlu_token.get_secret_value(), client).parse("test", "audit")
            except NLUUnavailable:
                return ExampleNLU(questions)
            return None
    return ExampleNLU(questions)


@asynccontextmanager
async def _stage(
    settings: Settings, folder: Path, content: Path, reader: NLU | None
) -> AsyncIterator[tuple[App, DemoWorld]]:
    """A bot on an empty database, between stand-ins that keep no pace."""
    async with open_world() as world:
        world.slack.pace.is_kept = world.telegram.pace.is_kept = False
        own = settings.model_copy(
            update={
                **{name: SecretStr(value) if "token" in name else value for name, value in world.settings.items()},
                "slack_signing_secret": None, "public_url": None, "database_url": f"sqlite:///{folder / 'audit.db'}",
                "content_dir": content, "orders_url": None, "orders_file": None, "burst_quiet_seconds": 0,
                "burst_most_seconds": 0, "slack_messages_per_second": 10_000, "telegram_messages_per_second": 10_000,
            }
        )  # fmt: skip
        fresh = Database(own.database_url)
        await migrate(fresh)
        await fresh.dispose()
        async with build(own, reader, world.clock) as app, _running(app, world):
            yield app, world


@asynccontextmanager
async def _running(app: App, world: DemoWorld) -> AsyncIterator[None]:
    parts = [worker_part(app.worker), *(part for gate in app.gates.values() for part in gate.worker_parts())]
    tasks = [asyncio.create_task(part.run(), name=part.name) for part in parts]
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while not world.slack.sockets.sockets:  # noqa: ASYNC110 - the other side has no event to wait for
                await asyncio.sleep(0.02)
        yield
    finally:
        for part in parts:
            part.stop()
        await asyncio.gather(*tasks)


async def _ask(app: App, world: DemoWorld, questions: Sequence[Question]) -> list[Said]:
    """Each by somebody who has never written before; what they see is what counts."""
    asked: list[tuple[Question, str, str, Callable[[], str]]] = []
    for at, one in enumerate(questions):
        for language, words in one.words.items():
            customer = world.telegram.person(f"Question {at}", language=language)
            colleague = world.slack.person(f"Question {at} {language}", locale=LOCALES[language])
            customer.types(words)
            colleague.says(words)
            asked.append((one, language, "telegram", partial(_seen_in_telegram, customer)))
            asked.append((one, language, "slack", partial(_seen_in_slack, world, colleague)))
    await _settled(app, world)
    return [
        Said(one.words[language], one.intent, f"bot:{channel}", language, read(), f"answer:{one.intent}")
        for one, language, channel, read in asked
    ]


def _seen_in_telegram(customer: TelegramPerson) -> str:
    return "\n".join(one.text for one in customer.sees() if one.is_bot)


def _seen_in_slack(world: DemoWorld, colleague: SlackPerson) -> str:
    return "\n".join(one.text for one in world.slack.screen(colleague.dm, colleague) if one.is_bot)


async def _settled(app: App, world: DemoWorld) -> None:
    """Until every question is answered, and every answer has left."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while True:
            world.telegram.tick()
            await world.slack.tick()
            await asyncio.sleep(0.05)
            async with app.database.reading() as session:
                is_busy = await lanes.is_any_busy(session, datetime.now(UTC) + SOON)
            if not is_busy and not len(world.telegram.world.updates):
                return
