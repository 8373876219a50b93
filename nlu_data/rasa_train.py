"""Trains a Rasa model: `python rasa_train.py CONTENT CONFIG OUTPUT`; started by the bot in Rasa's environment.

CONTENT is a folder with domain.yml, intents/, entities/ and, if there are any, concepts/; OUTPUT is the model file to
write, `….tar.gz`.

Calls Rasa's own training with an importer of ours instead of `rasa train`: Rasa's importers read all files three
times over and compare every example with every other file's, which is more work than the training itself.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

# Before numpy and TensorFlow are loaded. No cache: the bot decides by content what needs training.
os.environ.update(RASA_TELEMETRY_ENABLED="false", RASA_MAX_CACHE_SIZE="0", SQLALCHEMY_SILENCE_UBER_WARNING="1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")  # a second thread costs 10 % CPU and saves little

from parent import die_with_parent
from quiet import ignore_deprecations

ignore_deprecations()

from rasa.model_training import _train_graph
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.data import TrainingType
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_model_configuration
from rasa.utils.log_utils import configure_structlog

from components.concept_files import read_concepts
from components.linear_intent_classifier import CONCEPTS, LinearIntentClassifier


class ContentImporter(TrainingDataImporter):
    """Reads a content folder, each file once."""

    def __init__(self, content: Path, config: Path) -> None:
        self._content = content
        self._config = config
        self._concepts = read_concepts(content / "concepts")
        self._nlu_data: TrainingData | None = None

    def get_domain(self) -> Domain:
        return Domain.from_file(str(self._content / "domain.yml"))

    def get_config(self) -> dict[str, Any]:
        """With the concepts in it: Rasa's training data has no place for them, and they must be in the model."""
        config = dict(read_model_configuration(str(self._config)))
        for component in config["pipeline"]:
            if component["name"].endswith(f".{LinearIntentClassifier.__name__}"):
                component[CONCEPTS] = self._concepts
        return config

    def get_config_file_for_auto_config(self) -> str:
        return str(self._config)

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        return StoryGraph([])

    def get_conversation_tests(self) -> StoryGraph:
        return StoryGraph([])

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        if self._nlu_data is None:
            self._nlu_data = self._read()
        return self._nlu_data

    def _read(self) -> TrainingData:
        files = sorted(path for folder in ("intents", "entities") for path in (self._content / folder).glob("*.yml"))
        parts = [load_data(str(path)) for path in files]
        return TrainingData(
            training_examples=[example for part in parts for example in part.training_examples],
            entity_synonyms={form: value for part in parts for form, value in part.entity_synonyms.items()},
            regex_features=[feature for part in parts for feature in part.regex_features],
            lookup_tables=[table for part in parts for table in part.lookup_tables],
        )


def main(content: Path, config: Path, output: Path) -> None:
    """Returns when the model file is there; raises what Rasa raises."""
    die_with_parent()
    configure_structlog(logging.WARNING)
    # Rasa advises its own components for entities, patterns and synonyms; ours is not known to it.
    warnings.filterwarnings("ignore", message="You have defined", category=UserWarning)
    _train_graph(
        ContentImporter(content, config),
        training_type=TrainingType.NLU,
        output_path=str(output.parent),
        fixed_model_name=output.name,
        force_full_training=True,
    )


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
