from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipelines.datasets import Problems
from pipelines.datasets.busi import BUSI, read
from pipelines.datasets.busi_described import read_described
from pipelines.datasets.busi_outlines import NoOutline, read_outlined

Write = Callable[[Path, np.ndarray], Path]
SIZE = (64, 80, 3)


def spot(row: int) -> np.ndarray:
    mask = np.zeros(SIZE, np.uint8)
    mask[row : row + 8, 10:20] = 255
    return mask


@pytest.fixture(params=["masks", "images"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, write_picture: Write) -> Path:
    """Both layouts: masks apart, and masks beside the images."""
    apart = request.param == "masks"
    images, masks = (tmp_path / "images", tmp_path / "masks") if apart else (tmp_path, tmp_path)
    write_picture(images / "benign/benign (1).png", np.full(SIZE, 90, np.uint8))
    write_picture(masks / "benign/benign (1)_mask.png", spot(0))
    write_picture(masks / "benign/benign (1)_mask_1.png", spot(40))
    write_picture(masks / "benign/benign (11)_mask.png", spot(20))
    return tmp_path


def test_an_image_comes_with_the_union_of_its_outlines(folder: Path) -> None:
    pixels, mask = read_outlined(folder, "benign (1).png")
    assert (pixels == 90).all()
    assert pixels.shape == SIZE
    assert mask.dtype == bool
    assert np.array_equal(mask, (spot(0) | spot(40))[:, :, 0] > 0)


def test_images_that_are_told_apart_by_their_paths_have_their_own_outlines(
    tmp_path: Path, write_picture: Write
) -> None:
    for row, name in enumerate(("benign/000", "benign/more/000", "malignant/000")):
        write_picture(tmp_path / f"{name}.png", np.full(SIZE, 90, np.uint8))
        write_picture(tmp_path / f"{name}_mask.png", spot(10 * row))
    for sample in read(tmp_path, Problems()):
        _, mask = read_outlined(tmp_path, sample.name)
        row = ("benign/000.png", "benign/more/000.png", "malignant/000.png").index(sample.name)
        assert np.array_equal(mask, spot(10 * row)[:, :, 0] > 0)


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("name", ["malignant/case_07.png", "malignant/more/benign (7).png"])
def test_file_names_of_one_s_own_are_found_below_the_class_folders(
    name: str, tmp_path: Path, write_picture: Write, *, apart: bool
) -> None:
    images, masks = (tmp_path / "images", tmp_path / "masks") if apart else (tmp_path, tmp_path)
    own = {"case_08.png": Path("benign/case_08.png"), Path(name).name: Path(name)}
    noise = np.random.default_rng(1).integers(0, 256, (3, *SIZE), dtype=np.uint8)
    for row, path in enumerate(own.values()):
        write_picture(images / path, noise[row])
        write_picture((masks / path).with_stem(f"{path.stem}_mask"), spot(10 * row))
    write_picture(images / "normal" / Path(name).name, noise[2])
    assert [sample.name for sample in read(tmp_path, Problems())] == list(own)
    for row, sample in enumerate(own):
        pixels, mask = read_outlined(tmp_path, sample)
        assert np.array_equal(pixels, noise[row])
        assert np.array_equal(mask, spot(10 * row)[:, :, 0] > 0)


def test_the_size_of_a_lesion_is_its_share_of_the_image(folder: Path) -> None:
    assert read_described(folder, "benign (1).png") == {"size": 100 * 2 * 8 * 10 / (64 * 80)}


def test_an_absent_image_is_refused(folder: Path) -> None:
    with pytest.raises(NoOutline, match=r"a picture benign \(11\)\.png below .*; received none"):
        read_outlined(folder, "benign (11).png")


def test_an_outline_of_another_size_is_refused(folder: Path, write_picture: Write) -> None:
    for found in folder.rglob("benign (1)_mask.png"):
        write_picture(found, spot(0)[:32])
    with pytest.raises(NoOutline, match="other sizes"):
        read_outlined(folder, "benign (1).png")


def test_an_empty_outline_is_refused(folder: Path, write_picture: Write) -> None:
    for found in folder.rglob("benign (1)_mask*.png"):
        write_picture(found, np.zeros(SIZE, np.uint8))
    with pytest.raises(NoOutline, match="an empty mask"):
        read_outlined(folder, "benign (1).png")


@pytest.mark.data
def test_the_published_set(published: Callable[[str], Path]) -> None:
    pixels, mask = read_outlined(published(BUSI.folder), "benign (100).jpg")
    assert mask.shape == pixels.shape[:2]
    assert 0 < mask.mean() < 0.9
