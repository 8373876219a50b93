"""Satisfied with how a ticket was handled? Asked after a person of ours has closed it."""

from __future__ import annotations

from handlers.surveys.kind import Occasion, SurveyKind

CSAT = SurveyKind(
    name="csat",
    key="survey.csat",
    lowest=1,
    highest=5,
    occasion=Occasion.CLOSING,
    faces={1: "😞", 2: "🙁", 3: "😐", 4: "🙂", 5: "😀"},
)
