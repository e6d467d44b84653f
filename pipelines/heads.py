"""Heads: a backbone with the study's head once for every modality, and what its labels are."""

from collections.abc import Sequence

import keras
from keras import layers, ops

from pipelines.model_factory import ModelFactory, head_name

OTHER = -1.0  # in place of a label: the image is of another modality
LABELS = "labels"  # name of the layer that gives all probabilities


def masked_cross_entropy(truth: keras.KerasTensor, found: keras.KerasTensor) -> keras.KerasTensor:
    """Smoothed binary cross-entropy over the entries that are a label, not ``OTHER``."""
    known = ops.cast(ops.greater_equal(truth, 0.0), found.dtype)
    loss = ops.binary_crossentropy(ops.clip(truth, 0.05, 0.95), found)
    return ops.sum(loss * known, axis=-1)


def with_heads(model: keras.Model, factory: ModelFactory, modalities: Sequence[str]) -> keras.Model:
    """The network's backbone with the study's head once for every modality.

    Returns:
        A model from (n, pixels, pixels, 3) RGB in 0..255 to (n, modalities) probabilities.
    """
    pooled = model.get_layer("pool").output
    heads = [factory.head(pooled, of=head_name("", modality)) for modality in modalities]
    return keras.Model(model.input, layers.Concatenate(dtype="float32", name=LABELS)(heads))
