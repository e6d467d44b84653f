"""Fused norms: batch normalisation in one kernel, while a network learns on TensorFlow.

Keras 3 computes it there in a dozen operations, which cost ResNet50 and DenseNet121 nearly half of
a step. The other backends are left alone. Files never hold these layers.
"""

import keras
from keras import ops


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Keras' layer, its training step computed by TensorFlow's fused kernel."""

    def call(
        self,
        inputs: keras.KerasTensor,
        training: bool | None = None,
        mask: keras.KerasTensor | None = None,
    ) -> keras.KerasTensor:
        """(n, height, width, channels), normalised by the batch where the layer learns."""
        if not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        found, mean, unbiased = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )[:3]
        count = ops.cast(ops.size(inputs) // ops.shape(inputs)[-1], "float32")
        variance = unbiased * (count - 1.0) / count  # Keras' averages are of the biased one
        for average, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            average.assign(average * self.momentum + value * (1.0 - self.momentum))
        return found


def with_fused_norms(model: keras.Model) -> keras.Model:
    """The same network, with new weights, its norms fused where the backend is TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        return model
    return keras.models.clone_model(model, clone_function=_fused)


def _fused(layer: keras.layers.Layer) -> keras.layers.Layer:
    kind = type(layer)
    if kind is keras.layers.BatchNormalization:
        kind = FusedBatchNormalization
    return kind.from_config(layer.get_config())
