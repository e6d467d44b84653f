import pytest

from models.catalogue import BACKBONES, ModelKey, model_keys
from pipelines.config import Config
from pipelines.recipes import RECIPES, SMALL_DATA, recipe
from tests.pipelines.small import config_of


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_every_recipe_is_valid_for_every_model(name: str, key: ModelKey) -> None:
    fields = recipe(name, key.backbone.key, key.modality.key)
    assert config_of(key).changed(**fields).key == key


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_backbone_keeps_the_recipe_s_fields_and_may_have_its_own(
    name: str, backbone: str
) -> None:
    assert RECIPES[name].keys() <= recipe(name, backbone).keys()


@pytest.mark.parametrize("backbone", BACKBONES)
def test_every_backbone_has_the_same_budget(backbone: str) -> None:
    fields = recipe("small-data", backbone)
    for name in (
        "precision",
        "pixels",
        "batch_size",
        "steps_per_epoch",
        "epochs",
        "frozen_epochs",
        "unfrozen_epochs",
        "compaction_epochs",
        "frozen_learning_rate",
    ):
        assert fields.get(name) == SMALL_DATA.get(name)
    assert fields["epochs"] == fields["frozen_epochs"] + fields["unfrozen_epochs"]


@pytest.mark.parametrize("backbone", BACKBONES)
def test_zeros_come_with_the_trunk(backbone: str) -> None:
    fields = recipe("small-data", backbone)
    assert fields["sparsity"] > 0.5
    assert fields["compaction_epochs"] == 0


def test_the_largest_networks_fit_into_bytes_and_the_very_largest_has_most_zeros() -> None:
    """A byte holds three bits of mantissa beside sign and exponent; see ``models.byte_floats``."""
    found = {backbone: recipe("small-data", backbone) for backbone in BACKBONES}
    bits = {backbone: fields["mantissa_bits"] for backbone, fields in found.items()}
    assert bits == {"resnet": 3, "vgg": 3, "densenet": 7}
    zeros = {backbone: fields["sparsity"] for backbone, fields in found.items()}
    assert max(zeros, key=zeros.__getitem__) == "resnet"


@pytest.mark.parametrize("backbone", BACKBONES)
def test_the_report_s_recipe_is_the_defaults(backbone: str) -> None:
    assert recipe("report", backbone) == {}


def test_networks_without_norms_learn_more_slowly() -> None:
    assert recipe("small-data", "vgg")["learning_rate"] < SMALL_DATA["learning_rate"]


def test_only_models_whose_training_images_are_enlarged_look_at_more_pixels() -> None:
    larger = set()
    for key in model_keys():
        served = recipe("small-data", key.backbone.key, key.modality.key)["served_pixels"]
        if served is not None:
            assert served > SMALL_DATA["pixels"]
            assert key.modality.augmentation.zoom > 0
            larger.add((key.backbone.key, key.modality.key))
    assert larger == {("vgg", "mammography"), ("vgg", "ultrasound")}


def test_a_trunk_looks_at_what_it_learnt_from() -> None:
    assert recipe("small-data", "vgg")["served_pixels"] is None


def test_recipes_cannot_be_changed_by_their_readers() -> None:
    fields = recipe("small-data", "resnet")
    fields["epochs"] = 1
    assert recipe("small-data", "resnet")["epochs"] == SMALL_DATA["epochs"]


def test_the_model_and_its_data_are_no_matter_of_a_recipe() -> None:
    for fields in RECIPES.values():
        assert fields.keys() <= Config.__dataclass_fields__.keys()
        assert not {"modality", "backbone", "strategy", "dataset"} & fields.keys()
