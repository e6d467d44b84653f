"""Source images: what crops and tiles were cut from, and the intervals that drawing these gives."""

import re

import numpy as np

from models.paired_areas import FEW_GROUPS
from models.prediction_table import Predictions
from models.required_f1 import REQUIRED_F1
from pipelines.report import markdown
from pipelines.report.published import Models
from pipelines.resampling import RESAMPLES
from pipelines.statistics import estimates

_PLACE = re.compile(r"@\d+,\d+(#\d+)?$")  # as readers name what they cut: film@x,y#copy


def sources(found: Predictions) -> np.ndarray:
    """(n,) names of the images that these were cut from; one that is no cut is its own."""
    return np.array([_PLACE.sub("", name) for name in found.names])


def count_sources(models: Models) -> int:
    """How many images the test images of one modality were cut from."""
    return len(set(sources(next(iter(models.values())).test)))


def sources_section(models: Models) -> str:
    """Intervals by source image, where test groups are few and images more; empty elsewhere."""
    card, test = (first := next(iter(models.values()))).card, first.test
    groups, images = card.data.groups["test"], count_sources(models)
    if groups >= FEW_GROUPS or not groups < images < len(test.names):
        return ""
    found = {
        key: estimates(
            model.test.labels,
            model.test.probabilities,
            sources(model.test),
            model.card.threshold.value,
            int(model.card.training.config["seed"]),
        )
        for key, model in models.items()
    }
    above = [f"`{key.slug}`" for key in found if found[key]["f1"].low >= REQUIRED_F1]
    unit = card.data.unit
    words = (
        f"Draws of {groups} groups have few outcomes. The {len(test.names)} test {unit}s were cut "
        f"from {images} images: below, whole images are drawn in place of groups, "
        f"{markdown.count(RESAMPLES)} times, by the same seed. That takes images of a group "
        "for independent, which they need not be, so that these intervals, too, are rough "
        "and likely too narrow. Those of F1 lie "
        f"wholly above {REQUIRED_F1:.2f} for: {markdown.listed(above)}."
    )
    rows = (
        (key.short_title, markdown.estimate(each["f1"]), markdown.estimate(each["roc_auc"]))
        for key, each in found.items()
    )
    head = ("Model", "F1, by source image", "ROC AUC, by source image")
    return markdown.paragraphs(words, markdown.table(head, rows))
