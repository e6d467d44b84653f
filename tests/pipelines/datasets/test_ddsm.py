import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pipelines.datasets import EmptyClass, Problems
from pipelines.datasets.ddsm import TILE, read
from pipelines.datasets.errors import MissingPackage
from pipelines.phantoms import phantom


def tile(label: int, seed: int) -> np.ndarray:
    picture = cv2.resize(phantom("mammography", label, seed), (TILE, TILE))
    return np.ascontiguousarray(picture[:, :, 0])


@pytest.fixture(scope="module")
def tf() -> Any:
    return pytest.importorskip("tensorflow", reason="only training installs TensorFlow")


@pytest.fixture
def write_shard(tf: Any, tmp_path: Path) -> Callable[..., Path]:
    def integer(value: int) -> Any:
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))

    def write(name: str, records: Sequence[tuple[bytes | None, int | None]]) -> Path:
        path = tmp_path / name / f"{name}.tfrecords"
        path.parent.mkdir()
        with tf.io.TFRecordWriter(str(path)) as writer:
            for image, label in records:
                features = {"label": integer(2)}
                if label is not None:
                    features["label_normal"] = integer(label)
                if image is not None:
                    content = tf.train.BytesList(value=[image])
                    features["image"] = tf.train.Feature(bytes_list=content)
                example = tf.train.Example(features=tf.train.Features(feature=features))
                writer.write(example.SerializeToString())
        return path

    return write


def records(*seeds: int) -> list[tuple[bytes, int]]:
    return [(tile(seed % 2, seed).tobytes(), seed % 2) for seed in seeds]


def test_tiles_of_all_shards(
    write_shard: Callable[..., Path], tmp_path: Path, problems: Problems
) -> None:
    write_shard("training10_0", records(0, 1, 2))
    write_shard("training10_1", records(3, 4))
    samples = list(read(tmp_path, problems))
    assert [sample.name for sample in samples] == [
        "training10_0/training10_0#000000",
        "training10_0/training10_0#000001",
        "training10_0/training10_0#000002",
        "training10_1/training10_1#000000",
        "training10_1/training10_1#000001",
    ]
    assert [sample.label for sample in samples] == [0, 1, 0, 1, 0]
    assert len({sample.group for sample in samples}) == 5
    assert samples[4].pixels.shape == (TILE, TILE, 3)
    np.testing.assert_array_equal(samples[4].pixels[:, :, 2], tile(0, 4))


def test_a_terminal_shows_how_far_the_groups_are(
    write_shard: Callable[..., Path],
    tmp_path: Path,
    problems: Problems,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_shard("training10_0", records(0, 1))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    next(read(tmp_path, problems))
    told = capsys.readouterr().err
    assert "Looking for copies: " in told
    assert "Comparing views: " in told
    assert "\n" not in told


def test_the_same_tile_turned_shares_a_group(
    write_shard: Callable[..., Path], tmp_path: Path, problems: Problems
) -> None:
    turned = np.rot90(tile(1, 1)[:, ::-1]).tobytes()
    write_shard("training10_0", [*records(0, 1, 2), (turned, 1)])
    groups = [sample.group for sample in read(tmp_path, problems)]
    assert groups[3] == groups[1]
    assert len(set(groups)) == 3


@pytest.mark.parametrize(
    ("image", "label", "reason"),
    [
        (b"\x00" * 100, 1, "the image has 100 bytes, not 299 x 299"),
        (None, 1, "the feature image is missing"),
        (b"\x00" * TILE * TILE, None, "the feature label_normal is missing"),
        (b"\x00" * TILE * TILE, 4, "label_normal is 4, neither 0 nor 1"),
    ],
)
def test_a_wrong_record_is_named(
    write_shard: Callable[..., Path],
    tmp_path: Path,
    problems: Problems,
    image: bytes | None,
    label: int | None,
    reason: str,
) -> None:
    write_shard("training10_0", [*records(0, 1), (image, label), *records(2)])
    names = [sample.name[-1] for sample in read(tmp_path, problems)]
    assert names == ["0", "1", "3"]
    assert dict(problems.unreadable) == {"training10_0/training10_0#000002": reason}


def test_a_truncated_shard_is_named(
    write_shard: Callable[..., Path], tmp_path: Path, problems: Problems
) -> None:
    path = write_shard("training10_0", records(0, 1, 2))
    path.write_bytes(path.read_bytes()[:-5000])
    assert len(list(read(tmp_path, problems))) == 2
    assert dict(problems.unreadable) == {
        "training10_0/training10_0": "the shard is truncated or damaged"
    }


def test_a_shard_of_something_else_is_named(
    tf: Any, tmp_path: Path, problems: Problems, write_shard: Callable[..., Path]
) -> None:
    write_shard("training10_0", records(0, 1))
    with tf.io.TFRecordWriter(str(tmp_path / "other.tfrecords")) as writer:
        writer.write(b"\xff\xff not an example")
    assert len(list(read(tmp_path, problems))) == 2
    assert list(problems.unreadable) == ["other#000000"]


def test_an_empty_class(
    write_shard: Callable[..., Path], tmp_path: Path, problems: Problems
) -> None:
    write_shard("training10_0", records(0, 2))
    with pytest.raises(EmptyClass, match="class abnormal"):
        list(read(tmp_path, problems))


def test_without_tensorflow_the_refusal_says_so(
    tmp_path: Path, problems: Problems, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "training10_0.tfrecords").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(MissingPackage, match="TensorFlow"):
        list(read(tmp_path, problems))


@pytest.mark.parametrize("shown", [tile(0, 2), np.zeros((TILE, TILE), np.uint8)])
def test_a_tile_with_both_labels_is_put_aside_a_blank_one_too(
    shown: np.ndarray, write_shard: Callable[..., Path], tmp_path: Path, problems: Problems
) -> None:
    both = [(shown.tobytes(), label) for label in (0, 1)]
    write_shard("training10_0", [*records(0, 1), *both])
    names = [sample.name for sample in read(tmp_path, problems)]
    assert [name[-1] for name in names] == ["0", "1"]
    assert [name[-1] for name in problems.set_aside] == ["2", "3"]


def test_linked_folders_are_read(
    write_shard: Callable[..., Path], tmp_path: Path, problems: Problems
) -> None:
    shard = write_shard("training10_0", records(0, 1))
    (tmp_path / "set").mkdir()
    (tmp_path / "set/training10_0").symlink_to(shard.parent, target_is_directory=True)
    names = [sample.name for sample in read(tmp_path / "set", problems)]
    assert names == ["training10_0/training10_0#000000", "training10_0/training10_0#000001"]


def test_a_shard_whose_name_is_not_utf_8_is_named(
    write_shard: Callable[..., Path], tmp_path: Path, problems: Problems
) -> None:
    shard = write_shard("training10_0", records(0, 1))
    shutil.copy(shard, tmp_path / os.fsdecode(b"b\xe9.tfrecords"))
    assert len(list(read(tmp_path, problems))) == 2
    assert problems.unreadable == {r"b\udce9": "its name is not UTF-8"}


def test_halves_of_downloads_and_hidden_files_are_no_shards(
    write_shard: Callable[..., Path], tmp_path: Path, problems: Problems
) -> None:
    shard = write_shard("training10_0", records(0, 1))
    for name in ("training10_0.tfrecords.crdownload", "._training10_0.tfrecords"):
        (shard.parent / name).write_bytes(shard.read_bytes()[:900])
    assert len(list(read(tmp_path, problems))) == 2
    assert not problems.unreadable
