"""Miniature copies of the published layouts, and the way to the real sets where they are."""

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipelines.datasets import Problems

ROOT = Path(__file__).parents[3]


@pytest.fixture
def problems() -> Problems:
    return Problems()


@pytest.fixture
def write_picture() -> Callable[[Path, np.ndarray], Path]:
    """Write RGB pixels below folders that are made on the way."""

    def write(path: Path, pixels: np.ndarray) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not cv2.imwrite(str(path), pixels[:, :, ::-1]):
            raise OSError(f"could not write {path}")
        return path

    return write


@pytest.fixture(scope="session")
def published() -> Callable[[str], Path]:
    """The folder of a published set below DATA_DIR or ../shared/data; skips where it is not."""

    def find(name: str) -> Path:
        data = Path(os.environ.get("DATA_DIR", ROOT.parent / "shared" / "data"))
        if not (data / name).is_dir():
            pytest.skip(f"{name} is not on this machine; set DATA_DIR to the folder that holds it")
        return data / name

    return find
