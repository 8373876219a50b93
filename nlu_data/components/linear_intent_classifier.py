"""The intent classifier as a Rasa graph component; the model itself is `intent_model.IntentModel`."""

from __future__ import annotations

import logging
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.concepts import Lexicon
from components.intent_model import IntentModel, IntentSettings, Ranking
from components.pattern_entity_extractor import SHAPES
from components.reading import Shape, Utterance

logger = logging.getLogger(__name__)

RANKING_LENGTH = 10
CONCEPTS = "concepts"  # in the configuration: concept → forms; rasa_train.py puts it there


def as_utterance(message: Message) -> Utterance:
    """The text with what the extractor before this component found in it."""
    return Utterance(message.get(TEXT), tuple(Shape(*shape) for shape in message.get(SHAPES) or ()))


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Ranks intents by calibrated logistic regression over character and word n-grams, shapes and concepts.

    Shapes come from a PatternEntityExtractor that stands before it in the pipeline; without one there are none.
    """

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: IntentModel | None = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {CONCEPTS: {}}

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn", "scipy", "numpy"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples that have a text and an intent; without two intents there is nothing to learn."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT) and example.get(INTENT)]
        utterances = [as_utterance(example) for example in examples]
        intents = [example.get(INTENT) for example in examples]
        settings = IntentSettings.from_config(self._config)
        self._model = IntentModel.fit(utterances, intents, settings, Lexicon(self._config[CONCEPTS]))
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, IntentModel.load(folder))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `intent` and `intent_ranking`; without a model, or without a text, the intent's name is null."""
        readable = [message for message in messages if message.get(TEXT)] if self._model is not None else []
        ranked = self._model.rank([as_utterance(message) for message in readable]) if self._model is not None else []
        found = {id(message): ranking for message, ranking in zip(readable, ranked, strict=True)}
        for message in messages:
            entries = self._entries(found.get(id(message)))
            best = entries[0] if entries else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set(INTENT_RANKING_KEY, entries, add_to_output=True)
        return messages

    @staticmethod
    def _entries(ranking: Ranking | None) -> list[dict[str, Any]]:
        if ranking is None:
            return []
        pairs = list(zip(ranking.names, ranking.confidences, strict=True))[:RANKING_LENGTH]
        return [{INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: sure} for name, sure in pairs]
