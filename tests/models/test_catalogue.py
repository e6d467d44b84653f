"""The catalogue: what it lists, and what it derives."""

from dataclasses import replace

import pytest

from models.catalogue import (
    BACKBONES,
    MODALITIES,
    STRATEGIES,
    ModelKey,
    UnknownEntry,
    cohorts,
    find,
    find_model,
    model_keys,
)
from models.foreground import film_mask
from models.specs import AugmentationSpec, BackboneSpec, ModalitySpec, RegionSpec


def test_every_combination_is_one_model() -> None:
    keys = model_keys()
    assert len(keys) == len(MODALITIES) * len(BACKBONES) * len(STRATEGIES)
    assert len({key.slug for key in keys}) == len(keys)
    assert len({key.checkpoint for key in keys}) == len(keys)


def test_the_missions_models_are_there() -> None:
    assert {"mammography", "ultrasound", "histopathology"} <= set(MODALITIES)
    assert {"resnet", "vgg", "densenet"} <= set(BACKBONES)
    assert set(STRATEGIES) == {"initial", "finetuned"}
    assert find_model("vgg_ultrasound_finetuned").title == (
        "VGG16, ultrasound, progressive fine-tuning"
    )


def test_cohorts_hold_every_model_once() -> None:
    held = [key for cohort in cohorts() for key in cohort.keys]
    assert held == list(model_keys())
    for cohort in cohorts():
        assert {key.backbone for key in cohort.keys} == set(BACKBONES.values())


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_a_slug_leads_back_to_its_model(key: ModelKey) -> None:
    assert find_model(key.slug) == key
    assert key.slug == f"{key.backbone.key}_{key.modality.key}_{key.strategy.key}"


def test_unknown_names_are_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownEntry, match="ultrasound"):
        find(MODALITIES, "palmistry", "modality")
    with pytest.raises(UnknownEntry, match="vgg_ultrasound_finetuned"):
        find_model("vgg_palmistry_finetuned")


def test_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        MODALITIES["palmistry"] = MODALITIES["ultrasound"]


@pytest.mark.parametrize("field", ["zoom", "brightness", "hue"])
def test_augmentation_out_of_range_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        AugmentationSpec(**{field: 1.5})


def test_rotation_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="rotation"):
        AugmentationSpec(rotation=181)


def _copied(spec: ModalitySpec | BackboneSpec, **changes: object) -> None:
    fields = {name: getattr(spec, name) for name in spec.__dataclass_fields__}
    type(spec)(**(fields | changes))


@pytest.mark.parametrize(
    "changes", [{"key": "Ultra sound"}, {"labels": ("Benign", "Benign")}], ids=str
)
def test_a_wrong_modality_cannot_exist(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        _copied(MODALITIES["ultrasound"], **changes)


@pytest.mark.parametrize("changes", [{"key": ""}, {"unfreeze": ()}], ids=str)
def test_a_wrong_backbone_cannot_exist(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        _copied(BACKBONES["vgg"], **changes)


@pytest.mark.parametrize(
    "wrong", [{"side": 0}, {"least_foreground": 0.0}, {"least_foreground": 1.1}]
)
def test_a_region_checks_itself(wrong: dict[str, float]) -> None:
    right = {
        "side": 256,
        "name": "region",
        "whole": "film",
        "background": "black film",
        "foreground": film_mask,
        "least_foreground": 0.5,
    }
    assert RegionSpec(**right).largest_in(None) == 512
    with pytest.raises(ValueError, match="expected a"):
        RegionSpec(**{**right, **wrong})


def test_a_region_is_as_long_in_an_image_of_other_pixels() -> None:
    spec = MODALITIES["mammography"].region
    assert spec is not None
    assert spec.side_mm == pytest.approx(51.2)
    assert [spec.side_in(spacing) for spacing in (None, 0.2, 0.05, 0.1)] == [256, 256, 1024, 512]
    assert spec.largest_in(0.05) == 2048
    unknown = replace(spec, pixel_mm=None)
    assert (unknown.side_mm, unknown.side_in(0.05)) == (None, 256)


def test_images_of_ultrasound_are_read_whole() -> None:
    assert [key for key, spec in MODALITIES.items() if spec.region is None] == ["ultrasound"]
