"""What customers are asked afterwards. SURVEYS: one line per kind."""

from __future__ import annotations

from handlers.surveys.ces import CES
from handlers.surveys.csat import CSAT
from handlers.surveys.kind import SurveyKind
from handlers.surveys.nps import NPS

SURVEYS: dict[str, SurveyKind] = {
    "csat": CSAT,
    "ces": CES,
    "nps": NPS,
}
