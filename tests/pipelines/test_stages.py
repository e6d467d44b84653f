import pytest

from models.catalogue import ModelKey, model_keys
from pipelines.stages import finetuned_stages, initial_stages
from tests.pipelines.small import config, config_of

FIELDS = {
    "epochs": 10,
    "frozen_epochs": 3,
    "unfrozen_epochs": 5,
    "learning_rate": 1e-3,
    "unfrozen_learning_rate": 1e-5,
}


def test_initially_unfrozen_is_one_stage_in_which_all_layers_learn() -> None:
    (only,) = initial_stages(config(**FIELDS))
    assert (only.learns, only.epochs, only.learning_rate) == ("all", 10, 1e-3)
    assert only.pixels == 56


def test_it_may_begin_on_images_of_half_the_size() -> None:
    chosen = config(**FIELDS, pixels=112, small_epochs=4)
    small, main = initial_stages(chosen)
    assert (small.learns, small.epochs, small.pixels) == ("all", 4, 56)
    assert small.dense_epochs == small.epochs
    assert (main,) == initial_stages(chosen.changed(small_epochs=0))


def test_fine_tuning_is_the_head_first_and_the_blocks_at_a_lower_rate() -> None:
    frozen, unfrozen = finetuned_stages(config(**FIELDS, strategy="finetuned"))
    assert (frozen.learns, frozen.epochs, frozen.learning_rate) == ("none", 3, 1e-3)
    assert (unfrozen.learns, unfrozen.epochs, unfrozen.learning_rate) == ("blocks", 5, 1e-5)
    assert frozen.pixels == unfrozen.pixels == 56


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_stages_have_different_names(key: ModelKey) -> None:
    chosen = config_of(key, **FIELDS, pixels=112, small_epochs=1)
    stages = finetuned_stages(chosen) if key.strategy.staged else initial_stages(chosen)
    names = [stage.name for stage in stages]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("epochs", range(1, 15))
def test_the_zeros_are_in_place_before_a_run_ends(epochs: int) -> None:
    chosen = config(epochs=epochs, unfrozen_epochs=epochs)
    for last in (initial_stages(chosen)[-1], finetuned_stages(chosen)[-1]):
        assert 0 <= last.dense_epochs <= last.settled_epoch < last.epochs


def test_no_zeros_are_added_while_the_backbone_is_frozen() -> None:
    frozen, _ = finetuned_stages(config(**FIELDS))
    assert frozen.dense_epochs == frozen.epochs
