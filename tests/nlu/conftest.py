from __future__ import annotations

import sys

from bot.nlu_environment import DEFAULT_CONTENT
from tests.rasa_fixture import rasa_server

# The pure modules of nlu_data/components run anywhere; Rasa itself imports them from that folder.
sys.path.insert(0, str(DEFAULT_CONTENT))

__all__ = ["rasa_server"]
