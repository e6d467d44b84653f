import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipelines.datasets import EmptyClass, Problems
from pipelines.datasets.idc import read
from pipelines.phantoms import phantom


def patch(label: int, seed: int) -> np.ndarray:
    return cv2.resize(phantom("histopathology", label, seed), (50, 50))


@pytest.fixture
def copy(tmp_path: Path, write_picture: Callable[[Path, np.ndarray], Path]) -> Path:
    for patient in ("10253", "8863"):
        for label in (0, 1):
            for column in (1001, 951):
                name = f"{patient}_idx5_x{column}_y1301_class{label}.png"
                write_picture(tmp_path / patient / str(label) / name, patch(label, column))
    return tmp_path


def test_patients_are_groups(copy: Path, problems: Problems) -> None:
    samples = list(read(copy, problems))
    assert [sample.name for sample in samples[:3]] == [
        "10253_idx5_x1001_y1301_class0.png",
        "10253_idx5_x951_y1301_class0.png",
        "10253_idx5_x1001_y1301_class1.png",
    ]
    assert [sample.group for sample in samples] == ["10253"] * 4 + ["8863"] * 4
    assert [sample.label for sample in samples] == [0, 0, 1, 1] * 2


def test_the_second_copy_inside_the_archive_is_read_once(
    copy: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    nested = copy / "IDC_regular_ps50_idx5" / "10253"
    for label in (0, 1):
        name = f"10253_idx5_x1_y1_class{label}.png"
        write_picture(nested / str(label) / name, patch(label, 0))
    assert len(list(read(copy, problems))) == 2


def test_a_name_that_is_not_utf_8_is_named(
    copy: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    path = write_picture(copy / "10253/0/10253_idx5_x1_y1_class0.png", patch(0, 0))
    path.rename(path.with_name(os.fsdecode(b"10253\xe9_idx5_x1_y1_class0.png")))
    assert len(list(read(copy, problems))) == 8
    assert list(problems.unreadable) == [r"10253\udce9_idx5_x1_y1_class0.png"]
    assert all(reason.encode() for reason in problems.unreadable.values())


def test_reading_is_lazy(copy: Path, problems: Problems) -> None:
    samples = read(copy, problems)
    next(samples)
    for path in (copy / "8863/1").iterdir():
        path.write_bytes(b"")
    assert len(list(samples)) == 5
    assert len(problems.unreadable) == 2


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("10253_idx5_x1_y1_class0.png", "the folder says class 1, the name 0"),
        ("8863_idx5_x1_y1_class1.png", "the folder says patient 10253, the name 8863"),
        ("tissue.png", "the name is not <patient>"),
    ],
)
def test_folder_and_name_must_agree(
    copy: Path,
    problems: Problems,
    write_picture: Callable[[Path, np.ndarray], Path],
    name: str,
    reason: str,
) -> None:
    write_picture(copy / "10253/1" / name, patch(1, 0))
    assert len(list(read(copy, problems))) == 8
    assert reason in problems.unreadable[name]


@pytest.mark.parametrize("width", [4, 32])
def test_patches_cut_by_the_edge_are_put_aside(
    copy: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path], width: int
) -> None:
    name = "10253_idx5_x1_y1_class1.png"
    write_picture(copy / "10253/1" / name, np.full((50, width, 3), 200, np.uint8))
    assert len(list(read(copy, problems))) == 8
    assert list(problems.set_aside) == [name]
    assert not problems.unreadable


def test_an_empty_class(copy: Path, problems: Problems) -> None:
    for path in copy.glob("*/1/*"):
        path.unlink()
    with pytest.raises(EmptyClass, match="with carcinoma"):
        list(read(copy, problems))
