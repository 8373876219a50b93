"""Who may import whom, and lists that have to name the same things."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from handlers import readings
from handlers.content import Content
from handlers.filing import LOOKUPS
from handlers.intents import FAQ, INTENTS, WHILE_QUEUED, talk

ROOT = Path(__file__).parent.parent
NLU_DATA = ROOT / "nlu_data"
OURS = ("bot", "handlers", "storage", "nlu_data", "tests")
OUTSIDE = (
    "aiogram", "apscheduler", "fastapi", "httpx", "nicegui", "rasa", "slack", "slack_bolt", "slack_sdk", "starlette",
    "telegram", "uvicorn",
)  # fmt: skip


def modules(package: str) -> Iterator[Path]:
    return (ROOT / package).rglob("*.py")


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions; of `from a import b` both `a` and `a.b`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {name.name for name in names}
            case ast.ImportFrom(module=str(module), names=names, level=0):
                found |= {module} | {f"{module}.{name.name}" for name in names}
            case ast.ImportFrom(level=level) if level:
                found.add("." * level)
    return found


def is_in(module: str, packages: tuple[str, ...]) -> bool:
    return module.startswith(tuple(f"{package}." for package in packages)) or module in packages


def offences(package: str, forbidden: tuple[str, ...], but: frozenset[str] = frozenset()) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in modules(package)
        if str(path.relative_to(ROOT)) not in but
        for module in sorted(imports(path))
        if is_in(module, forbidden)
    ]


def test_the_imports_of_a_file_are_seen_wherever_they_stand(tmp_path: Path) -> None:
    source = "import a.b\nfrom c import d as e\ndef f():\n    if x:\n        import g\nfrom . import h\n"
    (tmp_path / "x.py").write_text(source)
    assert imports(tmp_path / "x.py") == {"a.b", "c", "c.d", "g", "."}


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("storage", ("handlers", "bot", *OUTSIDE)),
        ("handlers", ("bot", *OUTSIDE)),
        ("storage", ("nlu_data", "tests")),
        ("handlers", ("nlu_data", "tests")),
        ("bot", ("nlu_data", "tests")),
        ("nlu_data/components", OURS),
        ("storage", (".", "..")),
        ("handlers", (".", "..")),
        ("bot", (".", "..")),
    ],
)
def test_imports_go_from_bot_to_handlers_to_storage(package: str, forbidden: tuple[str, ...]) -> None:
    assert list(modules(package)), f"no files in {package}"
    assert offences(package, forbidden) == []


SHOWS_AS_THE_STAND_INS = {"bot/cli.py", "bot/audit.py", "bot/console/answer_page.py"}
"""The demo, the audit through the stand-ins, and how an answer looks in Slack."""


def test_nothing_below_imports_the_sandbox_or_the_command_line() -> None:
    sandbox = frozenset(str(path.relative_to(ROOT)) for path in modules("bot/sandbox"))
    assert offences("bot", ("bot.sandbox",), sandbox | SHOWS_AS_THE_STAND_INS) == []
    assert offences("bot", ("bot.cli",), frozenset({"bot/__main__.py"})) == []


def test_slacks_sdk_is_known_in_its_adapter_alone() -> None:
    known = frozenset(
        str(path.relative_to(ROOT)) for place in ("bot/channels/slack", "bot/sandbox") for path in modules(place)
    )
    assert offences("bot", ("slack_bolt", "slack_sdk"), known) == []


@pytest.mark.parametrize(
    ("sdk", "home"),
    [
        (("telegram",), "bot/channels/telegram/"),
        (("slack_bolt", "slack_sdk"), "bot/channels/slack/"),
    ],
)
def test_a_messengers_sdk_is_imported_in_its_package_only(sdk: tuple[str, ...], home: str) -> None:
    inside = [path for path in modules("bot") if str(path.relative_to(ROOT)).startswith(home)]
    assert any(is_in(module, sdk) for path in inside for module in imports(path)), "it is used there"
    assert offences("bot", sdk, frozenset(str(path.relative_to(ROOT)) for path in inside)) == []


def test_sql_stays_in_storage() -> None:
    """Handlers pass a session on; they write no query."""
    used = {module for path in modules("handlers") for module in imports(path) if is_in(module, ("sqlalchemy",))}
    assert used == {"sqlalchemy.ext.asyncio", "sqlalchemy.ext.asyncio.AsyncSession"}


def domain() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = YAML(typ="safe").load(NLU_DATA / "domain.yml")
    return loaded


def test_handlers_model_and_examples_name_the_same_intents() -> None:
    assert sorted(domain()["intents"]) == sorted(INTENTS)
    assert sorted(path.stem for path in (NLU_DATA / "intents").glob("*.yml")) == sorted(INTENTS)


def test_model_and_entity_files_name_the_same_entities() -> None:
    assert sorted(path.stem for path in (NLU_DATA / "entities").glob("*.yml")) == sorted(domain()["entities"])


def test_every_intent_has_a_topic_and_every_topic_an_intent(content: Content) -> None:
    assert sorted(content.topics) == sorted(INTENTS)


def test_every_form_belongs_to_an_intent_and_every_intent_that_collects_has_a_form(content: Content) -> None:
    assert set(content.forms.forms) <= set(INTENTS)
    collecting = {name for name, handler in INTENTS.items() if handler.__name__ == "collect_facts"}
    assert collecting
    assert collecting <= set(content.forms.forms)


def test_every_question_intent_has_an_answer_and_every_answer_a_question(content: Content) -> None:
    assert FAQ
    assert sorted(content.answers) == sorted(FAQ)


def test_every_field_is_asked_by_a_form_and_looks_for_an_entity_the_model_finds(content: Content) -> None:
    asked = {field for form in content.forms.forms.values() for field in form.fields}
    assert asked == set(content.fields)
    assert {field.entity for field in content.fields.values() if field.entity} <= set(domain()["entities"])


@pytest.mark.parametrize(
    "named",
    [talk.MENU, readings.TOPICS_OFFERED, WHILE_QUEUED, LOOKUPS],
    ids=["menu", "topics offered", "while queued", "look-ups"],
)
def test_intents_named_in_the_code_exist(named: tuple[str, ...] | frozenset[str]) -> None:
    assert set(named) <= set(INTENTS)


def test_an_answer_leads_on_to_intents_that_exist_and_not_to_itself(content: Content) -> None:
    assert {following for answer in content.answers.values() for following in answer.next} <= set(INTENTS)
    assert [name for name, answer in content.answers.items() if name in answer.next] == []
