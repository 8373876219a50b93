from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from handlers.calendars import Calendar
from handlers.content import Content
from handlers.content_file import ContentError, read_model
from handlers.desk_rules import Tier
from handlers.sla_policy import SlaRules
from storage.sla_clocks import Target
from tests.handlers.case_log import WARSAW

ROOT = Path(__file__).parent.parent.parent
LIMIT = {"minutes": 60}
ALL = {"name": "all", "first_response": LIMIT, "next_response": LIMIT, "resolution": LIMIT}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"policies": []}, "at least 1 item"),
        ({"policies": [{"name": "all", "first_response": LIMIT}]}, "name every target"),
        ({"policies": [{**ALL, "tiers": ["mass"]}]}, "fit every ticket"),
        ({"policies": [{**ALL, "name": "one"}, ALL]}, "one fits every ticket"),
        ({"policies": [{"name": "all", "tiers": ["b2b"]}, ALL]}, "the name all is taken"),
        ({"policies": [{**ALL, "name": "live"}]}, "the name live is taken"),
        ({"policies": [{**ALL, "resolution": {"minutes": 0}}]}, "greater than or equal to 1"),
        ({"policies": [{**ALL, "resolution": {"minutes": 5, "time": "office"}}]}, "'working' or 'clock'"),
        ({"policies": [{**ALL, "tiers": ["gold"]}]}, "'mass', 'b2c', 'b2b' or 'premium'"),
        ({"warn_share": 1}, "less than 1"),
        ({"pauses": {"resolution": ["new"]}}, "waiting_customer"),
        ({"live_wait_minutes": 0}, "greater than or equal to 1"),
        ({"policy": []}, "Extra inputs"),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        SlaRules.model_validate({"policies": [ALL], **changed})


def test_a_mistake_in_the_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "sla.yml"
    path.write_text("warn_share: 0.75\npolicies:\n  - name: all\n    resolution: {minutes: 60}\n    tempo: 3\n")
    with pytest.raises(ContentError, match=r"sla\.yml:5: policies\.0\.tempo"):
        read_model(path, SlaRules)


def test_every_tier_has_every_target_in_every_category(content: Content) -> None:
    for tier in Tier:
        for category in content.topics:
            for target in Target:
                assert content.sla.rule(target, tier, category).limit.minutes >= 1


@pytest.mark.parametrize(
    ("minutes", "kind", "refused"),
    [(26 * 55 * 60, "working", False), (26 * 55 * 60 + 1, "working", True), (26 * 168 * 60, "clock", False),
     (26 * 168 * 60 + 1, "clock", True)],
)  # fmt: skip
def test_a_limit_longer_than_half_a_year_of_hours_is_a_mistake(
    content: Content, minutes: int, kind: str, refused: bool
) -> None:
    rules = SlaRules.model_validate({"policies": [{**ALL, "resolution": {"minutes": minutes, "time": kind}}]})
    assert (rules.too_long(content.calendar) is not None) is refused


def test_the_digest_is_another_one_after_any_change_and_the_same_without(content: Content) -> None:
    rules = SlaRules.model_validate({"policies": [ALL]})
    day = Calendar(WARSAW, {0: ((time(8), time(18)),)})
    others = [
        rules.digest(replace(day, closed=frozenset({date(2026, 12, 31)}))),
        rules.digest(replace(day, hours={0: ((time(8), time(17)),)})),
        rules.digest(replace(day, country=None)),
        rules.model_copy(update={"warn_share": 0.5}).digest(day),
        content.sla.digest(day),
        rules.digest(day),
    ]
    assert len(set(others)) == len(others)
    assert SlaRules.model_validate(rules.model_dump()).digest(replace(day)) == rules.digest(day)


def test_the_shipped_file_says_what_the_code_takes_for_granted_where_it_is_silent(content: Content) -> None:
    told = YAML(typ="safe").load(ROOT / "nlu_data" / "sla.yml")
    assert SlaRules.model_validate({"policies": told["policies"]}) == content.sla
