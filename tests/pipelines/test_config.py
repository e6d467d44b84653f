import json
import re
from dataclasses import FrozenInstanceError, fields
from typing import Any, Literal, get_args, get_origin

import pytest

from models.catalogue import MODALITIES, ModelKey, UnknownEntry, model_keys
from pipelines.config import Config
from pipelines.errors import InvalidConfig
from tests.pipelines.small import config, config_of

BAD = [
    ("validation_share", 0.0),
    ("validation_share", 1.0),
    ("test_share", 0.0),
    ("test_share", -0.1),
    ("test_share", 0.7),
    ("limit", 0),
    ("batch_size", 0),
    ("batch_size", 7),
    ("batch_size", 1026),
    ("steps_per_epoch", 0),
    ("balance", "scales"),
    ("precision", "float8"),
    ("pixels", 0),
    ("pixels", 100),
    ("pixels", 448),
    ("served_pixels", 55),  # fewer than in training
    ("served_pixels", 225),
    ("batch_norm_momentum", 1.0),
    ("epochs", 0),
    ("frozen_epochs", 0),
    ("unfrozen_epochs", 0),
    ("compaction_epochs", -1),
    ("learning_rate", 0.0),
    ("learning_rate", float("nan")),
    ("learning_rate", float("inf")),
    ("frozen_learning_rate", 0.0),
    ("frozen_learning_rate", float("inf")),
    ("unfrozen_learning_rate", -1e-4),
    ("unfrozen_learning_rate", float("inf")),
    ("schedule", "whenever"),
    ("warmup_epochs", -1),
    ("final_rate_share", 0.0),
    ("final_rate_share", 1.01),
    ("final_rate_share", float("nan")),
    ("weight_decay", -1.0),
    ("weight_decay", float("inf")),
    ("label_smoothing", 1.0),
    ("early_stop", 0),
    ("sparsity", 1.0),
    ("sparsity", -0.1),
    ("seed", 2**32),
    ("mantissa_bits", 0),
    ("mantissa_bits", 24),
    ("seed", -1),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_value_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(InvalidConfig, match="The configuration is not valid") as refusal:
        config().changed(**{name: value})
    if name != "test_share" or value != 0.7:
        assert name in refusal.value.expected
        assert refusal.value.received == str(value)


def test_shares_that_leave_too_little_for_training_are_refused() -> None:
    with pytest.raises(
        InvalidConfig, match="more than 20 % of the groups for training; received 15%"
    ):
        config(test_share=0.7, validation_share=0.15)


@pytest.mark.parametrize("kind", ["modality", "backbone", "strategy"])
def test_an_entry_that_is_not_in_the_catalogue_is_refused_with_those_that_are(kind: str) -> None:
    with pytest.raises(UnknownEntry, match=f"a {kind}: .*'palmistry'"):
        config(**{kind: "palmistry"})
    assert len(MODALITIES) > 1


def test_an_unknown_field_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidConfig, match=r"learning_rate.*received leaning_rate"):
        config().changed(leaning_rate=1e-3)


def test_a_configuration_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        config().epochs = 3


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_a_configuration_knows_its_model(key: ModelKey) -> None:
    assert config_of(key).key == key


def other_value(name: str, value: Any, kind: Any) -> Any:
    """Another valid value of a field."""
    if isinstance(value, bool):
        return not value
    entries = {"modality": "mammography", "backbone": "resnet", "strategy": "finetuned"}
    if name in entries:
        return entries[name]
    if get_origin(kind) is Literal:
        return next(choice for choice in get_args(kind) if choice != value)
    if isinstance(value, str):
        return f"{value}2"
    if isinstance(value, float):
        return value * 0.5 + 1e-3
    valid = {"batch_size": 6, "pixels": 112, "served_pixels": 224, "mantissa_bits": 9}
    return valid.get(name, (value or 0) + 1)


@pytest.mark.parametrize("field", fields(Config), ids=lambda field: field.name)
def test_the_fingerprint_depends_on_every_field(field: Any) -> None:
    plain = config(pixels=224)
    other = plain.changed(
        **{field.name: other_value(field.name, getattr(plain, field.name), field.type)}
    )
    assert re.fullmatch("[0-9a-f]{16}", plain.fingerprint)
    assert other.fingerprint != plain.fingerprint
    assert config(pixels=224).fingerprint == plain.fingerprint


def test_a_field_that_came_later_leaves_the_fingerprints_of_before() -> None:
    """The one of these settings from before there was ``final_rate_share``."""
    assert config().fingerprint == "c5c1e5d8aaec5dbf"


def test_a_file_from_before_a_field_is_read_with_its_default() -> None:
    plain = config(schedule="cosine")
    before = {name: value for name, value in plain.to_dict().items() if name != "final_rate_share"}
    assert Config(**json.loads(json.dumps(before))) == plain


def test_a_configuration_survives_its_file() -> None:
    plain = config(strategy="finetuned", sparsity=0.5)
    assert Config(**json.loads(plain.to_json())) == plain


def test_the_defaults_are_those_of_the_report() -> None:
    plain = Config(modality="ultrasound", backbone="vgg", strategy="finetuned", dataset="ubi")
    assert (plain.validation_share, plain.test_share) == (0.15, 0.15)
    assert (plain.init, plain.pixels, plain.batch_size) == ("imagenet", 224, 32)
    assert (plain.frozen_epochs, plain.unfrozen_epochs) == (5, 5)
    assert (plain.learning_rate, plain.unfrozen_learning_rate) == (1e-4, 1e-5)
    assert (plain.schedule, plain.early_stop) == ("plateau", 5)
    assert plain.final_rate_share == 0.05
    assert (plain.sparsity, plain.mantissa_bits) == (0.0, 23)
