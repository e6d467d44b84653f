"""Whether XLA compiles a training step: on JAX, which otherwise goes operation by operation."""

import keras

JIT = keras.config.backend() == "jax"
