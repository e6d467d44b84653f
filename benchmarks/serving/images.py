"""The uploads of the benchmark: synthetic, so that no data set is needed."""

import io
from functools import cache

import numpy as np
from PIL import Image

from models.imaging import decode
from models.specs import ModalitySpec
from pipelines.phantoms import phantom


def upload(modality: ModalitySpec, seed: int = 1) -> bytes:
    """A PNG of 256 x 256 pixels."""
    return _png(modality.key, seed)


def tensor(image: bytes, modality: ModalitySpec) -> np.ndarray:
    """What a network reads of an upload: (1, 224, 224, 3) float32 RGB in 0..255."""
    return np.ascontiguousarray(modality.prepare(decode(image).pixels)[np.newaxis])


@cache
def _png(modality: str, seed: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(phantom(modality, 1, seed)).save(buffer, format="PNG")
    return buffer.getvalue()
