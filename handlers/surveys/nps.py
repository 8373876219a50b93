"""Would they recommend us? Asked some time after a closed ticket, and rarely."""

from __future__ import annotations

from handlers.surveys.kind import Occasion, SurveyKind

NPS = SurveyKind(name="nps", key="survey.nps", lowest=0, highest=10, occasion=Occasion.CLOSING)
