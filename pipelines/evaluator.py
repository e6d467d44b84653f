"""Evaluator: probabilities -> threshold, metrics, curves. It keeps no state."""

from collections.abc import Mapping

import keras
import numpy as np
from sklearn.metrics import roc_curve

from models.card import ConfusionMatrix, Estimate, RocCurve, Threshold
from pipelines import statistics
from pipelines.batches import EvaluationBatches

RULE = "best F1 over 0.01 ... 0.99 on validation"


class Evaluator:
    """Judges one network on labelled images."""

    def __init__(self, seed: int) -> None:
        """Resample with ``seed``."""
        self._seed = seed

    @staticmethod
    def probabilities(model: keras.Model, batches: EvaluationBatches) -> np.ndarray:
        """(n,) float64 probabilities in [0, 1], in the order of the batches."""
        parts = [model.predict_on_batch(batches[i][0]) for i in range(len(batches))]
        return np.concatenate(parts).reshape(-1).astype(np.float64)

    @staticmethod
    def threshold(labels: np.ndarray, probabilities: np.ndarray) -> Threshold:
        """The threshold of the best F1, to be chosen on validation only."""
        value, f1 = statistics.best_f1_threshold(labels, probabilities)
        return Threshold(value=value, rule=RULE, validation_f1=round(f1, 4))

    def metrics(
        self,
        labels: np.ndarray,
        probabilities: np.ndarray,
        groups: np.ndarray,
        threshold: Threshold,
    ) -> Mapping[str, Estimate]:
        """Every metric with its 95 % interval over groups."""
        return statistics.estimates(labels, probabilities, groups, threshold.value, self._seed)

    @staticmethod
    def confusion(
        labels: np.ndarray, probabilities: np.ndarray, threshold: Threshold
    ) -> ConfusionMatrix:
        """Counts at the threshold; a probability equal to it is positive."""
        return statistics.confusion(labels, probabilities >= threshold.value)

    @staticmethod
    def roc(labels: np.ndarray, probabilities: np.ndarray) -> RocCurve:
        """The ROC curve; its first threshold, above every probability, is written as 1.01."""
        fpr, tpr, cuts = roc_curve(labels, probabilities)
        cuts = np.minimum(cuts, 1.01)
        return RocCurve(
            false_positive_rate=tuple(round(float(x), 5) for x in fpr),
            true_positive_rate=tuple(round(float(x), 5) for x in tpr),
            thresholds=tuple(round(float(x), 5) for x in cuts),
        )
