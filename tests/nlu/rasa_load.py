"""Run in Rasa's environment: `python rasa_load.py FILE…` prints what Rasa's own loader reads, a line of JSON each."""

from __future__ import annotations

import json
import sys

from quiet import ignore_deprecations

ignore_deprecations()

from rasa.shared.nlu.training_data.loading import load_data  # noqa: E402

for path in sys.argv[1:]:
    read = [
        {
            "intent": message.get("intent"),
            "text": message.get("text"),
            "language": (message.get("metadata") or {}).get("intent", {}).get("language"),
            "entities": [
                {"start": one["start"], "end": one["end"], "name": one["entity"], "value": one["value"]}
                for one in message.get("entities", [])
            ],
        }
        for message in load_data(path).training_examples
    ]
    print(json.dumps(read))
