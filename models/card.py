"""ModelCard: everything a reader must know about a checkpoint, carried inside the checkpoint."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from models.catalogue import ModelKey, find_model
from models.errors import Refusal

FORMAT = 2
EPSILON = 1e-6  # how near to 0 and 1 a probability may come before its logit is taken
METRICS = ("accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "pr_auc", "brier")
POINT_METRICS = METRICS[:5]  # those that depend on a threshold
_PREPARED_SIDE = 224  # pixels
_GROUPS = dict.fromkeys(  # as earlier cards named it
    ("tissue microarray", "dated tissue microarray"), "tissue microarray and date"
)
_WORDS = (  # as earlier cards wrote percents, intervals and that group
    (re.compile(r"(?<=\d)%"), "\u00a0%"),
    (re.compile(r"(?<=\(\d\.\d\d)-(?=\d\.\d\d\))"), " to "),
    (re.compile(r"(?<= by )(dated )?tissue microarray(?=\))"), "tissue microarray and date"),
)


class InvalidCard(Refusal):
    title = "The model card cannot be used"
    action = "Publish the model again with `python -m pipelines publish`."


def _check(condition: bool, expected: str, received: object) -> None:
    if not condition:
        raise InvalidCard(expected=expected, received=str(received))


def _check_format(found: object) -> None:
    _check(found == FORMAT, f"a card of format {FORMAT}", found)


def _logit(probability: float) -> float:
    return math.log(probability / (1.0 - probability))


def _sigmoid(logit: float) -> float:
    return 0.5 * (1.0 + math.tanh(logit / 2.0))  # never overflows


def _check_parts(found: Mapping[str, Mapping[str, Any]], names: tuple[str, ...]) -> None:
    _check(set(found) == {"validation", "test"}, "validation and test", sorted(found))
    for part, metrics in found.items():
        _check(set(metrics) == set(names), f"metrics {names} of {part}", sorted(metrics))


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its 95 % interval; all three in [0, 1]."""

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        ordered = 0.0 <= self.low <= self.high <= 1.0 and 0.0 <= self.value <= 1.0
        _check(ordered, "0 <= low <= high <= 1 and 0 <= value <= 1", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The probability from which on a model says its positive label, and why that one."""

    value: float  # in (0, 1)
    rule: str  # "best F1 over 0.01 ... 0.99 on validation"
    validation_f1: float  # in [0, 1], at ``value``

    def __post_init__(self) -> None:
        _check(0.0 < self.value < 1.0, "a threshold between 0 and 1", self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusionMatrix:
    """Counts of test images at the threshold."""

    true_negative: int
    false_positive: int
    false_negative: int
    true_positive: int

    def __post_init__(self) -> None:
        _check(min(asdict(self).values()) >= 0, "counts of 0 or more", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RocCurve:
    """ROC on the test images, from (0, 0) to (1, 1); three tuples of one length."""

    false_positive_rate: tuple[float, ...]
    true_positive_rate: tuple[float, ...]
    thresholds: tuple[float, ...]  # falling; the first one is above every probability

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, item.name)) for item in fields(self)}
        _check(len(lengths) == 1 and lengths != {0}, "three curves of one length", lengths)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPoint:
    """One threshold on the model probability, why that one, and what follows from it."""

    title: str  # "Best F1"
    threshold: Threshold
    metrics: Mapping[str, Mapping[str, Estimate]]  # part -> POINT_METRICS -> estimate
    confusion: ConfusionMatrix

    def __post_init__(self) -> None:
        _check_parts(self.metrics, POINT_METRICS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrCurve:
    """Precision over recall on the test images, from recall 0 to 1; two tuples of one length."""

    recall: tuple[float, ...]  # rising
    precision: tuple[float, ...]

    def __post_init__(self) -> None:
        _check(len(self.recall) == len(self.precision) > 0, "two curves of one length", "others")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Test images in bins of rising probability: what was said, and what came true."""

    predicted: tuple[float, ...]  # mean probability of each bin, in [0, 1]
    observed: tuple[float, ...]  # share of positive images of each bin, in [0, 1]
    low: tuple[float, ...]  # Wilson's 95 % interval of ``observed``
    high: tuple[float, ...]
    count: tuple[int, ...]
    expected_error: float  # mean distance of predicted from observed, weighted by count

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, item.name)) for item in fields(self)[:5]}
        _check(len(lengths) == 1 and lengths != {0}, "five tuples of one length", lengths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How the model probability becomes a calibrated one, fitted on validation.

    Platt scaling: sigmoid(slope * logit(probability) + intercept).
    """

    method: str  # "Platt scaling on validation"
    slope: float  # above 0, so that the order of images stays
    intercept: float
    brier: Estimate  # test, after
    before: Reliability  # test
    after: Reliability  # test

    def __post_init__(self) -> None:
        _check(self.slope > 0.0, "a slope above 0", self.slope)

    def calibrated(self, probability: float) -> float:
        """The calibrated probability of a model probability, both in [0, 1]."""
        p = min(max(probability, EPSILON), 1.0 - EPSILON)
        return _sigmoid(self.slope * _logit(p) + self.intercept)

    def model_probability(self, calibrated: float) -> float:
        """The model probability that has a calibrated probability in (0, 1): the way back."""
        return _sigmoid((_logit(calibrated) - self.intercept) / self.slope)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCurve:
    """Net benefit on the test images by the calibrated probability from which one would act.

    Source: Vickers and Elkin, "Decision curve analysis", Medical Decision Making 26, 2006.
    """

    threshold: tuple[float, ...]  # calibrated probability, rising, in (0, 1)
    model: tuple[float, ...]  # net benefit of acting on the model's positives
    act_on_all: tuple[float, ...]  # net benefit of acting on every image; acting on none has 0

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, item.name)) for item in fields(self)}
        _check(len(lengths) == 1 and lengths != {0}, "three curves of one length", lengths)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSummary:
    """What the model learnt from and was tested on."""

    name: str  # "BUSI"
    citation: str
    terms: str
    unit: str  # what one row is: "image", "crop", "tile"
    group: str  # what never lies on two sides of the split: "patient"
    counts: Mapping[str, tuple[int, int]]  # part -> (negative, positive) images
    groups: Mapping[str, int]  # part -> groups
    split_file: str  # "models/splits/ultrasound.csv"
    split_sha256: str
    set_aside: tuple[str, ...]  # what was left out of the set, and why; one sentence each

    def __post_init__(self) -> None:
        parts = {"train", "validation", "test"}
        _check(set(self.counts) == parts, f"counts of {sorted(parts)}", sorted(self.counts))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSummary:
    """How the weights came about."""

    init: str  # "random", "imagenet", or the name and fingerprint of a checkpoint
    config: Mapping[str, Any]  # every field of the run's Config
    config_fingerprint: str
    epochs: int
    seconds: float
    parameters: int
    sparsity: float  # share of kernel weights that are zero in the shipped file, in [0, 1]
    dense_f1: float | None  # test F1 before compaction, where there was one to undo
    history: Mapping[str, tuple[float, ...]]  # "loss", "val_loss", "auc", "val_auc", ... per epoch
    stages: Mapping[str, int]  # stage -> its first epoch, counted from 1, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """The record that travels with the weights. An instance that exists is valid."""

    model: str  # the catalogue's slug
    labels: tuple[str, str]  # (negative, positive)
    fingerprint: str  # first 16 hexadecimal digits of the SHA-256 of the weights
    created: str  # ISO 8601 date
    threshold: Threshold
    metrics: Mapping[str, Mapping[str, Estimate]]  # "validation", "test" -> METRICS -> estimate
    confusion: ConfusionMatrix
    high_sensitivity: OperatingPoint  # beside ``threshold``, which is the one of the best F1
    calibration: Calibration
    roc: RocCurve
    pr: PrCurve
    decision: DecisionCurve
    data: DataSummary
    training: TrainingSummary
    versions: Mapping[str, str]  # package -> version, "python" among them
    limitations: tuple[str, ...]
    format: int = field(default=FORMAT)

    def __post_init__(self) -> None:
        _check_format(self.format)
        key = find_model(self.model)
        _check(self.labels == key.modality.labels, f"labels {key.modality.labels}", self.labels)
        _check_parts(self.metrics, METRICS)

    @property
    def best_f1(self) -> OperatingPoint:
        """The point of ``threshold``, which decides what the portal says."""
        return OperatingPoint(
            title="Best F1",
            threshold=self.threshold,
            metrics={
                part: {name: found[name] for name in POINT_METRICS}
                for part, found in self.metrics.items()
            },
            confusion=self.confusion,
        )

    @property
    def points(self) -> Mapping[str, OperatingPoint]:
        """The operating points by the name under which a page selects one, the default first."""
        return {"best-f1": self.best_f1, "high-sensitivity": self.high_sensitivity}

    @property
    def network_side(self) -> int:
        """Pixels to which the network itself reduces a side of the prepared image."""
        config = self.training.config
        return int(config.get("served_pixels") or config.get("pixels") or _PREPARED_SIDE)

    @property
    def key(self) -> ModelKey:
        """The catalogue's entry of this model."""
        return find_model(self.model)

    def to_json(self) -> str:
        """The card as JSON, one line."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The card of a JSON text.

        Raises:
            InvalidCard: the text is no JSON object, its format is another, or a field is
                missing, unknown or wrong.
        """
        try:
            raw = json.loads(text)
            _check_format(raw.get("format", "none"))  # first: another format has other fields
            return cls(**_revive(raw))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidCard(
                expected="a model card as JSON",
                received=f"something else ({type(error).__name__})",
            ) from error


def _tuples(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with its lists as tuples, as the dataclasses hold them."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _today(sentence: str) -> str:
    """A sentence of a card as one of today would have it."""
    for earlier, words in _WORDS:
        sentence = earlier.sub(words, sentence)
    return sentence


def _revive_point(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What a card and an operating point have in common."""
    return {
        "threshold": Threshold(**raw["threshold"]),
        "metrics": {
            part: {name: Estimate(**estimate) for name, estimate in metrics.items()}
            for part, metrics in raw["metrics"].items()
        },
        "confusion": ConfusionMatrix(**raw["confusion"]),
    }


def _revive(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The nested dataclasses of a parsed card."""
    data, training = _tuples(raw["data"]), _tuples(raw["training"])
    data["group"] = _GROUPS.get(data["group"], data["group"])
    return _tuples(raw) | {
        "limitations": tuple(_today(sentence) for sentence in raw["limitations"]),
        **_revive_point(raw),
        "high_sensitivity": OperatingPoint(
            title=raw["high_sensitivity"]["title"], **_revive_point(raw["high_sensitivity"])
        ),
        "calibration": Calibration(
            **raw["calibration"]
            | {
                "brier": Estimate(**raw["calibration"]["brier"]),
                "before": Reliability(**_tuples(raw["calibration"]["before"])),
                "after": Reliability(**_tuples(raw["calibration"]["after"])),
            }
        ),
        "roc": RocCurve(**_tuples(raw["roc"])),
        "pr": PrCurve(**_tuples(raw["pr"])),
        "decision": DecisionCurve(**_tuples(raw["decision"])),
        "data": DataSummary(**(data | {"counts": _tuples(data["counts"])})),
        "training": TrainingSummary(**(training | {"history": _tuples(training["history"])})),
    }
