"""Rasa graph components of the support bot, and the pure modules they are made of.

Only `linear_intent_classifier`, `language_tagger` and `pattern_entity_extractor` import Rasa.
`normalise`, `typos`, `entity_values` and `entity_patterns` need nothing but the standard library;
`features`, `solver`, `calibration`, `intent_model` and `language_model` need numpy, scipy and scikit-learn.
Everything here runs on Python 3.10 inside Rasa's own environment.
"""
