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
        "adapt_batch_norm": True,
        "steps_per_epoch": 12,
        "epochs": 8,
        "frozen_epochs": 2,
        "unfrozen_epochs": 6,
        "compaction_epochs": 0,
        "learning_rate": 3e-4,
        "frozen_learning_rate": 1e-3,
        "unfrozen_learning_rate": 3e-4,
        "sparsity": 0.85,
        "mantissa_bits": 3,
    }
)
"""For a few hundred images, from a trunk, on a CPU: the shipped checkpoints' recipe.

Balanced batches, quick batch-norm averages, cosine decay, label smoothing; the backbone looks at
112 pixels; both strategies take 8 epochs of 12 batches, or 16 in mammography. 85 % of the large
kernels are zero from the first step on, as in the trunk, so that the files stay small.
"""

RECIPES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"report": REPORT, "small-data": SMALL_DATA}
)

_OF_BACKBONE: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "resnet": {"learning_rate": 2e-4, "unfrozen_learning_rate": 2e-4, "sparsity": 0.88},
        "vgg": {
            "learning_rate": 1e-4,
            "unfrozen_learning_rate": 1e-4,
            "sparsity": 0.65,
            "mantissa_bits": 2,
        },
    }
)
"""What a backbone needs otherwise in SMALL_DATA.

ResNet50 leaves the rails at DenseNet121's rates; it has three times the weights, so that more of
them can be zero. VGG16 has no batch normalisation: it takes small steps, and forgets what it knew
when most of its weights become zero; one bit of mantissa less makes up for the size.
"""


_OF_MODALITY: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"mammography": {"epochs": 16, "unfrozen_epochs": 14}}
)
"""What a modality needs otherwise in SMALL_DATA: regions of films are learnt most slowly."""


def recipe(name: str, backbone: str, modality: str | None = None) -> dict[str, Any]:
    """The fields of a recipe for a backbone, and for a modality where one is meant.

    Raises:
        InvalidConfig: there is no such recipe.
    """
    if name not in RECIPES:
        raise InvalidConfig(
            expected=f"a recipe: {', '.join(RECIPES)}",
            received=repr(name),
            action="Use one of the names listed.",
        )
    if RECIPES[name] is not SMALL_DATA:
        return dict(RECIPES[name])
    return {**SMALL_DATA, **_OF_BACKBONE.get(backbone, {}), **_OF_MODALITY.get(modality or "", {})}
