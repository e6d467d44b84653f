from dataclasses import replace

import pytest

from models.catalogue import STRATEGIES, ModelKey, model_keys
from pipelines.stages import finetuned_stages, initial_stages, stages_of
from tests.pipelines.small import config, config_of

FIELDS = {
    "epochs": 10,
    "frozen_epochs": 3,
    "unfrozen_epochs": 5,
    "learning_rate": 1e-3,
    "frozen_learning_rate": 2e-3,
    "unfrozen_learning_rate": 1e-5,
}


def test_initially_unfrozen_is_one_stage_in_which_all_layers_learn() -> None:
    (only,) = initial_stages(config(**FIELDS))
    assert (only.learns, only.epochs, only.learning_rate) == ("all", 10, 1e-3)
    assert only.pixels == 56


def test_fine_tuning_is_the_head_first_and_the_blocks_at_a_lower_rate() -> None:
    frozen, unfrozen = finetuned_stages(config(**FIELDS, strategy="finetuned"))
    assert (frozen.learns, frozen.epochs, frozen.learning_rate) == ("none", 3, 2e-3)
    assert (unfrozen.learns, unfrozen.epochs, unfrozen.learning_rate) == ("blocks", 5, 1e-5)
    assert frozen.pixels == unfrozen.pixels == 56


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_stages_have_different_names(key: ModelKey) -> None:
    names = [stage.name for stage in stages_of(config_of(key, **FIELDS, sparsity=0.5))]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_compaction_comes_last_and_goes_on_as_the_stage_before(strategy: str) -> None:
    chosen = config(**FIELDS, strategy=strategy, sparsity=0.5, compaction_epochs=4)
    *dense, last = stages_of(chosen)
    assert tuple(dense) == stages_of(chosen.changed(sparsity=0.0))
    assert all(stage.zeros is None and stage.settled_epoch == 0 for stage in dense)
    assert (last.name, last.epochs, last.zeros) == ("compaction", 4, (0, 1))
    assert (last.learns, last.learning_rate) == (dense[-1].learns, dense[-1].learning_rate)


@pytest.mark.parametrize("epochs", range(1, 15))
def test_the_zeros_are_in_place_before_a_run_ends(epochs: int) -> None:
    last = stages_of(config(sparsity=0.5, compaction_epochs=epochs))[-1]
    assert last.zeros is not None
    first, settled = last.zeros
    assert 0 <= first <= settled == last.settled_epoch < last.epochs


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_zeros_of_the_start_are_there_in_every_stage(strategy: str) -> None:
    chosen = config(**FIELDS, strategy=strategy, sparsity=0.5, compaction_epochs=0)
    plain = stages_of(chosen.changed(sparsity=0.0))
    found = stages_of(chosen)
    assert [replace(stage, zeros=None) for stage in found] == list(plain)
    assert [(stage.zeros, stage.settled_epoch) for stage in found] == [((0, 0), 0)] * len(plain)


def test_without_zeros_there_is_no_compaction() -> None:
    assert [stage.name for stage in stages_of(config(**FIELDS))] == ["all layers"]
