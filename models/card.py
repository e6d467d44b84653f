"""ModelCard: everything a reader must know about a checkpoint, carried inside the checkpoint."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from models.catalogue import ModelKey, find_model
from models.errors import Refusal

FORMAT = 1
METRICS = ("accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "pr_auc", "brier")


class InvalidCard(Refusal):
    title = "The model card cannot be used"
    action = "Publish the model again with `python -m pipelines publish`."


def _check(condition: bool, expected: str, received: object) -> None:
    if not condition:
        raise InvalidCard(expected=expected, received=str(received))


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
    dense_f1: float | None  # test F1 before compaction, where it was measured
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
    roc: RocCurve
    data: DataSummary
    training: TrainingSummary
    versions: Mapping[str, str]  # package -> version, "python" among them
    limitations: tuple[str, ...]
    format: int = field(default=FORMAT)

    def __post_init__(self) -> None:
        _check(self.format == FORMAT, f"a card of format {FORMAT}", self.format)
        key = find_model(self.model)
        _check(self.labels == key.modality.labels, f"labels {key.modality.labels}", self.labels)
        _check(set(self.metrics) == {"validation", "test"}, "two parts", sorted(self.metrics))
        for part, metrics in self.metrics.items():
            _check(set(metrics) == set(METRICS), f"metrics {METRICS} of {part}", sorted(metrics))

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
            InvalidCard: the text is no JSON object, or a field is missing, unknown or wrong.
        """
        try:
            return cls(**_revive(json.loads(text)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidCard(expected="a model card as JSON", received=str(error)) from error


def _tuples(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with its lists as tuples, as the dataclasses hold them."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _revive(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The nested dataclasses of a parsed card."""
    data, training = _tuples(raw["data"]), _tuples(raw["training"])
    return _tuples(raw) | {
        "threshold": Threshold(**raw["threshold"]),
        "metrics": {
            part: {name: Estimate(**estimate) for name, estimate in metrics.items()}
            for part, metrics in raw["metrics"].items()
        },
        "confusion": ConfusionMatrix(**raw["confusion"]),
        "roc": RocCurve(**_tuples(raw["roc"])),
        "data": DataSummary(**(data | {"counts": _tuples(data["counts"])})),
        "training": TrainingSummary(**(training | {"history": _tuples(training["history"])})),
    }
