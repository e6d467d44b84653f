"""Recipes: named sets of Config fields that go together."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pipelines.errors import InvalidConfig

REPORT: Mapping[str, Any] = MappingProxyType({})
"""That of the published study this one follows, Config's defaults; see docs/method.md.

ImageNet weights, 224 pixels, AdamW without weight decay, which is Adam.
"""

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
        "keep_batch_norm": True,
        "steps_per_epoch": 12,
        "epochs": 8,
        "frozen_epochs": 2,
        "unfrozen_epochs": 6,
        "compaction_epochs": 0,
        "learning_rate": 2e-4,
        "frozen_learning_rate": 3e-4,
        "unfrozen_learning_rate": 1e-4,
        "sparsity": 0.85,
        "mantissa_bits": 3,
    }
)
"""For a few hundred images, from a trunk, on a CPU: the shipped checkpoints' recipe.

Balanced batches, cosine decay, label smoothing; the backbone looks at 112 pixels; both strategies
take 8 epochs of 12 batches. Batch norms stay as the trunk has them: one of all modalities
learns from batches of all three, and one modality's averages would change all that it sees. 85 % of
the large kernels are zero from the first step on, as in the trunk, so that the files stay small.
"""

RECIPES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"report": REPORT, "small-data": SMALL_DATA}
)

_OF_BACKBONE: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "densenet": {"mantissa_bits": 7},
        "resnet": {"sparsity": 0.88},
        "vgg": {
            "learning_rate": 1e-4,
            "unfrozen_learning_rate": 5e-5,
            "sparsity": 0.75,
        },
    }
)
"""What a backbone needs otherwise in SMALL_DATA.

DenseNet121 has the fewest weights, so that there is room for more bits: with seven, validation
images of tissue have the threshold that they had before rounding. ResNet50 has three times as many,
so that more of them can be zero. VGG16 has no batch normalisation: it takes smaller steps, and
forgets what it knew when most of its weights become zero.
"""


_SERVED: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {"vgg": {"mammography": 144, "ultrasound": 144}}
)
"""backbone -> modality -> the side at which its models look in the end.

Training shows parts of these images, enlarged by up to a third, so that a whole one shows all
smaller than it was learnt. Source: Touvron et al., "Fixing the train-test resolution discrepancy",
2019. Which models gain was found on validation images; see docs/method.md.
"""


def recipe(name: str, backbone: str, modality: str | None = None) -> dict[str, Any]:
    """The fields of a recipe for a backbone.

    Args:
        name: one of ``RECIPES``.
        backbone: the catalogue's key.
        modality: the same, of a model; a trunk serves all and has none.

    Raises:
        InvalidConfig: there is no such recipe.
    """
    if name not in RECIPES:
        raise InvalidConfig(
            expected=f"a recipe: {', '.join(RECIPES)}",
            received=repr(name),
            action="Use one of the names listed.",
        )
    if name != "small-data":
        return dict(RECIPES[name])
    served = {"served_pixels": _SERVED.get(backbone, {}).get(modality or "")}
    return {**RECIPES[name], **_OF_BACKBONE.get(backbone, {}), **served}
