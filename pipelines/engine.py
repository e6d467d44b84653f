"""The engine behind Keras, started without its own talk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STANDARD_ERROR = 2  # the file descriptor: native libraries know nothing of sys.stderr


def start_engine() -> str:
    """Import Keras and compute something once; what TensorFlow logs meanwhile is not shown.

    TensorFlow's start-up lines pass by ``TF_CPP_MIN_LOG_LEVEL``. Exceptions are raised as ever.

    Returns:
        What was started: "Keras 3.15.1 on tensorflow".
    """
    with _silent_standard_error():
        import keras

        keras.ops.add(1.0, 1.0)
    return f"Keras {keras.__version__} on {keras.backend.backend()}"


@contextmanager
def _silent_standard_error() -> Iterator[None]:
    """Let nothing through that is written to the file descriptor itself."""
    kept = os.dup(_STANDARD_ERROR)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), _STANDARD_ERROR)
        yield
    finally:
        os.dup2(kept, _STANDARD_ERROR)
        os.close(kept)
