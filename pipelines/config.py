"""Config: everything that decides a run, frozen, with a fingerprint."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, Self, get_args, get_origin

from models.catalogue import BACKBONES, MODALITIES, STRATEGIES, ModelKey, find
from pipelines.errors import InvalidConfig

LARGEST_BATCH = 1024  # where memory ends, TensorFlow crashes and can refuse nothing
LATER: Mapping[str, object] = MappingProxyType({"final_rate_share": 0.05})
"""Fields that earlier runs did not have -> what they did: their fingerprints stay as they were."""


def _require(condition: bool, expected: str, received: object) -> None:
    if not condition:
        raise InvalidConfig(
            expected=expected, received=str(received), action="Correct this setting."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One training run. Its defaults are the recipe ``report``, for ImageNet weights.

    That is of the published study this one follows, see docs/method.md.

    Learning rates are per step of AdamW; epochs are counted in passes over ``steps_per_epoch``
    batches, or over all training images where that is None.
    """

    modality: str
    backbone: str
    strategy: str
    dataset: str
    seed: int = 11
    validation_share: float = 0.15  # of all groups
    test_share: float = 0.15
    limit: int | None = None  # most images per class; None takes all
    batch_size: int = 32
    steps_per_epoch: int | None = None
    balance: Literal["batches", "weights"] = "weights"
    init: str = "imagenet"  # "imagenet", "random", or a file
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    pixels: int = 224  # side at which the backbone looks; 112 and 56 halve the image
    served_pixels: int | None = None  # the same in the checkpoint; None: as in training
    batch_norm_momentum: float = 0.99
    keep_batch_norm: bool = False  # batch norms stay as the first weights have them
    epochs: int = 10  # initial
    frozen_epochs: int = 5  # finetuned: of the first stage
    unfrozen_epochs: int = 5  # finetuned: of the second stage
    learning_rate: float = 1e-4  # initial
    frozen_learning_rate: float = 1e-4  # finetuned: of the first stage
    unfrozen_learning_rate: float = 1e-5  # finetuned: of the second stage
    schedule: Literal["plateau", "cosine"] = "plateau"
    warmup_epochs: int = 0  # cosine only
    final_rate_share: float = 0.05  # of the learning rate, in the end; cosine only
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    early_stop: int = 5  # epochs without a better validation AUC; plateau only
    sparsity: float = 0.0  # share of every large kernel that is zero in the end
    compaction_epochs: int = 1  # after all others: zeros come, the rest recovers; 0: at the start
    mantissa_bits: int = 23  # of the large kernels in the file; 23 keeps float32 as it is

    def __post_init__(self) -> None:
        find(MODALITIES, self.modality, "modality")
        find(BACKBONES, self.backbone, "backbone")
        find(STRATEGIES, self.strategy, "strategy")
        for name, kind in self.__annotations__.items():
            if get_origin(kind) is Literal:
                one_of = f"{name} to be one of {', '.join(get_args(kind))}"
                _require(getattr(self, name) in get_args(kind), one_of, getattr(self, name))
        shares = self.validation_share + self.test_share
        _require(0 < self.validation_share < 1, "validation_share in (0, 1)", self.validation_share)
        _require(0 < self.test_share < 1, "test_share in (0, 1)", self.test_share)
        _require(shares < 0.8, "more than 20 % of the groups for training", f"{1 - shares:.0%}")
        _require(
            2 <= self.batch_size <= LARGEST_BATCH and self.batch_size % 2 == 0,
            f"an even batch_size from 2 to {LARGEST_BATCH}",
            self.batch_size,
        )
        _require(self.pixels in (224, 112, 56), "pixels of 224, 112 or 56", self.pixels)
        _require(
            self.served_pixels is None or self.pixels <= self.served_pixels <= 224,
            f"served_pixels from {self.pixels} to 224",
            self.served_pixels,
        )
        for name in (
            "epochs",
            "frozen_epochs",
            "unfrozen_epochs",
            "early_stop",
        ):
            _require(getattr(self, name) >= 1, f"{name} of 1 or more", getattr(self, name))
        for name in ("limit", "steps_per_epoch"):
            value = getattr(self, name)
            _require(value is None or value >= 1, f"{name} of 1 or more", value)
        _require(
            0 <= self.weight_decay < math.inf,
            "a finite weight_decay of 0 or more",
            self.weight_decay,
        )
        for name in ("seed", "warmup_epochs", "compaction_epochs"):
            _require(getattr(self, name) >= 0, f"{name} of 0 or more", getattr(self, name))
        _require(self.seed < 2**32, "a seed below 4,294,967,296", self.seed)
        _require(
            0 < self.final_rate_share <= 1, "final_rate_share in (0, 1]", self.final_rate_share
        )
        for name in ("sparsity", "label_smoothing", "batch_norm_momentum"):
            _require(0.0 <= getattr(self, name) < 1.0, f"{name} in [0, 1)", getattr(self, name))
        _require(1 <= self.mantissa_bits <= 23, "mantissa_bits in 1..23", self.mantissa_bits)
        for name in ("learning_rate", "frozen_learning_rate", "unfrozen_learning_rate"):
            value = getattr(self, name)
            _require(0 < value < math.inf, f"a finite {name} above 0", value)

    @property
    def key(self) -> ModelKey:
        """The catalogue's model that this run trains."""
        return ModelKey(
            backbone=BACKBONES[self.backbone],
            modality=MODALITIES[self.modality],
            strategy=STRATEGIES[self.strategy],
        )

    @property
    def unread(self) -> frozenset[str]:
        """The fields that this run has no use for."""
        cosine = self.schedule == "cosine"
        names = {"early_stop"} if cosine else {"warmup_epochs", "final_rate_share"}
        if self.key.strategy.staged:
            names |= {"epochs", "learning_rate"}
        else:
            names |= {"frozen_epochs", "unfrozen_epochs"}
            names |= {"frozen_learning_rate", "unfrozen_learning_rate"}
        return frozenset(names if self.sparsity else names | {"compaction_epochs"})

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of the SHA-256 of all fields, those of `LATER` only if changed."""
        told = self.to_dict()
        for name, before in LATER.items():
            if told[name] == before:
                del told[name]
        return hashlib.sha256(_as_json(told).encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """All fields, as JSON can hold them."""
        return asdict(self)

    def to_json(self) -> str:
        """All fields as JSON with sorted keys."""
        return _as_json(self.to_dict())

    def changed(self, **fields: Any) -> Self:
        """A copy with other values; names the fields there are when one is unknown.

        Raises:
            InvalidConfig: a field is unknown, or a value is out of its range.
        """
        unknown = set(fields) - set(self.__dataclass_fields__)
        _require(
            not unknown,
            f"fields {', '.join(self.__dataclass_fields__)}",
            ", ".join(sorted(unknown)),
        )
        return replace(self, **fields)


def _as_json(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, indent=1, sort_keys=True)
