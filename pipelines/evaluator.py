"""Evaluator: probabilities -> choices on validation -> judgement on test. It keeps no state."""

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from models.card import (
    POINT_METRICS,
    Calibration,
    ConfusionMatrix,
    DecisionCurve,
    Estimate,
    OperatingPoint,
    PrCurve,
    RocCurve,
    Threshold,
)
from models.confusion import confusion
from models.prediction_table import Predictions
from pipelines import curves, statistics
from pipelines.aims import SENSITIVITY
from pipelines.batches import EvaluationBatches
from pipelines.calibration import METHOD, Platt, fit_platt, reliability
from pipelines.dense_threshold import dense_threshold

RULE = "best F1 over 0.01 ... 0.99 on validation"
SENSITIVE_RULE = (
    f"highest of 0.01 ... 0.99 with sensitivity >= {SENSITIVITY:.2f} on validation, "
    "but not above that of the best F1"
)
MISSED_RULE = f"lowest of 0.01 ... 0.99; none reaches sensitivity {SENSITIVITY:.2f} on validation"
WEIGHTED = "; there all crops of a finding count as one together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """All that is chosen, on validation images alone, before the test images are opened."""

    threshold: Threshold
    high_sensitivity: Threshold
    platt: Platt
    dense_threshold: float  # of the network before compaction; the same, where nothing tells it


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a model's card says of its answers; the fields are those of the card."""

    threshold: Threshold
    metrics: Mapping[str, Mapping[str, Estimate]]
    confusion: ConfusionMatrix
    high_sensitivity: OperatingPoint
    calibration: Calibration
    roc: RocCurve
    pr: PrCurve
    decision: DecisionCurve
    dense_f1: float | None


class Evaluator:
    """Judges one network on labelled images."""

    def __init__(self, seed: int) -> None:
        """Resample with ``seed``."""
        self._seed = seed

    @staticmethod
    def probabilities(model: keras.Model, batches: EvaluationBatches) -> np.ndarray:
        """(n,) float64 probabilities in [0, 1], in the order of the batches.

        The network is called, not compiled: for some hundred images that would take longer.
        """
        answers = (model(batches[i][0], training=False) for i in range(len(batches)))
        parts = [ops.convert_to_numpy(answer) for answer in answers]
        return np.concatenate(parts).reshape(-1).astype(np.float64)

    @staticmethod
    def threshold(
        labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None = None
    ) -> Threshold:
        """The threshold of the best F1, to be chosen on validation only.

        Args:
            labels: (n,) 0 or 1.
            probabilities: (n,) in [0, 1].
            weights: (n,) above 0, how much an image counts; all alike without them.
        """
        value, f1 = statistics.best_f1_threshold(labels, probabilities, weights)
        return Threshold(value=value, rule=_rule(RULE, weights), validation_f1=round(f1, 6))

    @staticmethod
    def sensitive_threshold(
        labels: np.ndarray,
        probabilities: np.ndarray,
        at_most: float,
        weights: np.ndarray | None = None,
    ) -> Threshold:
        """The highest threshold that still finds nine of ten, to be chosen on validation only.

        It is never above ``at_most``, so that it finds no less than the threshold it stands beside.

        Args:
            labels: (n,) 0 or 1, a 1 among them.
            probabilities: (n,) in [0, 1].
            at_most: a threshold of 0.01 ... 0.99.
            weights: (n,) above 0, how much an image counts; all alike without them.
        """
        value, f1, found = statistics.sensitive_threshold(
            labels, probabilities, SENSITIVITY, at_most, weights
        )
        rule = _rule(SENSITIVE_RULE if found else MISSED_RULE, weights)
        return Threshold(value=value, rule=rule, validation_f1=round(f1, 6))

    def metrics(
        self,
        labels: np.ndarray,
        probabilities: np.ndarray,
        groups: np.ndarray,
        threshold: Threshold,
        weights: np.ndarray | None = None,
    ) -> Mapping[str, Estimate]:
        """Every metric with its 95 % interval over groups.

        Args:
            labels: (n,) 0 or 1, both present.
            probabilities: (n,) in [0, 1].
            groups: (n,) names.
            threshold: from which probability on the decision is positive.
            weights: (n,) above 0, how much an image counts; all alike without them.
        """
        return statistics.estimates(
            labels, probabilities, groups, threshold.value, self._seed, weights
        )

    def choose(self, validation: Predictions) -> Choices:
        """Both thresholds and the calibration; beside them that before compaction."""
        labels, found, weights = validation.labels, validation.probabilities, validation.weights
        threshold = self.threshold(labels, found, weights)
        return Choices(
            threshold=threshold,
            high_sensitivity=self.sensitive_threshold(labels, found, threshold.value, weights),
            platt=fit_platt(labels, found, weights),
            dense_threshold=dense_threshold(validation, threshold.value),
        )

    def judge(self, choices: Choices, validation: Predictions, test: Predictions) -> Judgement:
        """What follows from the choices; validation stands beside test for comparison only."""
        labels, found = test.labels, test.probabilities
        calibrated = choices.platt.calibrated(found)
        return Judgement(
            threshold=choices.threshold,
            metrics={
                "validation": self._metrics(validation, choices.threshold),
                "test": self._metrics(test, choices.threshold),
            },
            confusion=confusion(labels, found >= choices.threshold.value),
            high_sensitivity=self._high_sensitivity(choices.high_sensitivity, validation, test),
            calibration=self._calibration(choices.platt, test),
            roc=curves.roc(labels, found),
            pr=curves.precision_recall(labels, found),
            decision=curves.decision(labels, calibrated),
            dense_f1=_dense_f1(choices.dense_threshold, test),
        )

    def _metrics(self, part: Predictions, threshold: Threshold) -> Mapping[str, Estimate]:
        return self.metrics(part.labels, part.probabilities, part.groups, threshold, part.weights)

    def _high_sensitivity(
        self, threshold: Threshold, validation: Predictions, test: Predictions
    ) -> OperatingPoint:
        found = {"validation": validation, "test": test}
        metrics = {part: self._metrics(one, threshold) for part, one in found.items()}
        return OperatingPoint(
            title="High sensitivity",
            threshold=threshold,
            metrics={
                part: {name: estimates[name] for name in POINT_METRICS}
                for part, estimates in metrics.items()
            },
            confusion=confusion(test.labels, test.probabilities >= threshold.value),
        )

    def _calibration(self, platt: Platt, test: Predictions) -> Calibration:
        calibrated = platt.calibrated(test.probabilities)
        metrics = statistics.estimates(test.labels, calibrated, test.groups, 0.5, self._seed)
        return Calibration(
            method=METHOD,
            slope=platt.slope,
            intercept=platt.intercept,
            brier=metrics["brier"],
            before=reliability(test.labels, test.probabilities),
            after=reliability(test.labels, calibrated),
        )


def _rule(words: str, weights: np.ndarray | None) -> str:
    """A rule in words, which say so where not every image counts as one."""
    return words if weights is None or np.all(weights == 1.0) else words + WEIGHTED


def _dense_f1(threshold: float, test: Predictions) -> float | None:
    """F1 on the test images of the network before compaction; None where it is not known."""
    if test.dense is None:
        return None
    return round(statistics.f1(test.labels, test.dense >= threshold), 6)
