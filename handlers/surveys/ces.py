"""Was it easy? Asked after the bot has settled a case alone."""

from __future__ import annotations

from handlers.surveys.kind import Occasion, SurveyKind

CES = SurveyKind(name="ces", key="survey.ces", lowest=1, highest=7, occasion=Occasion.BOT_ANSWER)
