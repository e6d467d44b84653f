"""Whether this machine is slow at the numbers that a configuration trains in."""

import time
from collections.abc import Callable, Iterable
from functools import cache

from pipelines.config import Config

USUAL = "float32"
SLOW = 1.5  # times as long as float32
_SHAPE = (8, 28, 28, 64)  # of the images in a step
_STEPS = 3


@cache
def seconds(precision: str) -> float:
    """What a training step of one convolution takes, the quickest of a few."""
    import keras
    import numpy as np

    from pipelines.jit import JIT

    model = keras.Sequential(
        [
            keras.layers.Input(_SHAPE[1:]),
            keras.layers.Conv2D(_SHAPE[-1], 3, dtype=precision),
            keras.layers.GlobalAveragePooling2D(dtype="float32"),
        ]
    )
    model.compile("sgd", "mse", jit_compile=JIT)
    images, targets = np.ones(_SHAPE, np.float32), np.zeros((_SHAPE[0], _SHAPE[-1]), np.float32)
    taken = []
    for _ in range(1 + _STEPS):  # the first one traces
        begin = time.perf_counter()
        model.train_on_batch(images, targets)
        taken.append(time.perf_counter() - begin)
    return min(taken[1:])


def caution(configs: Iterable[Config], took: Callable[[str], float] = seconds) -> str:
    """A sentence where float32 would be much quicker here, else an empty one.

    Args:
        configs: what will be trained.
        took: precision -> seconds of a step; by default they are measured, with Keras.
    """
    for precision in sorted({config.precision for config in configs} - {USUAL}):
        ratio = took(precision) / took(USUAL)
        if ratio > SLOW:
            return (
                f"This machine is slow at {precision}: a training step takes about {ratio:.0f} "
                f"times as long as in {USUAL}. To train in that, stop and "
                f"add `--set precision={USUAL}`."
            )
    return ""
