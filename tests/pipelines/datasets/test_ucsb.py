from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipelines.datasets import EmptyClass, Problems
from pipelines.datasets.ucsb import TILE, UCSB, read, read_whole, tissue_mask
from pipelines.phantoms import phantom


@pytest.fixture
def copy(tmp_path: Path, write_picture: Callable[[Path, np.ndarray], Path]) -> Path:
    """Two images of 896 x 768 with a mask each; their right half is glass."""
    for label, name in enumerate(("benign", "malignant")):
        pixels = np.full((768, 896, 3), 240, np.uint8)
        tissue = np.tile(phantom("histopathology", label, 0), (3, 2, 1))
        pixels[:, :448] = tissue[:, :448]
        write_picture(tmp_path / name / f"ytma49_042003_{name}1_ccd.tif", pixels)
        mask = np.where(pixels < 128, np.uint8(255), np.uint8(0))
        write_picture(tmp_path / "Masks" / f"ytma49_042003_{name}1.TIF", mask)
    return tmp_path


def test_tiles_are_named_by_column_and_row_and_grouped_by_slide(
    copy: Path, problems: Problems
) -> None:
    samples = list(read(copy, problems))
    assert {sample.pixels.shape for sample in samples} == {(TILE, TILE, 3)}
    assert samples[0].name == "ytma49_042003_benign1_ccd@0,0"
    assert "ytma49_042003_malignant1_ccd@112,336" in {sample.name for sample in samples}
    assert {sample.group for sample in samples} == {"ytma49_042003"}
    assert [sample.label for sample in samples] == sorted(sample.label for sample in samples)


def test_tiles_of_glass_are_left_out(copy: Path, problems: Problems) -> None:
    columns = {int(s.name.split("@")[1].split(",")[0]) for s in read(copy, problems)}
    assert columns == {0, 112, 224, 336}


def test_tissue_is_told_from_glass() -> None:
    pixels = np.full((256, 512, 3), 240, np.uint8)
    pixels[:, :256] = phantom("histopathology", 0, 1)
    mask = tissue_mask(pixels)
    assert mask[:, :250].mean() > 0.95
    assert not mask[:, 262:].any()


def test_an_unreadable_image_is_named(copy: Path, problems: Problems) -> None:
    (copy / "benign/ytma49_042003_benign2_ccd.tif").write_bytes(b"II*\x00 nothing more")
    assert list(read(copy, problems))
    assert list(problems.unreadable) == ["ytma49_042003_benign2_ccd.tif"]


def test_masks_beside_the_images_are_no_tissue(copy: Path, problems: Problems) -> None:
    assert len(list((copy / "Masks").iterdir())) == 2
    names = [image.name for image in read_whole(copy, problems)]
    assert names == ["ytma49_042003_benign1_ccd", "ytma49_042003_malignant1_ccd"]
    assert {sample.name.partition("@")[0] for sample in read(copy, problems)} == set(names)
    assert not problems.unreadable


def test_an_empty_class(copy: Path, problems: Problems) -> None:
    for path in (copy / "benign").iterdir():
        path.unlink()
    with pytest.raises(EmptyClass, match="class benign"):
        list(read(copy, problems))


@pytest.mark.data
def test_the_published_set(published: Callable[[str], Path], problems: Problems) -> None:
    samples = list(UCSB.read(published(UCSB.folder), problems))
    problems.settle()
    assert 1300 <= len(samples) <= 1500
    groups = {label: {s.group for s in samples if s.label == label} for label in (0, 1)}
    assert len(groups[0] | groups[1]) == 8
    assert len(groups[0] & groups[1]) == 7


@pytest.mark.parametrize(("columns", "tiles"), [(60, 0), (67, 0), (68, 1)])
def test_a_tile_needs_more_than_three_tenths_of_tissue(
    tmp_path: Path,
    problems: Problems,
    write_picture: Callable[[Path, np.ndarray], Path],
    columns: int,
    tiles: int,
) -> None:
    pixels = np.full((TILE, TILE, 3), 240, np.uint8)
    pixels[:, :columns] = (240, 190, 240)  # so pale that its mask ends where it does
    for name in ("benign", "malignant"):
        write_picture(tmp_path / f"ytma49_042003_{name}1_ccd.tif", pixels)
    assert len(list(read(tmp_path, problems))) == 2 * tiles
    names = [f"ytma49_042003_{name}1_ccd" for name in ("benign", "malignant")]
    reason = "no tile of 224 x 224 pixels has more than 30 % tissue"
    assert problems.set_aside == ({} if tiles else dict.fromkeys(names, reason))


def test_an_image_smaller_than_a_tile_is_set_aside(
    copy: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    small = phantom("histopathology", 0, 3)[: TILE - 1]
    write_picture(copy / "ytma10_010704_benign9_ccd.tif", small)
    assert list(read(copy, problems))
    assert list(problems.set_aside) == ["ytma10_010704_benign9_ccd"]
