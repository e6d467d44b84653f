from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipelines.datasets import EmptyClass, Problems
from pipelines.datasets.ubi import read, source_of
from pipelines.phantoms import phantom

SET = "ultrasound breast classification"


@pytest.fixture
def copy(tmp_path: Path, write_picture: Callable[[Path, np.ndarray], Path]) -> Path:
    for label, name in enumerate(("benign", "malignant")):
        for index in range(2):
            pixels = phantom("ultrasound", label, index)
            stem = f"{name} ({index + 1})"
            write_picture(tmp_path / SET / "train" / name / f"{stem}.png", pixels)
            write_picture(
                tmp_path / SET / "train" / name / f"{stem}-rotated1-sharpened.png",
                np.rot90(pixels).copy(),
            )
            write_picture(
                tmp_path / SET / "val" / name / f"{stem}-rotated32.jpg", pixels[::-1].copy()
            )
    return tmp_path / SET


@pytest.mark.parametrize(
    ("stem", "source"),
    [
        ("benign (12)", "benign (12)"),
        ("benign (12)-rotated1", "benign (12)"),
        ("malignant (2)-rotated1-sharpened-rotated2", "malignant (2)"),
        ("benign (36)-rotated32", "benign (36)"),
        ("benign (3)-sharpened", "benign (3)"),
    ],
)
def test_copies_are_named_after_their_source(stem: str, source: str) -> None:
    assert source_of(stem) == source


def test_copies_share_a_group_across_train_and_val(copy: Path, problems: Problems) -> None:
    samples = list(read(copy, problems))
    assert len(samples) == 12
    groups = {}
    for sample in samples:
        groups.setdefault(sample.group, []).append(sample.name)
    assert sorted(groups) == [
        "benign/benign (1)",
        "benign/benign (2)",
        "malignant/malignant (1)",
        "malignant/malignant (2)",
    ]
    assert groups["benign/benign (1)"] == [
        "train/benign/benign (1)-rotated1-sharpened.png",
        "train/benign/benign (1).png",
        "val/benign/benign (1)-rotated32.jpg",
    ]
    assert not problems.set_aside


def test_turned_copies_with_other_names_are_found_by_view(
    copy: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    turned = np.rot90(phantom("ultrasound", 0, 1)[:, ::-1], 3).copy()
    write_picture(copy / "val/benign/img_0815.png", turned)
    groups = {sample.name: sample.group for sample in read(copy, problems)}
    assert groups["val/benign/img_0815.png"] == groups["train/benign/benign (2).png"]


def test_one_view_with_two_labels_is_put_aside_with_its_copies(
    copy: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    write_picture(copy / "train/malignant/malignant (7).png", phantom("ultrasound", 0, 0)[::-1])
    names = {sample.name for sample in read(copy, problems)}
    assert len(problems.set_aside) == 4
    assert "train/malignant/malignant (7).png" in problems.set_aside
    assert len(names) == 9


def test_an_unreadable_image_is_named(copy: Path, problems: Problems) -> None:
    (copy / "train/benign/benign (3).png").write_bytes(b"<html>")
    assert len(list(read(copy, problems))) == 12
    assert list(problems.unreadable) == ["train/benign/benign (3).png"]


def test_an_empty_class(copy: Path, problems: Problems) -> None:
    for path in copy.glob("*/malignant/*"):
        path.unlink()
    with pytest.raises(EmptyClass, match="malignant"):
        list(read(copy, problems))
