"""Recipes: named sets of Config fields that go together."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pipelines.errors import InvalidConfig

REPORT: Mapping[str, Any] = MappingProxyType({})
"""The study's own recipe, Config's defaults: ImageNet weights, 224 pixels, Adam."""

SMALL_DATA: Mapping[str, Any] = MappingProxyType(
    {
        "precision": "mixed_bfloat16",
        "pixels": 112,
        "balance": "batches",
        "batch_norm_momentum": 0.9,
        "schedule": "cosine",
        "warmup_epochs": 1,
        "weight_decay": 1e-4,
        "label_smoothing": 0.05,
        "steps_per_epoch": 8,
        "epochs": 12,
        "frozen_epochs": 2,
        "unfrozen_epochs": 5,
        "learning_rate": 1e-3,
        "unfrozen_learning_rate": 5e-4,
        "sparsity": 0.90,
        "mantissa_bits": 2,
    }
)
"""For a few hundred images and no ImageNet weights, on a CPU: the shipped checkpoints' recipe.

Balanced batches, quick batch-norm averages, cosine decay, label smoothing; the backbone looks at
112 pixels; 90 % of the large kernels end at zero, so that the files stay small.
"""

RECIPES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"report": REPORT, "small-data": SMALL_DATA}
)

_OF_BACKBONE: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "resnet": {
            "learning_rate": 3e-4,
            "unfrozen_learning_rate": 1e-4,
            "adapt_batch_norm": True,
        },
        "vgg": {
            "batch_size": 16,
            "steps_per_epoch": 16,
            "small_epochs": 16,
            "epochs": 6,
            "learning_rate": 3e-4,
            "unfrozen_learning_rate": 2e-4,
        },
    }
)
"""What a backbone needs otherwise in SMALL_DATA.

ResNet50 leaves the rails at the others' rates, and
with the batch-norm averages of another modality. VGG16 has no batch normalisation and starts slowly
from random weights: it takes smaller steps, more of them, and most of them on small images.
"""


def recipe(name: str, backbone: str) -> dict[str, Any]:
    """The fields of a recipe for a backbone.

    Raises:
        InvalidConfig: there is no such recipe.
    """
    if name not in RECIPES:
        raise InvalidConfig(
            expected=f"a recipe: {', '.join(RECIPES)}",
            received=repr(name),
            action="Use one of the names listed.",
        )
    own = _OF_BACKBONE.get(backbone, {}) if name == "small-data" else {}
    return {**RECIPES[name], **own}
