"""The worst mistakes: test images that a model called wrong with the most confidence."""

from dataclasses import dataclass

import numpy as np

from models.catalogue import ModelKey
from pipelines.report import markdown
from pipelines.report.published import Models, Published

SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One test image that a model called wrong."""

    image: str
    group: str
    label: int
    probability: float  # of the positive label, as the model gives it
    confidence: float  # calibrated probability of the wrong label
    missed_by: int  # of all models of the modality


def worst(models: Models, key: ModelKey, count: int = SHOWN) -> tuple[Mistake, ...]:
    """A model's mistakes on its test images, the most confident first."""
    chosen = models[key]
    confidence = wrong_confidence(chosen)
    missed_by = np.sum([wrong(each) for each in models.values()], axis=0)
    order = sorted(np.flatnonzero(wrong(chosen)), key=lambda i: (-confidence[i], i))
    test = chosen.test
    return tuple(
        Mistake(
            image=str(test.names[i]),
            group=str(test.groups[i]),
            label=int(test.labels[i]),
            probability=float(test.probabilities[i]),
            confidence=float(confidence[i]),
            missed_by=int(missed_by[i]),
        )
        for i in order[:count]
    )


def wrong(model: Published) -> np.ndarray:
    """(n,) whether the model calls each test image wrong at its threshold."""
    called = model.test.probabilities >= model.card.threshold.value
    return np.asarray(called != (model.test.labels == 1))


def wrong_confidence(model: Published) -> np.ndarray:
    """(n,) calibrated probability that the model gives to the label that is not the image's."""
    calibrated = np.array([model.card.calibration.calibrated(p) for p in model.test.probabilities])
    return np.where(model.test.labels == 1, 1.0 - calibrated, calibrated)


def mistakes_section(models: Models, key: ModelKey) -> str:
    """The worst mistakes of one model as text and a table."""
    chosen = models[key]
    found = worst(models, key)
    if not found:
        return "It calls every test image right."
    truths = key.modality.spared, key.modality.found
    rows = (
        (
            f"`{each.image}`",
            f"`{each.group}`",
            truths[each.label],
            f"{each.probability:.3f}",
            f"{each.confidence:.3f}",
            f"{each.missed_by} of {len(models)}",
        )
        for each in found
    )
    head = (
        "Image",
        "Group",
        "Truth",
        "Model probability",
        "Calibrated probability of the wrong label",
        "Missed by",
    )
    words = (
        f"{int(wrong(chosen).sum())} of {len(chosen.test.labels)} test {chosen.card.data.unit}s "
        f"are called wrong at the threshold of {chosen.card.threshold.value:.2f}; these are the "
        "most confident ones, by calibrated probability."
    )
    all_miss = int(np.all([wrong(each) for each in models.values()], axis=0).sum())
    unit = chosen.card.data.unit.capitalize()
    shared = f"{unit}s that all {len(models)} models call wrong: {all_miss}."
    return markdown.paragraphs(words, markdown.table(head, rows), shared if len(models) > 1 else "")
