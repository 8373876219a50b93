"""Satisfied with how a ticket was handled? Asked after a person of ours has closed it."""

from __future__ import annotations

from handlers.surveys.kind import Occasion, Scores, SurveyKind, share


def satisfied(scores: Scores) -> float:
    return share(scores, range(4, 6))


CSAT = SurveyKind(
    name="csat",
    key="survey.csat",
    lowest=1,
    highest=5,
    occasion=Occasion.CLOSING,
    formula="answers of 4 or 5 ÷ all answers × 100 %",
    figure=satisfied,
    faces={1: "😞", 2: "🙁", 3: "😐", 4: "🙂", 5: "😀"},
)
