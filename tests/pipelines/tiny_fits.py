"""A network of one unit, and fits that take no time."""

from typing import Any

import keras
import numpy as np


def network() -> keras.Model:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), "mse", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    return model


def fit(model: keras.Model, epochs: int, *callbacks: Any, begin: int = 0) -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    options = {"epochs": epochs, "initial_epoch": begin, "shuffle": False, "verbose": 0}
    model.fit(x, np.array([[1.0], [-1.0]]), callbacks=list(callbacks), **options)


def weights(model: keras.Model) -> list[float]:
    return [float(value) for array in model.get_weights() for value in array.ravel()]
