from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from components import solver
from components.calibration import Calibration, confidences, folds, margins
from components.concepts import Lexicon
from components.features import MARKS, BlockSettings, Features, Scaling
from components.intent_model import IntentModel, IntentSettings
from components.language_model import LanguageModel
from components.reading import Shape, Utterance

TEXTS = [
    *("where is my parcel", "track the parcel please", "gdzie paczka", "kiedy będzie paczka"),
    *("give my money back", "i want a refund", "oddajcie pieniądze", "chcę zwrot pieniędzy"),
    *("tell me a joke", "what is the weather", "jaka pogoda", "opowiedz kawał"),
]
INTENTS = ["track"] * 4 + ["refund"] * 4 + ["out_of_scope"] * 4
LANGUAGES = ["en", "en", "pl", "pl"] * 3
UTTERANCES = [Utterance(text) for text in TEXTS]
SETTINGS = IntentSettings(folds=2)


def rank(model: IntentModel, *texts: str) -> list[list[str]]:
    return [ranking.names for ranking in model.rank([Utterance(text) for text in texts])]


class SolverTest(unittest.TestCase):
    def setUp(self) -> None:
        chance = np.random.default_rng(0)
        self.labels = chance.integers(0, 4, 200)
        points = chance.normal(size=(200, 6)) + 2 * np.eye(4, 6)[self.labels]
        self.features = sparse.csr_matrix(points.astype(np.float32))
        self.weights = solver.balanced_weights(self.labels, 4)

    def solved(self, product: solver.Product) -> np.ndarray:
        stop = solver.Stop(iterations=300, tolerance=1e-5)
        return solver.solve(product, self.labels, 4, self.weights, 1.0, stop)

    def test_it_finds_the_same_optimum_as_scikit_learn(self) -> None:
        dense = self.features.toarray()
        with_constant = np.hstack([dense, np.ones((200, 1))])
        theirs = LogisticRegression(C=1.0, class_weight="balanced", fit_intercept=False, max_iter=5000, tol=1e-8)
        theirs.fit(with_constant, self.labels)
        span = self.solved(solver.gram(self.features).__matmul__)
        np.testing.assert_allclose((with_constant.T @ span).T, theirs.coef_, atol=5e-3)

    def test_with_and_without_the_gram_matrix_it_is_the_same(self) -> None:
        dense = self.solved(solver.gram(self.features).__matmul__)
        implicit = self.solved(solver.product_with(self.features))
        np.testing.assert_allclose(self.features.T @ dense, self.features.T @ implicit, atol=2e-3)

    def test_each_class_weighs_the_same(self) -> None:
        sums = np.bincount(self.labels, weights=self.weights)
        np.testing.assert_allclose(sums, sums[0], rtol=1e-4)


class CalibrationTest(unittest.TestCase):
    def test_folds_spread_each_class_evenly(self) -> None:
        labels = np.repeat([0, 1, 2], 20)
        fold_of = folds(labels, 5, seed=1)
        for label in range(3):
            self.assertEqual(np.bincount(fold_of[labels == label]).tolist(), [4] * 5)

    def test_a_chance_is_as_often_right_as_it_says(self) -> None:
        chance = np.random.default_rng(0)
        evidence = chance.normal(size=(20_000, 2))
        right = chance.random(20_000) < 1 / (1 + np.exp(-(evidence @ [1.5, 0.5] + 0.3)))
        fitted = Calibration.fit(evidence, right)
        np.testing.assert_allclose([*fitted.weights, fitted.bias], [1.5, 0.5, 0.3], atol=0.1)

    def test_all_right_is_no_division_by_zero(self) -> None:
        fitted = Calibration.fit(np.ones((10, 2)), np.ones(10, dtype=bool))
        self.assertGreater(fitted.chance(np.ones((1, 2)))[0], 0.9)

    def test_margins_leave_out_of_scope_aside(self) -> None:
        best, evidence = margins(np.array([[1.0, 5.0, 3.0]]), out_of_scope=1)
        self.assertEqual(best.tolist(), [2])
        self.assertEqual(evidence.tolist(), [[-2.0, 2.0]])

    def test_confidences_never_rise_along_the_ranking(self) -> None:
        scores = np.array([0.5, 2.0, 1.0, -3.0])
        for stray in (None, 0, 1, 2, 3):
            for chance in (0.0, 0.3, 0.9):
                best = int(margins(scores[None], stray)[0][0])
                order, sure = confidences(scores, chance, best, stray)
                self.assertEqual(order, [1, 2, 0, 3])
                self.assertEqual(sure, sorted(sure, reverse=True))
                self.assertTrue(all(0 <= one <= 1 for one in sure))


class ModelTest(unittest.TestCase):
    def test_features_are_the_same_after_saving(self) -> None:
        views = [TEXTS, ["§a §a|b"] * len(TEXTS)]
        blocks = [BlockSettings("char_wb", 1, 3), BlockSettings(MARKS, 1, 1, scaling=Scaling(weight=0.2))]
        features = Features.fit(views, blocks)
        again = Features.from_json(features.to_json(), features.idf)
        self.assertEqual((features.transform(views) != again.transform(views)).nnz, 0)

    def test_a_block_weighs_what_its_settings_say(self) -> None:
        scaling = Scaling(idf_power=0, norm_power=1, weight=0.2)
        features = Features.fit([["§a §b", "§a"]], [BlockSettings(MARKS, 1, 1, scaling=scaling)])
        lengths = np.sqrt(features.transform([["§a §b", "§a"]]).power(2).sum(axis=1))
        np.testing.assert_allclose(lengths, 0.2, rtol=1e-5)

    def test_intents_are_learnt_saved_and_loaded(self) -> None:
        model = IntentModel.fit(UTTERANCES, INTENTS, SETTINGS)
        self.assertEqual([names[0] for names in rank(model, *TEXTS)], INTENTS)
        with tempfile.TemporaryDirectory() as folder:
            model.save(Path(folder))
            again = IntentModel.load(Path(folder))
        for before, after in zip(model.rank(UTTERANCES), again.rank(UTTERANCES), strict=True):
            self.assertEqual(before.names, after.names)
            np.testing.assert_allclose(before.confidences, after.confidences, atol=1e-2)

    def test_an_unreadable_text_still_gets_a_ranking(self) -> None:
        model = IntentModel.fit(UTTERANCES, INTENTS, SETTINGS)
        for text in ("", "   ", "\u0416\u0416", "🦄", "a" * 1000):
            ranking = model.rank([Utterance(text)])[0]
            self.assertEqual(sorted(ranking.names), sorted(set(INTENTS)))
            self.assertTrue(np.isfinite(ranking.confidences).all())

    def test_one_intent_alone_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            IntentModel.fit([Utterance("a"), Utterance("b")], ["greet", "greet"], SETTINGS)

    def test_an_unseen_word_is_known_by_its_concept_after_loading_too(self) -> None:
        lexicon = Lexicon({"thing": ["parcel*", "paczk*", "pudel*"], "money": ["money", "refund*", "pieniad*", "kasa"]})
        settings = IntentSettings(folds=2, mark_weight=1.0, out_of_scope_bonus=0.0)
        model = IntentModel.fit(UTTERANCES, INTENTS, settings, lexicon)
        with tempfile.TemporaryDirectory() as folder:
            model.save(Path(folder))
            model = IntentModel.load(Path(folder))
        self.assertEqual([names[0] for names in rank(model, "pudelko", "kasa")], ["track", "refund"])

    def test_an_unseen_number_is_known_by_its_shape(self) -> None:
        shaped = [Utterance(number, (Shape(0, len(number), "number"),)) for number in ("111", "222", "333", "98765")]
        model = IntentModel.fit(UTTERANCES + shaped[:3], [*INTENTS, *["track"] * 3], SETTINGS)
        self.assertEqual(model.rank(shaped[3:])[0].names[0], "track")

    def test_languages_are_told_apart_without_diacritics_too(self) -> None:
        model = LanguageModel.fit(TEXTS, LANGUAGES)
        for text, language in (("gdzie moja paczka", "pl"), ("where is the parcel", "en"), ("chce zwrot", "pl")):
            [tagged, other] = model.tag([text, "12345 🦄"])
            self.assertIsNotNone(tagged)
            self.assertIsNone(other)
            self.assertEqual(tagged[0] if tagged else None, language)


if __name__ == "__main__":
    unittest.main()
