import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipelines.image_store import DamagedPreparation, ImageStore, read_image

BYTES = 224 * 224 * 3


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Three prepared images; the first channel tells their number, times ten."""
    (tmp_path / "busi" / "0").mkdir(parents=True)
    found = [tmp_path / "busi" / "0" / f"{number}.png" for number in range(3)]
    for number, path in enumerate(found):
        pixels = np.zeros((224, 224, 3), np.uint8)
        pixels[..., 0] = 10 * number
        cv2.imwrite(str(path), pixels[..., ::-1])
    return found


def test_an_image_is_read_as_rgb(paths: list[Path]) -> None:
    pixels = read_image(paths[2])
    assert pixels.shape == (224, 224, 3)
    assert pixels.dtype == np.uint8
    assert (pixels[..., 0] == 20).all()


@pytest.mark.parametrize("read", [read_image, ImageStore().read])
def test_an_image_that_is_gone_or_damaged_is_named(
    read: Callable[[Path], np.ndarray], paths: list[Path], tmp_path: Path
) -> None:
    again = re.escape(f"Delete {tmp_path / 'busi'} and run `python -m pipelines prepare busi ")
    paths[0].unlink()
    paths[1].write_bytes(paths[1].read_bytes()[:-100])
    changed = bytearray(paths[2].read_bytes())
    changed[len(changed) // 2] ^= 255
    paths[2].write_bytes(changed)
    for number, received in enumerate(("no such file", "a file that cannot", "a file that cannot")):
        with pytest.raises(DamagedPreparation, match=rf"{number}\.png .*{received}.*{again}"):
            read(paths[number])


@pytest.mark.parametrize("room", [0, 1, 2, 3])
def test_only_as_many_images_are_kept_as_memory_is_granted(room: int, paths: list[Path]) -> None:
    store = ImageStore(memory=room * BYTES + BYTES - 1)
    first = [store.read(path) for path in paths]
    for path in paths:
        path.write_bytes(b"")  # what is not in memory is gone
    for path, image in zip(paths[:room], first[:room], strict=True):
        assert store.read(path) is image
    for path in paths[room:]:
        with pytest.raises(DamagedPreparation):
            store.read(path)


def test_what_is_kept_cannot_be_changed(paths: list[Path]) -> None:
    with pytest.raises(ValueError, match="read-only"):
        ImageStore().read(paths[0])[0, 0, 0] = 1
