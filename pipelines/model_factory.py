"""ModelFactory: any backbone of the catalogue with the one head."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import h5py
import keras
import numpy as np
from keras import layers, ops

from models.specs import BackboneSpec
from pipelines.config import Config
from pipelines.errors import UNWRITABLE, InitUnavailable

INPUT = "image"
SCALING = "preprocessing"
FULL_SIDE = 224
REDUCTION = "reduction"
POOL = "pool"
PIXEL_DEVIATION = 57.0  # of natural images in 0..255
RESIDUAL_END = "_3_bn"  # how the last norm of a residual block is named in keras.applications


class ModelFactory:
    """Builds the study's network: raw RGB in, one probability out."""

    def __init__(self, config: Config) -> None:
        """Remember the run's choices; nothing is built yet."""
        self.config = config
        self.backbone = config.key.backbone

    def build(self, pixels: int = FULL_SIDE, *, precision: str = "float32") -> keras.Model:
        """The network, with random weights drawn from the run's seed.

        Args:
            pixels: side of its square input. A network of full size shrinks the image in the graph
                to the side that is configured; global pooling makes the weights fit any size.
            precision: Keras dtype policy of the arithmetic; weights are always float32.

        Returns:
            A model from (n, pixels, pixels, 3) RGB in 0..255 to (n, 1) in 0..1.
        """
        keras.utils.set_random_seed(self.config.seed)
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(precision)
        try:
            return self._assemble(pixels)
        finally:
            keras.config.set_dtype_policy(before)

    def _assemble(self, pixels: int) -> keras.Model:
        image = keras.Input((pixels, pixels, 3), name=INPUT, dtype="float32")
        scale, offset = list(self.backbone.scale), list(self.backbone.offset)
        scaled = layers.Rescaling(scale, offset, name=SCALING)(image)
        trunk = self._trunk(self._reduced(scaled, pixels))
        pooled = layers.GlobalAveragePooling2D(name=POOL)(trunk.output)
        model = keras.Model(image, self.head(pooled), name=self.config.key.slug)
        for layer in batch_norms(model):
            layer.momentum = self.config.batch_norm_momentum
        return model

    def _reduced(self, scaled: keras.KerasTensor, pixels: int) -> keras.KerasTensor:
        """What the backbone sees of an image of a size."""
        side = self.config.served_pixels or self.config.pixels
        if pixels < FULL_SIDE or pixels == side:
            return scaled
        if pixels % side:
            return layers.Resizing(side, side, name=REDUCTION)(scaled)
        return layers.AveragePooling2D(pixels // side, name=REDUCTION)(scaled)

    def head(self, pooled: keras.KerasTensor, *, of: str = "") -> keras.KerasTensor:
        """The study's head: (n, features) -> (n, 1), a probability.

        Args:
            pooled: the backbone's features, averaged over the image.
            of: end of the layers' names where a network has several heads.
        """
        seed = self.config.seed
        x = layers.Dropout(0.50, seed=seed, name=f"dropout_pool{of}")(pooled)
        x = layers.Dense(256, activation="relu", name=f"dense{of}")(x)
        x = layers.Dropout(0.25, seed=seed, name=f"dropout_dense{of}")(x)
        return layers.Dense(1, activation="sigmoid", dtype="float32", name=f"probability{of}")(x)

    def _trunk(self, scaled: keras.KerasTensor) -> keras.Model:
        application = getattr(keras.applications, self.backbone.application)
        trunk: keras.Model = application(include_top=False, weights=None, input_tensor=scaled)
        return trunk

    def initialise(self, model: keras.Model) -> None:
        """Give the backbone its first weights, as ``config.init`` says.

        Raises:
            InitUnavailable: ImageNet weights cannot be downloaded or are of other layers, or the
                file is no such model.
        """
        if self.config.init == "random":
            self._initialise_for_relu(model)
        elif self.config.init == "imagenet":
            self._initialise_from_imagenet(model)
        else:
            self._initialise_from_file(model, Path(self.config.init))

    def _initialise_for_relu(self, model: keras.Model) -> None:
        """He's weights for every convolution: Keras' own fade out in VGG16, which has no norms.

        The first kernel is divided by the input's deviation, since He counts on an input of one.
        A residual block begins as if it were not there: its last norm gives zero.
        Sources: He et al., "Delving deep into rectifiers", 2015; Goyal et al., "Accurate, large
        minibatch SGD", 2017.
        """
        draw = keras.initializers.HeNormal(seed=keras.random.SeedGenerator(self.config.seed))
        convolutions = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
        for layer in convolutions:
            layer.kernel.assign(draw(layer.kernel.shape))
        first = convolutions[0].kernel
        first.assign(first / (PIXEL_DEVIATION * float(np.mean(self.backbone.scale))))
        for norm in batch_norms(model):
            if norm.name.endswith(RESIDUAL_END):
                norm.gamma.assign(ops.zeros(norm.gamma.shape))

    def _initialise_from_imagenet(self, model: keras.Model) -> None:
        application = getattr(keras.applications, self.backbone.application)
        try:
            source = application(include_top=False, weights="imagenet", input_shape=(224, 224, 3))
        except Exception as error:  # Keras raises whatever the download raised
            if isinstance(error, OSError) and error.errno in UNWRITABLE:
                raise
            kind = type(error.__context__ or error).__name__  # Keras wraps those of the network
            raise InitUnavailable(
                expected=f"ImageNet weights of {self.backbone.title} from Keras' download site",
                received=f"none ({kind})",
            ) from error
        self._take_published(model, source)

    def _take_published(self, model: keras.Model, source: keras.Model) -> None:
        """Take the backbone from Keras' own; layers without weights must be the same, too.

        Some backbones scale once more where they are built with ImageNet weights.
        """
        own, published = _between(model), source.layers[1:]
        if _kinds(own) != _kinds(published):
            further = Counter(_kinds(published)) - Counter(_kinds(own))
            raise InitUnavailable(
                expected=f"{self.backbone.title} of the same layers with and without ImageNet "
                "weights",
                received=f"with them also {', '.join(further)}" if further else "others with them",
                action="Such a backbone does not fit yet. Pass `--init random`, or `--init FILE` "
                "with a trunk.",
            )
        for layer, donor in zip(own, published, strict=True):
            if layer.weights:
                layer.set_weights(_in_rgb(donor, source, self.backbone))

    def _initialise_from_file(self, model: keras.Model, file: Path) -> None:
        """Take the backbone from a file, and a trunk's head of this modality; else it stays new."""
        if not file.is_file() or not h5py.is_hdf5(file):
            raise InitUnavailable(expected="a Keras .h5 model", received=f"{file}, which is none")
        try:
            source = keras.saving.load_model(file, compile=False, safe_mode=True)
        except Exception as error:  # Keras raises many kinds for a file it cannot rebuild
            raise InitUnavailable(
                expected="a whole Keras .h5 model",
                received=f"{file}, which Keras cannot rebuild",
            ) from error
        try:
            _copy(_without_head(source), backbone_layers(model))
            heads = [head_name(name, self.config.modality) for name in HEAD]
            if all(layer.name != heads[0] for layer in source.layers):
                return
            for name, taught in zip(HEAD, heads, strict=True):
                model.get_layer(name).set_weights(source.get_layer(taught).get_weights())
        except ValueError as error:
            raise InitUnavailable(
                expected=f"a model on {self.backbone.title}",
                received=f"{file}, of another backbone",
            ) from error

    def freeze(self, model: keras.Model, *, backbone: str) -> None:
        """Set which layers learn: ``backbone`` is "all", "none" or "blocks".

        "blocks" lets the catalogue's named blocks learn; the head always does. Batch norms that the
        configuration keeps never do, nor do their averages move.
        """
        for layer in backbone_layers(model):
            named = layer.name.startswith(self.backbone.unfreeze)
            learns = backbone == "all" or (backbone == "blocks" and named)
            layer.trainable = learns and not (self.config.keep_batch_norm and _is_norm(layer))


HEAD = ("dense", "probability")


def head_name(name: str, modality: str) -> str:
    """What a layer of the head is called in a trunk, which has a head for every modality."""
    return f"{name}_{modality}"


def backbone_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """The layers of the backbone that hold weights."""
    return [layer for layer in model.layers if layer.weights and layer.name not in HEAD]


def _between(model: keras.Model) -> Sequence[keras.layers.Layer]:
    """All layers of the backbone: those between what scales or shrinks the image and the pooling.

    Keras orders layers by how far they are from the output.
    """
    names = [layer.name for layer in model.layers]
    before = REDUCTION if REDUCTION in names else SCALING
    return list(model.layers[names.index(before) + 1 : names.index(POOL)])


def _without_head(model: keras.Model) -> Sequence[keras.layers.Layer]:
    """The layers that hold weights, but for the dense ones at the end, whatever their names."""
    found = [layer for layer in model.layers if layer.weights]
    while found and isinstance(found[-1], layers.Dense):
        found.pop()
    return found


def _kinds(found: Sequence[keras.layers.Layer]) -> list[str]:
    return [type(layer).__name__ for layer in found]


def _copy(donors: Sequence[keras.layers.Layer], to: Sequence[keras.layers.Layer]) -> None:
    """Copy weights layer by layer, in their order.

    Names do not tell which belong together: Keras numbers layers without one through a process.

    Raises:
        ValueError: the layers are not of the same kinds, or their weights of other shapes.
    """
    if _kinds(donors) != _kinds(to):
        raise ValueError("expected layers of the same kinds")
    for donor, layer in zip(donors, to, strict=True):
        layer.set_weights(donor.get_weights())


def batch_norms(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    """The batch normalisation layers."""
    return [layer for layer in model.layers if _is_norm(layer)]


def _is_norm(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, layers.BatchNormalization)


def _in_rgb(
    layer: keras.layers.Layer, source: keras.Model, backbone: BackboneSpec
) -> list[np.ndarray]:
    """A layer's ImageNet weights for RGB input: the first kernel's input axis is turned round."""
    weights: list[np.ndarray] = layer.get_weights()
    first = next(item for item in source.layers if isinstance(item, layers.Conv2D))
    if layer is first and backbone.channel_order == "BGR":
        weights[0] = weights[0][:, :, ::-1, :]
    return weights
