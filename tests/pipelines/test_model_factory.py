import errno
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import URLError

import cv2
import h5py
import keras
import numpy as np
import pytest
from keras import layers

from models.catalogue import BACKBONES
from models.specs import BackboneSpec
from pipelines.errors import InitUnavailable
from pipelines.model_factory import HEAD, ModelFactory, _in_rgb, backbone_layers, batch_norms
from tests.fakes import tiny_model
from tests.pipelines.small import BACKBONE, config

SIDE = 56


def application(spec: BackboneSpec) -> ModuleType:
    """The module of keras.applications that publishes a backbone."""
    modules = [item for item in vars(keras.applications).values() if inspect.ismodule(item)]
    return next(module for module in modules if hasattr(module, spec.application))


def numbered(image: keras.KerasTensor, *, scaled: bool = False) -> keras.Model:
    """A small backbone whose layers have no names of their own, as some in EfficientNet."""
    x = layers.Rescaling(2.0)(image) if scaled else image
    x = layers.Conv2D(4, 3, bias_initializer="normal")(x)
    x = layers.BatchNormalization()(layers.ReLU()(x))
    (first,) = keras.utils.get_source_inputs(image)
    return keras.Model(first, layers.Conv2D(6, 3, strides=2)(x))


class NumberedFactory(ModelFactory):
    """A factory of networks upon it."""

    def _trunk(self, scaled: keras.KerasTensor) -> keras.Model:
        return numbered(scaled)


def images() -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 255, (2, SIDE, SIDE, 3)).astype(np.float32)


@pytest.fixture(scope="module", params=BACKBONES.values(), ids=lambda spec: spec.key)
def factory(request: pytest.FixtureRequest) -> ModelFactory:
    return ModelFactory(config(backbone=request.param.key, batch_norm_momentum=0.9))


@pytest.fixture(scope="module")
def model(factory: ModelFactory) -> keras.Model:
    """The network of each backbone; which of its layers learn is for the tests to change."""
    return factory.build(SIDE)


@pytest.fixture(scope="module")
def small_factory() -> ModelFactory:
    """A factory of the network that is built most quickly."""
    return ModelFactory(config(backbone=BACKBONE))


@pytest.fixture(scope="module")
def small_model(small_factory: ModelFactory) -> keras.Model:
    return small_factory.build(SIDE)


def test_the_scaling_is_that_of_keras_applications(
    factory: ModelFactory, model: keras.Model
) -> None:
    expected = application(factory.backbone).preprocess_input(images())
    if factory.backbone.channel_order == "BGR":
        expected = expected[..., ::-1]
    found = keras.ops.convert_to_numpy(model.get_layer("preprocessing")(images()))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_published_weights_answer_rgb_as_keras_applications_would(
    factory: ModelFactory, model: keras.Model
) -> None:
    module = application(factory.backbone)
    source = getattr(module, factory.backbone.application)(
        include_top=False, weights=None, input_shape=(SIDE, SIDE, 3)
    )
    factory._take_published(model, source)
    expected = source(module.preprocess_input(images())).numpy().mean(axis=(1, 2))
    found = keras.Model(model.input, model.get_layer("pool").output)(images()).numpy()
    assert np.abs(expected).max() > 0
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


@pytest.mark.parametrize("spec", BACKBONES.values(), ids=lambda spec: spec.key)
def test_turning_the_first_kernel_round_replaces_the_swap_of_channels(spec: BackboneSpec) -> None:
    source = keras.Sequential(
        [
            layers.Input((8, 8, 3)),
            layers.Conv2D(4, 3, bias_initializer="normal", name="first"),
            layers.Conv2D(3, 3, name="second"),
        ]
    )
    first, second = source.layers
    published = images()[:, :8, :8]  # in the order that the published weights expect
    rgb = published[..., ::-1] if spec.channel_order == "BGR" else published
    copy = layers.Conv2D(4, 3)
    copy.build((None, 8, 8, 3))
    copy.set_weights(_in_rgb(first, source, spec))
    np.testing.assert_allclose(copy(rgb), first(published), rtol=1e-4, atol=1e-3)
    for found, expected in zip(_in_rgb(second, source, spec), second.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_the_head_is_the_one_of_the_study(model: keras.Model) -> None:
    pool, first, dense, second, out = model.layers[-5:]
    assert isinstance(pool, layers.GlobalAveragePooling2D)
    assert isinstance(first, layers.Dropout)
    assert isinstance(dense, layers.Dense)
    assert isinstance(second, layers.Dropout)
    assert isinstance(out, layers.Dense)
    assert (first.rate, second.rate) == (0.50, 0.25)
    assert (dense.units, dense.activation.__name__) == (256, "relu")
    assert (out.units, out.activation.__name__) == (1, "sigmoid")


def test_raw_rgb_goes_in_and_one_probability_comes_out(model: keras.Model) -> None:
    assert model.input_shape == (None, SIDE, SIDE, 3)
    assert model.output_shape == (None, 1)
    probabilities = model(images()).numpy()
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert isinstance(model.layers[1], layers.Rescaling)


def every(config_part: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary within a configuration of Keras."""
    if isinstance(config_part, dict):
        yield config_part
        config_part = list(config_part.values())
    if isinstance(config_part, list | tuple):
        for item in config_part:
            yield from every(item)


def test_the_graph_holds_built_in_layers_only(model: keras.Model) -> None:
    parts = [part for part in every(model.get_config()) if "class_name" in part]
    assert len(parts) > 20
    assert not [part for part in parts if part["class_name"] == "Lambda"]
    assert {part["module"].split(".")[0] for part in parts if part.get("module")} == {"keras"}
    assert not [part for part in parts if part.get("registered_name")]


def test_batch_norms_have_the_configured_momentum(model: keras.Model) -> None:
    assert {layer.momentum for layer in batch_norms(model)} <= {0.9}


def test_the_blocks_to_unfreeze_are_there(factory: ModelFactory, model: keras.Model) -> None:
    names = [layer.name for layer in backbone_layers(model)]
    for prefix in factory.backbone.unfreeze:
        assert any(name.startswith(prefix) for name in names), prefix
    assert not all(name.startswith(factory.backbone.unfreeze) for name in names)


def learning(model: keras.Model) -> set[str]:
    return {layer.name for layer in model.layers if layer.trainable_variables}


def test_freezing_lets_learn_what_the_strategy_says(
    factory: ModelFactory, model: keras.Model
) -> None:
    head = {"dense", "probability"}
    backbone = {layer.name for layer in backbone_layers(model)}
    named = {name for name in backbone if name.startswith(factory.backbone.unfreeze)}
    factory.freeze(model, backbone="none")
    assert learning(model) == head
    factory.freeze(model, backbone="blocks")
    assert learning(model) == head | named
    factory.freeze(model, backbone="all")
    assert learning(model) == head | backbone


def test_batch_norms_that_are_kept_stay_as_they_are(factory: ModelFactory) -> None:
    keeping = ModelFactory(factory.config.changed(keep_batch_norm=True))
    model = keeping.build(SIDE)
    norms = {layer.name for layer in batch_norms(model)}
    for learns in ("none", "blocks", "all"):
        keeping.freeze(model, backbone=learns)
        assert not norms & learning(model)
    assert learning(model) == {*HEAD, *(layer.name for layer in backbone_layers(model))} - norms
    before = [norm.get_weights() for norm in batch_norms(model)]
    model(images(), training=True)
    for old, norm in zip(before, batch_norms(model), strict=True):
        assert all((kept == now).all() for kept, now in zip(old, norm.get_weights(), strict=True))


def test_a_full_size_image_is_averaged_before_a_smaller_backbone(
    small_factory: ModelFactory, small_model: keras.Model
) -> None:
    full = small_factory.build()
    full.set_weights(small_model.get_weights())
    large = np.random.default_rng(2).uniform(0, 255, (1, 224, 224, 3)).astype(np.float32)
    means = large.reshape(1, SIDE, 4, SIDE, 4, 3).mean(axis=(2, 4))
    assert full.input_shape == (None, 224, 224, 3)
    np.testing.assert_allclose(full(large), small_model(means), atol=1e-5)


def test_a_full_size_image_is_resized_where_it_is_not_halved(small_model: keras.Model) -> None:
    factory = ModelFactory(config(backbone=BACKBONE, served_pixels=72))
    full, plain = factory.build(), factory.build(72)
    for model in (full, plain):
        model.set_weights(small_model.get_weights())
    large = np.random.default_rng(2).uniform(0, 255, (224, 224, 3)).astype(np.float32)
    small = cv2.resize(large, (72, 72), interpolation=cv2.INTER_LINEAR)
    assert full.input_shape == (None, 224, 224, 3)
    np.testing.assert_allclose(full(large[np.newaxis]), plain(small[np.newaxis]), atol=1e-5)


@pytest.mark.parametrize("served_pixels", [None, 72, 112, 224])
def test_what_a_checkpoint_looks_at_changes_no_training(
    served_pixels: int | None, small_model: keras.Model
) -> None:
    learning = ModelFactory(config(backbone=BACKBONE, served_pixels=served_pixels)).build(SIDE)
    assert [layer.name for layer in learning.layers] == [layer.name for layer in small_model.layers]
    for found, expected in zip(learning.get_weights(), small_model.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_an_image_of_the_served_size_is_left_as_it_is(small_model: keras.Model) -> None:
    names = [layer.name for layer in ModelFactory(config(pixels=224)).build().layers]
    assert names == [layer.name for layer in small_model.layers]


def test_the_seed_decides_the_weights(
    small_factory: ModelFactory, small_model: keras.Model
) -> None:
    again = small_factory.build(SIDE)
    for found, expected in zip(again.get_weights(), small_model.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)
    other = ModelFactory(config(backbone=BACKBONE, seed=21)).build(SIDE)
    assert (other.get_weights()[0] != again.get_weights()[0]).any()


def test_mixed_precision_keeps_weights_and_the_answer_in_float32(
    small_factory: ModelFactory,
) -> None:
    model = small_factory.build(SIDE, precision="mixed_bfloat16")
    assert {weight.dtype for weight in model.weights} <= {"float32", "uint32"}  # seeds of dropout
    assert model.get_layer("dense").compute_dtype == "bfloat16"
    assert model.output.dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"


def test_random_weights_keep_a_signal_alive(small_factory: ModelFactory) -> None:
    model = small_factory.build(SIDE)
    small_factory.initialise(model)
    features = keras.Model(model.input, model.get_layer("pool").output)(images()).numpy()
    assert 0.05 < features.std() < 20
    for layer in backbone_layers(model)[1:]:
        fan_in = np.prod(layer.kernel.shape[:3])
        assert np.std(layer.kernel) == pytest.approx(np.sqrt(2 / fan_in), rel=0.05)


def test_a_residual_block_begins_as_if_it_were_not_there() -> None:
    factory = ModelFactory(config(backbone="resnet"))
    model = factory.build(SIDE)
    factory.initialise(model)
    block = keras.Model(
        model.get_layer("conv2_block1_out").output, model.get_layer("conv2_block2_out").output
    )
    before = np.random.default_rng(4).uniform(0, 3, (1, 14, 14, 256)).astype(np.float32)
    assert block(before).numpy() == pytest.approx(before)
    names = [norm.name for norm in batch_norms(model) if not keras.ops.any(norm.gamma)]
    assert len(names) == 16  # one of each block
    assert not any("_0_" in name for name in names)  # those of the shortcuts carry the signal


def test_weights_of_a_file_go_to_the_backbone_and_the_head_stays_new(tmp_path: Path) -> None:
    path = tmp_path / "other.h5"
    donor = ModelFactory(config(backbone=BACKBONE, seed=3)).build()
    donor.save(path)
    factory = ModelFactory(config(backbone=BACKBONE, init=str(path)))
    model, before = factory.build(SIDE), factory.build(SIDE)
    factory.initialise(model)
    for layer in backbone_layers(model):
        for found, expected in zip(
            layer.get_weights(), donor.get_layer(layer.name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(found, expected)
    for name in ("dense", "probability"):
        for found, expected in zip(
            model.get_layer(name).get_weights(), before.get_layer(name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(found, expected)


def test_layers_that_keras_numbers_find_their_weights_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "other.h5"
    donor = NumberedFactory(config(seed=3)).build()
    donor.save(path)
    factory = NumberedFactory(config(init=str(path)))
    model = factory.build(SIDE)
    factory.initialise(model)
    found, expected = backbone_layers(model), backbone_layers(donor)
    assert not {layer.name for layer in found} & {layer.name for layer in expected}
    for layer, other in zip(found, expected, strict=True):
        for mine, its in zip(layer.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(mine, its)


def test_layers_that_keras_numbers_find_their_published_weights() -> None:
    factory = NumberedFactory(config())
    model, source = factory.build(SIDE), numbered(keras.Input((SIDE, SIDE, 3)))
    factory._take_published(model, source)
    rgb = images() / 255
    found = keras.Model(model.get_layer("preprocessing").output, model.get_layer("pool").input)
    np.testing.assert_allclose(found(rgb), source(rgb[..., ::-1]), atol=1e-5)


def test_published_weights_of_a_backbone_that_scales_once_more_are_refused() -> None:
    factory = NumberedFactory(config())
    source = numbered(keras.Input((SIDE, SIDE, 3)), scaled=True)
    with pytest.raises(InitUnavailable, match=r"with them also Rescaling\..*`--init random`"):
        factory._take_published(factory.build(SIDE), source)


def write_missing(_: Path) -> None:
    pass


def write_text(path: Path) -> None:
    path.write_text("no model")


def write_plain_hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["numbers"] = [1, 2, 3]


def write_truncated(path: Path) -> None:
    tiny_model(1).save(path)
    path.write_bytes(path.read_bytes()[:3000])


def write_weights_only(path: Path) -> None:
    tiny_model(1).save_weights(path.with_suffix(".weights.h5"))
    path.with_suffix(".weights.h5").replace(path)


def write_another_network(path: Path) -> None:
    tiny_model(1).save(path)


def write_the_same_and_one_layer_more(path: Path) -> None:
    model = ModelFactory(config(backbone=BACKBONE)).build(SIDE)
    x = layers.Conv2D(512, 1)(model.get_layer("block5_pool").output)
    keras.Model(model.input, x).save(path)


def write_another_network_with_a_layer_of_that_name(path: Path) -> None:
    model = keras.Sequential([layers.Input((8, 8, 3)), layers.Conv2D(2, 1, name="block1_conv1")])
    model.save(path)


@pytest.mark.parametrize(
    ("write", "received"),
    [
        (write_missing, "which is none"),
        (write_text, "which is none"),
        (write_plain_hdf5, "which Keras cannot rebuild"),
        (write_truncated, "which Keras cannot rebuild"),
        (write_weights_only, "which Keras cannot rebuild"),
        (write_another_network, "of another backbone"),
        (write_the_same_and_one_layer_more, "of another backbone"),
        (write_another_network_with_a_layer_of_that_name, "of another backbone"),
    ],
)
def test_a_file_that_is_no_such_model_is_refused(
    write: Any, received: str, tmp_path: Path, small_model: keras.Model
) -> None:
    path = tmp_path / "first.h5"
    write(path)
    factory = ModelFactory(config(backbone=BACKBONE, init=str(path)))
    with pytest.raises(InitUnavailable, match=f"{path}, {received}.*`--init FILE`"):
        factory.initialise(small_model)


def failing(error: Exception, cause: Exception | None = None) -> Callable[..., None]:
    """A backbone of Keras that cannot be built; with a cause, as Keras wraps that."""

    def build(**_: object) -> None:
        if cause is None:
            raise error
        try:
            raise cause
        except OSError:
            raise error  # noqa: B904 - so does Keras

    return build


@pytest.mark.parametrize(
    ("error", "cause", "kind"),
    [
        (Exception("URL fetch failure"), URLError("refused"), "URLError"),
        (ValueError("Incomplete or corrupted file detected."), None, "ValueError"),
        (OSError("Unable to open file"), None, "OSError"),
    ],
)
def test_why_published_weights_cannot_be_had_is_told(
    error: Exception,
    cause: Exception | None,
    kind: str,
    small_factory: ModelFactory,
    small_model: keras.Model,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = small_factory.backbone.application
    monkeypatch.setattr(keras.applications, name, failing(error, cause))
    with pytest.raises(InitUnavailable, match=rf"download site; received none \({kind}\)\."):
        small_factory._initialise_from_imagenet(small_model)


def test_a_full_disk_is_none_of_the_download_site_s(
    small_factory: ModelFactory, small_model: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(keras.applications, small_factory.backbone.application, failing(full))
    with pytest.raises(OSError, match="No space left") as end:
        small_factory._initialise_from_imagenet(small_model)
    assert end.value is full
