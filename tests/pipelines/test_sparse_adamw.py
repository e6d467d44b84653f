from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from pipelines.errors import DamagedRun
from pipelines.saved_weights import load_whole, save_whole
from pipelines.sparse_adamw import SparseAdamW


def network(optimizer: keras.optimizers.Optimizer) -> keras.Model:
    """A large kernel and a small one."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([layers.Input((200,)), layers.Dense(60), layers.Dense(1)])
    model.compile(optimizer, "mean_squared_error", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    return model


def learn(model: keras.Model, steps: int = 3) -> list[np.ndarray]:
    """All weights after some steps of four rows each."""
    random = np.random.default_rng(2)
    rows, truth = random.normal(size=(4 * steps, 200)), random.normal(size=(4 * steps, 1))
    model.fit(rows, truth, batch_size=4, shuffle=False, verbose=0)
    return [keras.ops.convert_to_numpy(weight) for weight in model.weights]


def test_with_open_masks_it_is_adamw() -> None:
    for found, expected in zip(
        learn(network(SparseAdamW(1e-2, weight_decay=1e-2))),
        learn(network(keras.optimizers.AdamW(1e-2, weight_decay=1e-2))),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)


def test_only_large_kernels_have_a_mask() -> None:
    model = network(SparseAdamW())
    assert set(model.optimizer.masks) == {model.layers[0].kernel.path}


def test_what_is_masked_is_zero_and_the_rest_learns() -> None:
    model = network(SparseAdamW(1e-2))
    kernel = model.layers[0].kernel
    before = keras.ops.convert_to_numpy(kernel)
    keep = np.random.default_rng(3).random(kernel.shape) < 0.3
    model.optimizer.masks[kernel.path].assign(keep.astype(np.float32))
    after = learn(model)[0]
    assert (after[~keep] == 0).all()
    assert (after[keep] != before[keep]).all()


def test_it_begins_again_as_if_it_were_new() -> None:
    model, new = network(SparseAdamW(1e-2)), network(SparseAdamW(1e-2))
    kernel = model.layers[0].kernel
    model.optimizer.masks[kernel.path].assign(np.zeros(kernel.shape, np.float32))
    learn(model)
    model.set_weights(new.get_weights())
    model.optimizer.begin_again()
    model.optimizer.learning_rate = 1e-2  # a variable of the optimizer, too
    for found, expected in zip(learn(model), learn(new), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_state_is_that_of_adamw_and_goes_on_where_it_was(tmp_path: Path) -> None:
    """Runs that began before there were masks go on."""
    path = tmp_path / "state.weights.h5"
    old, model = network(keras.optimizers.AdamW(1e-2)), network(SparseAdamW(1e-2))
    learn(old)
    save_whole(old, path)
    load_whole(model, path)
    save_whole(model, tmp_path / "again.weights.h5")
    load_whole(old, tmp_path / "again.weights.h5")
    for found, expected in zip(learn(model), learn(old), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_the_state_of_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.weights.h5"
    model = network(SparseAdamW())
    model.layers[1].trainable = False
    model.compile(SparseAdamW(), "mean_squared_error", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    save_whole(model, path)
    with pytest.raises(DamagedRun):
        load_whole(network(SparseAdamW()), path)
