"""What is wrong in a settings file or an answer, in the admin's language."""

from __future__ import annotations

from collections.abc import Mapping

from bot.console.setting_files import Mistake
from handlers.content_file import Fault
from handlers.texts import Texts

PYDANTIC: Mapping[str, str] = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "greater_than": "greater_than",
    "greater_than_equal": "at_least",
    "less_than": "less_than",
    "less_than_equal": "at_most",
    "literal_error": "one_of",
    "enum": "one_of",
    "too_short": "too_few",
    "too_long": "too_many",
    "string_too_short": "text_too_short",
    "string_too_long": "text_too_long",
    "string_pattern_mismatch": "pattern",
    "string_type": "text",
    "int_type": "whole_number",
    "int_parsing": "whole_number",
    "int_from_float": "whole_number",
    "float_type": "number",
    "float_parsing": "number",
    "finite_number": "number",
    "bool_type": "yes_or_no",
    "bool_parsing": "yes_or_no",
    "list_type": "list",
    "tuple_type": "list",
    "dict_type": "map",
    "model_type": "map",
    "model_attributes_type": "map",
    "date_type": "date",
    "date_parsing": "date",
    "date_from_datetime_parsing": "date",
    "date_from_datetime_inexact": "date",
}
"""Kinds of pydantic's that occur in the files → ours: https://docs.pydantic.dev/latest/errors/validation_errors/"""
OURS = frozenset(
    {
        "zone", "country", "overlap", "no_hours", "interval", "interval_end", "no_variables", "topic", "form_field",
        "too_many_minutes", "order", "policy_taken", "policy_last", "policy_early", "time", "quiet", "rarely",
        "close_last", "remind_first", "survey_kinds", "survey_low", "survey_reminder", "yaml", "variable", "brace",
        "needs_plain",
    }
)  # fmt: skip


def told(mistake: Mistake, texts: Texts) -> str:
    """ "ladder.0.call: tu ma być tekst." What we have no words for is told by its own."""
    said = words_of(mistake.fault, texts)
    if mistake.fault is None or said is None:
        return mistake.reason
    return f"{mistake.fault.where}: {said}" if mistake.fault.where else said


def words_of(fault: Fault | None, texts: Texts) -> str | None:
    kind = None if fault is None else PYDANTIC.get(fault.kind) or (fault.kind if fault.kind in OURS else None)
    return None if fault is None or kind is None else texts(f"console.mistake.{kind}", **fault.given)
