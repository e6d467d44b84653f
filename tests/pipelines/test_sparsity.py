import keras
import numpy as np
import pytest
from keras import layers

from pipelines.sparse_adamw import MIN_SIZE, SparseAdamW
from pipelines.sparsity import (
    Pruning,
    compact,
    largest,
    prunable,
    pruned,
    ramp,
    rounded,
    zero_share,
)


def network(seed: int = 1) -> keras.Model:
    """Two large kernels and a small one."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            layers.Input((8, 8, 4)),
            layers.Conv2D(40, 3, padding="same", name="small"),
            layers.Conv2D(40, 3, padding="same", name="large"),
            layers.BatchNormalization(name="norm"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(300, name="wide"),
            layers.Dense(1, activation="sigmoid", name="out"),
        ]
    )
    model.compile(SparseAdamW(1e-2), "binary_crossentropy", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    return model


def images() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    return random.normal(size=(8, 8, 8, 4)), np.arange(8)[:, None] % 2


def kernels(model: keras.Model) -> dict[str, np.ndarray]:
    return {
        layer.name: keras.ops.convert_to_numpy(layer.kernel)
        for layer in model.layers
        if hasattr(layer, "kernel")
    }


class Zeros(keras.callbacks.Callback):
    """Notes where the zeros are, after every epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, np.ndarray]] = []

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        self.found.append({name: array == 0 for name, array in kernels(self.model).items()})


@pytest.fixture(scope="module")
def trained() -> tuple[keras.Model, list[dict[str, np.ndarray]]]:
    """A network trained for six epochs of two steps, zeros come in the second to fourth."""
    model, zeros = network(), Zeros()
    model.fit(
        *images(),
        batch_size=4,
        epochs=6,
        verbose=0,
        callbacks=[Pruning(share=0.8, begin=1, end=3), zeros],
    )
    return model, zeros.found


def test_only_large_kernels_are_pruned() -> None:
    model = network()
    assert [int(np.prod(kernel.shape)) for kernel in prunable(model)] == [14400, 12000]
    assert all(int(np.prod(kernel.shape)) >= MIN_SIZE for kernel in prunable(model))
    assert zero_share(model) == 0.0


def test_the_share_of_zeros_is_reached_in_every_large_kernel(trained) -> None:
    model, _ = trained
    shares = {name: np.mean(array == 0) for name, array in kernels(model).items()}
    assert shares["large"] == pytest.approx(0.8, abs=1e-3)
    assert shares["wide"] == pytest.approx(0.8, abs=1e-3)
    assert shares["small"] == shares["out"] == 0.0
    assert zero_share(model) == pytest.approx(0.8, abs=1e-3)


def test_the_share_rises_by_the_ramp_and_then_stays(trained) -> None:
    found = [zeros["large"].mean() for zeros in trained[1]]
    expected = [ramp(0.0, 0.8, progress) for progress in (0, 1 / 3, 2 / 3, 1, 1, 1)]
    assert found == pytest.approx(expected, abs=1e-3)


def test_zeros_stay_zero_while_training_goes_on(trained) -> None:
    _, found = trained
    for name in ("large", "wide"):
        np.testing.assert_array_equal(found[3][name], found[4][name])
        np.testing.assert_array_equal(found[3][name], found[5][name])
        assert not (found[1][name] & ~found[3][name]).any()


def test_other_weights_go_on_learning(trained) -> None:
    after, before = kernels(trained[0]), kernels(network())
    alive = after["large"] != 0
    assert (after["large"][alive] != before["large"][alive]).all()


def test_a_kernel_with_more_zeros_already_keeps_them() -> None:
    model = network()
    kernel = model.get_layer("wide").kernel
    values = keras.ops.convert_to_numpy(kernel)
    kernel.assign(np.where(largest(values, 0.05), values, 0.0))
    zeros = Zeros()
    model.fit(
        *images(), batch_size=8, verbose=0, callbacks=[Pruning(share=0.5, begin=0, end=0), zeros]
    )
    assert zeros.found[0]["wide"].mean() == pytest.approx(0.95, abs=1e-3)
    assert zeros.found[0]["large"].mean() == pytest.approx(0.5, abs=1e-3)


def test_zeros_of_the_start_stay_where_none_are_added() -> None:
    model, zeros = network(), Zeros()
    options = {"batch_size": 8, "verbose": 0}
    model.fit(*images(), **options, callbacks=[Pruning(share=0.6, begin=0, end=0)])
    model.fit(*images(), **options, callbacks=[Pruning(share=0.9, begin=2, end=2), zeros])
    assert zero_share(model) == pytest.approx(0.6, abs=1e-3)


def test_what_is_kept_is_enlarged_to_the_norm_of_all() -> None:
    values = np.array([[3.0, 0.1], [-4.0, 0.2]], np.float32)
    found = pruned(values, largest(values, 0.5))
    assert found.dtype == np.float32
    assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(values))
    assert found[0, 0] / found[1, 0] == pytest.approx(3 / -4)
    assert (found[:, 1] == 0).all()
    assert (pruned(values, values > 9) == 0).all()


@pytest.mark.parametrize(
    ("start", "end", "progress", "expected"),
    [
        (0.0, 0.9, 0.0, 0.0),
        (0.0, 0.9, 0.5, 0.9 - 0.9 / 8),
        (0.0, 0.9, 1.0, 0.9),
        (0.5, 0.9, 0.0, 0.5),
        (0.95, 0.9, 0.3, 0.9),
        (0.0, 0.0, 0.7, 0.0),
    ],
)
def test_the_ramp_rises_fast_and_then_slowly(
    start: float, end: float, progress: float, expected: float
) -> None:
    assert ramp(start, end, progress) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([1.0, -3.0, 2.0, 0.5], 0.5, [False, True, True, False]),
        ([1.0, -3.0, 2.0, 0.5], 1.0, [True, True, True, True]),
        ([1.0, -3.0, 2.0, 0.5], 0.0, [False, False, False, False]),
        ([0.0, 0.0, 2.0, 0.0], 1.0, [False, False, True, False]),
        ([0.0, 0.0, 2.0, 0.0], 0.75, [False, False, True, False]),
        ([1.0, -1.0, 1.0, 1.0], 0.5, [False, False, False, False]),
        ([1.0, 1.0, 2.0, 2.0], 0.5, [False, False, True, True]),
        ([0.0], 0.5, [False]),
    ],
    ids=["half", "all", "none", "zeros", "more zeros", "ties", "two ties", "one"],
)
def test_the_largest_are_chosen_by_magnitude(
    values: list[float], share: float, expected: list[bool]
) -> None:
    assert largest(np.array(values), share).tolist() == expected


def test_the_largest_keep_the_shape_and_the_count() -> None:
    values = np.random.default_rng(1).normal(size=(3, 3, 20, 30))
    keep = largest(values, 0.1)
    assert keep.shape == values.shape
    assert keep.sum() == values.size // 10
    assert np.abs(values[keep]).min() > np.abs(values[~keep]).max()


@pytest.mark.parametrize("bits", [1, 3, 7, 10, 22])
def test_rounding_is_to_the_nearest_number_of_so_many_bits(bits: int) -> None:
    random = np.random.default_rng(bits)
    values = (random.normal(size=500) * 10.0 ** random.integers(-8, 8, 500)).astype(np.float32)
    mantissa, exponent = np.frexp(values.astype(np.float64))
    scale = 2.0 ** (bits + 1)  # with the leading one that is not stored
    nearest = np.sign(mantissa) * np.floor(np.abs(mantissa) * scale + 0.5) / scale
    np.testing.assert_array_equal(rounded(values, bits), np.ldexp(nearest, exponent))
    assert (rounded(values, bits).view(np.uint32) % 2 ** (23 - bits) == 0).all()


def test_rounding_keeps_zeros_signs_and_what_is_round_already() -> None:
    values = np.array([0.0, -0.0, 1.0, -1.5, 2.0**-20, 1.75, -1e-3], np.float32)
    found = rounded(values, 3)
    np.testing.assert_array_equal(found[:6], values[:6])
    np.testing.assert_array_equal(np.signbit(found), np.signbit(values))
    np.testing.assert_array_equal(rounded(found, 3), found)


def test_rounding_to_all_bits_changes_nothing() -> None:
    values = np.random.default_rng(1).normal(size=100).astype(np.float32)
    np.testing.assert_array_equal(rounded(values, 23), values)


@pytest.mark.parametrize("bits", [3, 10, 16])
def test_compacting_rounds_large_kernels_and_nothing_else(bits: int) -> None:
    model, before = network(), network()
    compact(model, bits)
    after = kernels(model)
    for name, array in kernels(before).items():
        if name in ("small", "out"):
            np.testing.assert_array_equal(after[name], array)
        else:
            np.testing.assert_allclose(after[name], array, rtol=2.0**-bits, atol=1e-7)
            assert (after[name] != array).any()
            assert not np.signbit(after[name][after[name] == 0]).any()
            halved = after[name].astype(np.float16).astype(np.float32)
            assert np.array_equal(halved, after[name]) == (bits <= 10)


@pytest.mark.parametrize("bits", [3, 10, 16])
def test_compacting_rounds_norms_to_half_precision_where_kernels_fit_it(bits: int) -> None:
    model = network()
    norm, random = model.get_layer("norm"), np.random.default_rng(2)
    norm.set_weights([random.uniform(0.1, 3, 40).astype(np.float32) for _ in norm.weights])
    before = norm.get_weights()
    compact(model, bits)
    for array, old in zip(norm.get_weights(), before, strict=True):
        np.testing.assert_array_equal(array, rounded(old, 10 if bits <= 10 else 23))
        assert np.array_equal(array.astype(np.float16).astype(np.float32), array) == (bits <= 10)


def test_compacting_twice_is_compacting_once() -> None:
    model = network()
    compact(model, 3)
    once = kernels(model)
    compact(model, 3)
    for name, array in kernels(model).items():
        np.testing.assert_array_equal(array, once[name])
