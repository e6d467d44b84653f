import os
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipelines.datasets import EmptyClass, Problems, UnreadableImages
from pipelines.datasets.busi import BUSI, read
from pipelines.datasets.sample import Sample
from pipelines.phantoms import phantom
from tests.pipelines.datasets.test_same_frames import speckled


@pytest.fixture
def copy(tmp_path: Path, write_picture: Callable[[Path, np.ndarray], Path]) -> Path:
    for label, name in enumerate(("benign", "malignant")):
        for index in range(3):
            path = tmp_path / "images" / name / f"{name} ({index + 1}).png"
            write_picture(path, phantom("ultrasound", label, index))
    write_picture(tmp_path / "images/normal/normal (1).png", phantom("ultrasound", 0, 9))
    return tmp_path


def test_classes_names_and_order(copy: Path, problems: Problems) -> None:
    samples = list(read(copy, problems))
    assert [(sample.name, sample.label) for sample in samples] == [
        ("benign (1).png", 0),
        ("benign (2).png", 0),
        ("benign (3).png", 0),
        ("malignant (1).png", 1),
        ("malignant (2).png", 1),
        ("malignant (3).png", 1),
    ]
    assert len({sample.group for sample in samples}) == 6
    assert all(sample.primary for sample in samples)
    np.testing.assert_array_equal(samples[4].pixels, phantom("ultrasound", 1, 1))


def test_a_terminal_shows_how_far_the_groups_are(
    copy: Path,
    problems: Problems,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    next(read(copy, problems))
    told = capsys.readouterr().err
    for title in ("Looking for copies", "Comparing views", "Comparing frames"):
        assert f"{title}: " in told
    assert "\n" not in told


def test_the_layout_of_the_archive_has_masks_beside_the_images(
    tmp_path: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    for label, name in enumerate(("benign", "malignant")):
        write_picture(tmp_path / name / f"{name} (1).png", phantom("ultrasound", label, 0))
        write_picture(tmp_path / name / f"{name} (1)_mask.png", np.zeros((64, 64, 3), np.uint8))
        write_picture(tmp_path / name / f"{name} (1)_mask_1.png", np.zeros((64, 64, 3), np.uint8))
    names = [sample.name for sample in read(tmp_path, problems)]
    assert names == ["benign (1).png", "malignant (1).png"]


def test_the_same_names_in_both_classes_are_told_apart_by_their_folders(
    tmp_path: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    for label, name in enumerate(("benign", "malignant")):
        for index in range(2):
            picture = phantom("ultrasound", label, index)
            write_picture(tmp_path / name / f"{index:03d}.png", picture)
            write_picture(tmp_path / name / "more" / f"{index:03d}.png", picture[:, ::-1].copy())
        write_picture(tmp_path / name / f"{name}.png", phantom("ultrasound", label, 7))
    samples = list(read(tmp_path, problems))
    assert not problems.set_aside
    names = [sample.name for sample in samples]
    assert len(set(names)) == len(names) == 10
    assert {"benign/000.png", "malignant/more/001.png", "benign.png"} <= set(names)
    groups = {sample.name: sample.group for sample in samples}
    assert groups["benign/000.png"] == "benign/000"
    assert groups["benign/000.png"] != groups["malignant/000.png"]


def test_linked_folders_are_followed_once(copy: Path, problems: Problems) -> None:
    images = copy / "images"
    (images / "benign").rename(copy / "elsewhere")
    (images / "benign").symlink_to(copy / "elsewhere", target_is_directory=True)
    (copy / "elsewhere" / "round").symlink_to(copy / "elsewhere", target_is_directory=True)
    labels = [sample.label for sample in read(copy, problems)]
    assert labels == [0, 0, 0, 1, 1, 1]


def test_a_name_that_is_not_utf_8_is_named_and_skipped(copy: Path, problems: Problems) -> None:
    path = copy / "images/benign/benign (1).png"
    path.rename(path.with_name(os.fsdecode(b"b\xe9nin.png")))
    assert len(list(read(copy, problems))) == 5
    assert problems.unreadable == {r"b\udce9nin.png": "its name is not UTF-8"}


def test_near_duplicates_share_a_group(
    copy: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    again = np.clip(phantom("ultrasound", 0, 0).astype(float) * 1.1 + 5, 0, 255).astype(np.uint8)
    again[:20, :20] = 255
    write_picture(copy / "images/benign/benign (4).png", again)
    groups = {sample.name: sample.group for sample in read(copy, problems)}
    assert groups["benign (4).png"] == groups["benign (1).png"] == "benign (1)"
    assert not problems.set_aside


def test_one_view_with_two_labels_is_put_aside_by_name(
    copy: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    write_picture(copy / "images/malignant/malignant (9).png", phantom("ultrasound", 0, 1))
    names = {sample.name for sample in read(copy, problems)}
    assert set(problems.set_aside) == {"benign (2).png", "malignant (9).png"}
    assert not names & set(problems.set_aside)
    assert len(names) == 5


def test_unreadable_images_are_named_and_counted(copy: Path, problems: Problems) -> None:
    (copy / "images/benign/benign (5).png").write_bytes(b"")
    broken = copy / "images/malignant/malignant (1).png"
    broken.write_bytes(broken.read_bytes()[:3000])
    assert len(list(read(copy, problems))) == 5
    assert list(problems.unreadable) == ["benign (5).png", "malignant (1).png"]
    with pytest.raises(UnreadableImages, match=r"2 unreadable: benign \(5\).png") as caught:
        problems.settle()
    assert caught.value.count == 2
    assert "malignant (1).png" in caught.value.names


def test_a_class_without_images(
    tmp_path: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    write_picture(tmp_path / "benign/benign (1).png", phantom("ultrasound", 0, 0))
    (tmp_path / "malignant").mkdir()
    with pytest.raises(EmptyClass, match="malignant"):
        list(read(tmp_path, problems))


@pytest.fixture(scope="module")
def published_samples(published: Callable[[str], Path]) -> tuple[list[Sample], Problems]:
    """The published set, which takes a minute to compare with itself."""
    problems = Problems()
    samples = list(BUSI.read(published(BUSI.folder), problems))
    problems.settle()
    return samples, problems


@pytest.mark.data
def test_the_published_set(published_samples: tuple[list[Sample], Problems]) -> None:
    samples, problems = published_samples
    labels = [sample.label for sample in samples]
    assert (labels.count(0), labels.count(1)) == (385, 183)
    aside = set(problems.set_aside)
    known = {"benign (433).jpg", "malignant (145).jpg", "benign (131).jpg", "malignant (51).jpg"}
    assert known <= aside
    assert len(aside) == 14


@pytest.mark.data
def test_cuts_of_published_images_share_their_group(
    published_samples: tuple[list[Sample], Problems],
) -> None:
    groups = {sample.name: sample.group for sample in published_samples[0]}
    assert len(set(groups.values())) == 456
    for one, other in ((66, 65), (99, 98), (114, 14), (114, 123), (113, 11), (81, 80)):
        assert groups[f"malignant ({one}).jpg"] == groups[f"malignant ({other}).jpg"]


@pytest.mark.data
def test_every_pair_of_the_usual_difference_hash_shares_a_group(
    published_samples: tuple[list[Sample], Problems],
) -> None:
    samples, _ = published_samples
    bits = np.array([_difference_hash(sample.pixels) for sample in samples])
    distances = (bits[:, None] != bits[None]).sum(axis=2)
    pairs = np.argwhere(np.triu(distances <= 10, 1))
    assert len(pairs) >= 20
    assert all(samples[first].group == samples[second].group for first, second in pairs)


def _difference_hash(pixels: np.ndarray) -> np.ndarray:
    small = cv2.resize(pixels[:, :, 0], (17, 16), interpolation=cv2.INTER_AREA)
    return (small[:, 1:] > small[:, :-1]).ravel()


def test_a_crop_of_a_frame_shares_its_group(
    tmp_path: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    whole = speckled(1)
    pictures = {"benign (1)": whole, "benign (2)": whole[20:270, 60:340], "benign (3)": speckled(2)}
    for name, picture in pictures.items():
        write_picture(tmp_path / "benign" / f"{name}.png", picture)
    write_picture(tmp_path / "malignant" / "malignant (1).png", speckled(3))
    groups = [sample.group for sample in read(tmp_path, problems)]
    assert groups == ["benign (1)", "benign (1)", "benign (3)", "malignant (1)"]
