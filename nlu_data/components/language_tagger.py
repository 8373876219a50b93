"""The language tagger as a Rasa graph component; the model itself is `language_model.LanguageModel`."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.language_model import LanguageModel

LANGUAGE = "language"


def stated_language(example: Message) -> str | None:
    """The language that the example's file states in its metadata, if it does."""
    stated = (example.get(METADATA) or {}).get(METADATA_INTENT)
    language = stated.get(LANGUAGE) if isinstance(stated, dict) else None
    return language if isinstance(language, str) else None


# Rasa has no kind of component for this; an "entity extractor" is run on each message and trained on the raw examples.
@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=True)
class LanguageTagger(GraphComponent):
    """Puts `language: {name, confidence}` into the parse result, and `model_id`, which Rasa leaves out."""

    def __init__(
        self, storage: ModelStorage, resource: Resource, model_id: str | None, model: LanguageModel | None = None
    ) -> None:
        self._storage = storage
        self._resource = resource
        self._model_id = model_id
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageTagger:
        return cls(model_storage, resource, execution_context.model_id)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples whose language is stated."""
        pairs = [
            (example.get(TEXT), language)
            for example in training_data.intent_examples
            if (language := stated_language(example)) and example.get(TEXT)
        ]
        self._model = LanguageModel.fit([text for text, _ in pairs], [language for _, language in pairs])
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
    ) -> LanguageTagger:
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, execution_context.model_id, LanguageModel.load(folder))

    def process(self, messages: list[Message]) -> list[Message]:
        tags: list[tuple[str, float] | None] = [None] * len(messages)
        if self._model is not None and messages:
            tags = self._model.tag([message.get(TEXT) or "" for message in messages])
        for message, tag in zip(messages, tags, strict=True):
            name, confidence = tag or (None, 0.0)
            message.set(LANGUAGE, {"name": name, "confidence": confidence}, add_to_output=True)
            message.set("model_id", self._model_id, add_to_output=True)
        return messages
