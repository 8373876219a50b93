"""Was it easy? Asked after the bot has settled a case alone."""

from __future__ import annotations

from handlers.surveys.kind import Occasion, Scores, SurveyKind


def mean(scores: Scores) -> float:
    return sum(score * count for score, count in scores.items()) / sum(scores.values())


CES = SurveyKind(
    name="ces",
    key="survey.ces",
    lowest=1,
    highest=7,
    occasion=Occasion.BOT_ANSWER,
    formula="sum of all answers (1 very hard … 7 very easy) ÷ number of answers",
    figure=mean,
)
