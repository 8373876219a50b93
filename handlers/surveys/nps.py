"""Would they recommend us? Asked some time after a closed ticket, and rarely."""

from __future__ import annotations

from handlers.surveys.kind import Occasion, Scores, SurveyKind, share


def promoters_less_detractors(scores: Scores) -> float:
    return share(scores, range(9, 11)) - share(scores, range(7))


NPS = SurveyKind(
    name="nps",
    key="survey.nps",
    lowest=0,
    highest=10,
    occasion=Occasion.CLOSING,
    formula="(answers of 9 or 10 − answers of 0 to 6) ÷ all answers × 100, from −100 to 100",
    figure=promoters_less_detractors,
)
