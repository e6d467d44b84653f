"""Small stand-ins for what is large or slow: cards, checkpoints, uploads."""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models import checkpoint, precision, prediction_table
from models.appearance import appearance
from models.card import (
    METRICS,
    POINT_METRICS,
    Calibration,
    ConfusionMatrix,
    DataSummary,
    DecisionCurve,
    Estimate,
    ModelCard,
    OperatingPoint,
    PrCurve,
    Reliability,
    RocCurve,
    Threshold,
    TrainingSummary,
)
from models.catalogue import MODALITIES, ModelKey, model_keys
from models.gate import Gate, Profile, Share
from models.mask_agreement import AgreementRecord, MaskAgreement, ModelAgreement
from models.precision import LOWER, PROBES, Moves, PrecisionRecord, Quantisation
from models.prediction_table import PARTS, Predictions
from models.subgroup_table import Attribute, SubgroupTable
from tests.sums import write_sums

FINGERPRINT = "0123456789abcdef"


def fake_card(
    key: ModelKey, *, threshold: float = 0.41, fingerprint: str = FINGERPRINT
) -> ModelCard:
    """A valid card with made-up numbers."""
    estimate = Estimate(value=0.90, low=0.81, high=0.96)
    metrics = dict.fromkeys(METRICS, estimate)
    return ModelCard(
        model=key.slug,
        labels=key.modality.labels,
        fingerprint=fingerprint,
        created="2026-01-31",
        threshold=Threshold(
            value=threshold, rule="best F1 over 0.01 ... 0.99 on validation", validation_f1=0.88
        ),
        metrics={"validation": metrics, "test": metrics},
        confusion=ConfusionMatrix(
            true_negative=47, false_positive=12, false_negative=3, true_positive=26
        ),
        high_sensitivity=_fake_high_sensitivity(threshold / 2),
        calibration=_fake_calibration(),
        pr=PrCurve(recall=(0.0, 0.5, 0.9, 1.0), precision=(1.0, 1.0, 0.7, 0.33)),
        decision=DecisionCurve(
            threshold=(0.1, 0.3, 0.5), model=(0.29, 0.26, 0.2), act_on_all=(0.26, 0.05, -0.33)
        ),
        roc=RocCurve(
            false_positive_rate=(0.0, 0.0, 0.2, 1.0),
            true_positive_rate=(0.0, 0.5, 0.9, 1.0),
            thresholds=(2.0, 0.8, 0.41, 0.0),
        ),
        data=DataSummary(
            name="Made-up images",
            citation="Nobody, nowhere, 2026",
            terms="free for tests",
            unit="image",
            group="patient",
            counts={"train": (275, 132), "validation": (59, 28), "test": (59, 29)},
            groups={"train": 380, "validation": 80, "test": 82},
            split_file=f"models/splits/{key.modality.key}.csv",
            split_sha256="0" * 64,
            set_aside=("Two images were left out: they carried both labels.",),
        ),
        training=TrainingSummary(
            init="random",
            config={"epochs": 4, "seed": 1},
            config_fingerprint=FINGERPRINT,
            epochs=4,
            seconds=61.5,
            parameters=1234,
            sparsity=0.8,
            dense_f1=0.87,
            history={
                "loss": (0.69, 0.60, 0.52, 0.45),
                "val_loss": (0.68, 0.62, 0.57, 0.55),
                "auc": (0.55, 0.70, 0.80, 0.88),
                "val_auc": (0.54, 0.66, 0.75, 0.79),
            },
            stages={"head": 1, "blocks": 3} if key.strategy.staged else {"all": 1},
        ),
        versions={"python": "3.11.9", "keras": "3.15.1"},
        limitations=("These numbers are made up for tests.",),
    )


def with_own_numbers(card: ModelCard) -> ModelCard:
    """The card with another number for each metric of each part, so that none stands for another.

    They are whole percents, each with an interval of a percent to either side.
    """
    percents = iter(range(20, 98, 3))

    def own(names: Iterable[str]) -> dict[str, dict[str, Estimate]]:
        return {part: {name: _around(next(percents)) for name in names} for part in PARTS}

    sensitive = replace(card.high_sensitivity, metrics=own(POINT_METRICS))
    return replace(card, metrics=own(METRICS), high_sensitivity=sensitive)


def _around(percent: int) -> Estimate:
    return Estimate(value=percent / 100, low=(percent - 1) / 100, high=(percent + 1) / 100)


def _fake_high_sensitivity(threshold: float) -> OperatingPoint:
    metrics = dict.fromkeys(POINT_METRICS, Estimate(value=0.80, low=0.71, high=0.88))
    metrics["recall"] = Estimate(value=0.97, low=0.90, high=1.0)
    metrics["specificity"] = Estimate(value=0.54, low=0.41, high=0.68)
    return OperatingPoint(
        title="High sensitivity",
        threshold=Threshold(
            value=threshold,
            rule="highest threshold with sensitivity >= 0.90 on validation",
            validation_f1=0.70,
        ),
        metrics={"validation": metrics, "test": metrics},
        confusion=ConfusionMatrix(
            true_negative=32, false_positive=27, false_negative=1, true_positive=28
        ),
    )


def _fake_calibration() -> Calibration:
    before = Reliability(
        predicted=(0.1, 0.5, 0.9),
        observed=(0.05, 0.30, 0.80),
        low=(0.01, 0.15, 0.62),
        high=(0.18, 0.50, 0.91),
        count=(30, 29, 29),
        expected_error=0.116,
    )
    return Calibration(
        method="Platt scaling on validation",
        slope=0.8,
        intercept=-0.5,
        brier=Estimate(value=0.12, low=0.08, high=0.16),
        before=before,
        after=before,
    )


_NEGATIVE = [0.05] * 16 + [0.15] * 16 + [0.25] * 7 + [0.305] + [0.38] * 7 + [0.55] * 7 + [0.57] * 5
_POSITIVE = [0.10, 0.30, 0.31] + [0.42 + 0.02 * step for step in range(26)]


def fake_predictions(key: ModelKey) -> Mapping[str, Predictions]:
    """Predictions that fit ``fake_card``; models differ in which image has which probability.

    Of 59 negative and 29 positive test images, 12 and 26 are called positive at 0.41, 27 and 28
    at 0.205, and 1540 of the 1711 pairs are in order.
    """
    seed = [each.slug for each in model_keys()].index(key.slug)
    return {part: _fake_part(part, np.random.default_rng(seed)) for part in PARTS}


def _fake_part(part: str, random: np.random.Generator) -> Predictions:
    negative, positive = random.permutation(_NEGATIVE), random.permutation(_POSITIVE)
    positive = positive[: 29 if part == "test" else 28]
    labels = np.repeat(np.array([0, 1], np.uint8), (len(negative), len(positive)))
    return Predictions(
        names=tuple(f"{part} {index}.png" for index in range(len(labels))),
        labels=labels,
        groups=np.array([f"patient {part} {min(index, 81)}" for index in range(len(labels))]),
        weights=np.ones(len(labels)),
        probabilities=np.append(negative, positive).astype(np.float32).astype(np.float64),
    )


def write_predictions(folder: Path, keys: Iterable[ModelKey] | None = None) -> Path:
    """The fake predictions of some models, or of all, as they are published."""
    for key in model_keys() if keys is None else keys:
        path = folder / key.checkpoint.with_suffix(".csv")
        prediction_table.write(path, fake_predictions(key))
    return folder


def fake_subgroups(modality: str) -> SubgroupTable:
    """A valid table of the images of ``fake_predictions``: every other film is dense."""
    key = next(key for key in model_keys() if key.modality.key == modality)
    return SubgroupTable(
        modality=modality,
        data="Made-up images",
        split_sha256="0" * 64,
        attributes=(
            Attribute(
                key="density",
                title="Density of nothing",
                explanation="It was made up for tests.",
                values=("fatty", "dense"),
            ),
            Attribute(
                key="kind", title="Kind of nothing", explanation="The same.", values=("one", "two")
            ),
        ),
        images={
            part: {
                name: {"density": ("fatty", "dense")[index % 2], "kind": ("one", "")[index > 2]}
                for index, name in enumerate(found.names)
            }
            for part, found in fake_predictions(key).items()
        },
    )


def write_subgroups(folder: Path) -> Path:
    """The fake table of every modality."""
    for modality in MODALITIES:
        fake_subgroups(modality).write(folder)
    return folder


def fake_agreement(key: ModelKey, fingerprint: str = FINGERPRINT) -> AgreementRecord:
    """A valid record with made-up numbers: above chance for the positive label only."""
    shares = {"pointing_elsewhere": 0.2, "middle": 0.5, "energy_elsewhere": 0.15, "area": 0.1}
    good = MaskAgreement(
        images=30,
        silent=1,
        pointed=21,
        pointing=Estimate(value=0.70, low=0.52, high=0.83),
        energy=Estimate(value=0.31, low=0.25, high=0.38),
        **shares,
    )
    poor = MaskAgreement(
        images=50,
        silent=0,
        pointed=8,
        pointing=Estimate(value=0.16, low=0.08, high=0.29),
        energy=Estimate(value=0.14, low=0.11, high=0.17),
        **shares,
    )
    negative, positive = key.modality.labels
    measured = ModelAgreement(fingerprint=fingerprint, by_label={positive: good, negative: poor})
    return AgreementRecord(
        modality=key.modality.key,
        data="Made-up images",
        split_sha256="0" * 64,
        models={key.slug: measured},
    )


@cache
def tiny_model(seed: int) -> Any:
    """A small Keras model from an image to a probability; each seed answers differently."""
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((224, 224, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 8, strides=8, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    random = np.random.default_rng(seed)
    kernel, dense = random.normal(0, 0.3, (8, 8, 3, 4)), random.normal(0, 3, (4, 1))
    model.set_weights([kernel, np.zeros(4), dense, np.zeros(1)])
    return model


def write_checkpoints(
    folder: Path,
    keys: Iterable[ModelKey] | None = None,
    changed: Callable[[ModelCard], ModelCard] = lambda card: card,
) -> Path:
    """Valid small checkpoints of some models, or of all, and their list of checksums."""
    order = {key.slug: seed for seed, key in enumerate(model_keys())}
    for key in model_keys() if keys is None else keys:
        model = tiny_model(order[key.slug])
        fingerprint = checkpoint.fingerprint(model)
        card = fake_card(key, fingerprint=fingerprint)
        checkpoint.write(model, changed(card), folder / key.checkpoint)
    folder.mkdir(parents=True, exist_ok=True)
    write_sums(folder)
    return folder


def write_precisions(checkpoints: Path, key: ModelKey, *, largest: float = 0.0) -> None:
    """A made-up record of a checkpoint: how far its answers move, whatever the precision."""
    path = checkpoints / key.checkpoint
    moves = Moves(images=200, largest=largest, changed=0, probes=(0.5,) * PROBES)
    record = PrecisionRecord(
        fingerprint=checkpoint.read_card(path).fingerprint,
        quantisation=Quantisation(ranges={}, shift=0.0),
        moves=dict.fromkeys(LOWER, moves),
    )
    precision.write(path, record)


def fake_gate(modality: str, *, threshold: float = 1e6, **changed: Any) -> Gate:
    """A valid gate with made-up numbers that lets every image pass but blank ones."""
    numbers = appearance(pixels())
    identity = np.eye(len(numbers)).tolist()
    profile = Profile(
        name="image",
        images=270,
        mean=tuple(numbers.values()),
        spread=(1.0,) * len(numbers),
        inverse=tuple(map(tuple, identity)),
        reach=1.0,
    )
    fields: dict[str, Any] = {
        "modality": modality,
        "names": tuple(numbers),
        "profiles": (profile,),
        "threshold": threshold,
        "rule": "made up for tests",
        "coloured": (0.0, 1.0),
        "least_side": 1,
        "training": tuple(step / 25 for step in range(21)),
        "training_colour": (0.0, 0.9),
        "split_sha256": "0" * 64,
        "held_out": {"image": Share(refused=2, total=88, low=0.006, high=0.079)},
        "foreign": {"photograph": Share(refused=39, total=40, low=0.871, high=0.996)},
        "aside": {},
        "created": "2026-01-31",
    }
    return Gate(**fields | changed)


def write_gates(folder: Path, **changed: Any) -> Path:
    """A fake gate for every modality."""
    folder.mkdir(parents=True, exist_ok=True)
    for modality in MODALITIES:
        gate = fake_gate(modality, **changed)
        (folder / Gate.place(modality)).write_text(gate.to_json(), "utf-8")
    return folder


def pixels(seed: int = 1, size: tuple[int, int] = (160, 120)) -> np.ndarray:
    """A smooth coloured picture with noise, (height, width, 3) uint8; ``size`` is width, height."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    picture = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
    noise = random.integers(-20, 21, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def film(seed: int = 1, size: tuple[int, int] = (900, 700)) -> np.ndarray:
    """A picture whose left third is black, (height, width, 3) uint8; gray, as films are."""
    gray = 60 + pixels(seed, size)[:, :, :1] // 2
    gray[:, : size[0] // 3] = 0
    return np.repeat(gray, 3, axis=2)


def encoded(picture: np.ndarray, file_format: str = "PNG", **options: Any) -> bytes:
    """Pixels as the bytes of an image file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format=file_format, **options)
    return buffer.getvalue()


def of_scans(jpeg: bytes, count: int) -> bytes:
    """A JPEG file whose last scan is repeated until it has ``count``."""
    start, end = jpeg.rindex(b"\xff\xda"), jpeg.rindex(b"\xff\xd9")
    missing = count - jpeg.count(b"\xff\xda")
    return jpeg[:end] + jpeg[start:end] * missing + jpeg[end:]


def png(seed: int = 1) -> bytes:
    """A small upload; each seed is another picture."""
    return encoded(pixels(seed))
