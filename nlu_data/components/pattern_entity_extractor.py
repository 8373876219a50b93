"""The entity extractor as a Rasa graph component; the work is done by `entity_patterns.EntityPatterns`.

Why not Rasa's RegexEntityExtractor: it knows no context ("zamówienie 20481"), no checksum, reports overlapping finds
twice, and the EntitySynonymMapper behind it would rewrite normalised values to however some example spelt them.
"""

from __future__ import annotations

import json
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.entity_patterns import EntityPatterns, FoundEntity, Pattern

FILE_NAME = "entities.json"
SHAPES = "shapes"  # of a message: what was found in it, for the classifier; no part of the answer


def read_patterns(training_data: TrainingData, order: list[str]) -> EntityPatterns:
    """Patterns in the order of the entities' names in `order`; look-up lists with the synonyms of their entries."""
    rank = {name: index for index, name in enumerate(order)}
    patterns = [Pattern(feature["name"], feature["pattern"]) for feature in training_data.regex_features]
    patterns.sort(key=lambda pattern: rank.get(pattern.name, len(rank)))
    forms: dict[str, dict[str, str]] = {}
    for table in training_data.lookup_tables:
        entries = set(table["elements"])
        forms.setdefault(table["name"], {}).update({entry: entry for entry in entries})
        written = {form: value for form, value in training_data.entity_synonyms.items() if value in entries}
        forms[table["name"]].update(written)
    return EntityPatterns(patterns, forms)


# A featurizer too: Rasa runs those over the training examples, and the classifier after it learns from the finds.
@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR],
    is_trainable=True,
)
class PatternEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Finds entities by pattern and look-up list."""

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        patterns: EntityPatterns | None = None,
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._patterns = patterns

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`order`: which entity wins an overlap, first come first served."""
        return {"order": []}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PatternEntityExtractor:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        found = read_patterns(training_data, self._config["order"])
        data = {"patterns": [[pattern.name, pattern.expression] for pattern in found.patterns], "forms": found.forms}
        with self._storage.write_to(self._resource) as folder:
            (folder / FILE_NAME).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        self._patterns = found
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> PatternEntityExtractor:
        with model_storage.read_from(resource) as folder:
            data = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        patterns = EntityPatterns([Pattern(*pair) for pair in data["patterns"]], data["forms"])
        return cls(config, model_storage, resource, patterns)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the finds to the examples and leaves the entities that their writers marked alone."""
        for example in training_data.training_examples:
            self._find_in(example)
        return training_data

    def _find_in(self, message: Message) -> list[FoundEntity]:
        found = self._patterns.find(message.get(TEXT) or "") if self._patterns is not None else []
        message.set(SHAPES, [(entity.start, entity.end, entity.name) for entity in found])
        return found

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            found = self._find_in(message)
            entities = self.add_extractor_name([self._entry(entity) for entity in found])
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        return messages

    @staticmethod
    def _entry(entity: FoundEntity) -> dict[str, Any]:
        return {
            ENTITY_ATTRIBUTE_TYPE: entity.name,
            ENTITY_ATTRIBUTE_START: entity.start,
            ENTITY_ATTRIBUTE_END: entity.end,
            ENTITY_ATTRIBUTE_VALUE: entity.value,
        }
