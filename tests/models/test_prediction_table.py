from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from models.prediction_table import COLUMNS, InvalidPredictions, Predictions, read, write


def predictions(seed: int, *, count: int = 7, dense: bool = True) -> Predictions:
    """Float32 probabilities, the hardest ones to write among them."""
    random = np.random.default_rng(seed)
    hard = np.array([0.1, 1 / 3, 1.0, 0.0, 1e-12, np.nextafter(np.float32(0.5), 0)], np.float32)
    found = np.append(hard, random.random(count - len(hard), dtype=np.float32))
    return Predictions(
        names=tuple(f'picture, "{seed}"/{i}.png' for i in range(count)),
        groups=np.array([f"album {i // 2}" for i in range(count)]),
        labels=np.array([i % 2 for i in range(count)], np.uint8),
        weights=np.array([1 / (1 + i // 2) for i in range(count)], np.float32).astype(np.float64),
        probabilities=found.astype(np.float64),
        dense=found[::-1].astype(np.float64) if dense else None,
    )


def both(**options: bool) -> Mapping[str, Predictions]:
    return {"validation": predictions(1, **options), "test": predictions(2, **options)}


def written(path: Path, *, old: str = "", new: str = "") -> Path:
    """A file of predictions with one text in it replaced."""
    write(path, both())
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


@pytest.mark.parametrize("dense", [True, False])
def test_what_is_read_is_what_was_written(dense: bool, tmp_path: Path) -> None:
    write(tmp_path / "vgg" / "predictions.csv", both(dense=dense))
    found = read(tmp_path / "vgg" / "predictions.csv")
    assert list(found) == ["validation", "test"]
    for part, expected in both(dense=dense).items():
        one = found[part]
        assert one.names == expected.names
        assert one.groups.tolist() == expected.groups.tolist()
        assert one.labels.tolist() == expected.labels.tolist()
        assert one.labels.dtype == np.uint8
        assert one.probabilities.tolist() == expected.probabilities.tolist()
        assert one.weights.tolist() == expected.weights.tolist()
        assert one.probabilities.dtype == np.float64
        assert (one.dense is None) is not dense
        if one.dense is not None:
            assert one.dense.tolist() == expected.dense.tolist()


def test_any_float32_survives_the_file(tmp_path: Path) -> None:
    many = np.random.default_rng(1).random(5000, dtype=np.float32).astype(np.float64)
    one = Predictions(
        names=tuple(map(str, range(5000))),
        groups=np.arange(5000).astype(str),
        labels=np.zeros(5000, np.uint8),
        weights=np.ones(5000),
        probabilities=many,
    )
    write(tmp_path / "many.csv", {"validation": one, "test": one})
    np.testing.assert_array_equal(read(tmp_path / "many.csv")["test"].probabilities, many)


def test_the_file_is_plain_and_the_same_again(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", both(dense=False))
    write(tmp_path / "b.csv", both(dense=False))
    text = (tmp_path / "a.csv").read_bytes()
    assert text == (tmp_path / "b.csv").read_bytes()
    assert text.decode().splitlines()[:2] == [
        ",".join(COLUMNS),
        'validation,"picture, ""1""/0.png",album 0,0,1,0.100000001,',
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("dense_probability", "dense", "the columns part, image"),
        ("part,", "", "the columns part, image"),
        ("validation,", "train,", "the parts validation, test"),
        (",album 0,0,", ",album 0,2,", "labels 0 and 1"),
        (",album 0,0,", ",album 0,", "7 values in every row"),
        (",album 1,0,0.5,", ",album 1,0,0,", "weights above 0 and of 1 or less"),
        (",album 1,0,0.5,", ",album 1,0,1.5,", "weights above 0 and of 1 or less"),
        (",album 1,0,0.5,", ",album 1,0,nan,", "weights above 0 and of 1 or less"),
        (",album 1,0,0.5,", ",album 1,0,,", "a number for every weight"),
        ("0.100000001", "1.5", r"probabilities in \[0, 1\]"),
        ("0.100000001", "nan", r"probabilities in \[0, 1\]"),
        ("0.100000001", "high", "a number for every weight and probability"),
        ("0.100000001", "", "a number for every weight and probability"),
        ('""1""/1', '""1""/0', "every image once"),
    ],
)
def test_another_form_is_refused(old: str, new: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidPredictions, match=f"[Ee]xpected.*{expected}"):
        read(written(tmp_path / "predictions.csv", old=old, new=new))


def test_a_refusal_has_no_words_of_python(tmp_path: Path) -> None:
    with pytest.raises(InvalidPredictions, match="probability; received something else"):
        read(written(tmp_path / "predictions.csv", old="0.100000001", new="high"))


def test_a_dense_probability_is_there_for_all_images_or_for_none(tmp_path: Path) -> None:
    path = written(tmp_path / "predictions.csv")
    rows = path.read_text("utf-8").splitlines()
    rows[1] = rows[1].rpartition(",")[0] + ","
    path.write_text("\n".join(rows), "utf-8")
    with pytest.raises(InvalidPredictions, match="a number for every weight and probability"):
        read(path)


def test_a_missing_or_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidPredictions, match="no such file"):
        read(tmp_path / "none.csv")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(InvalidPredictions, match="none"):
        read(tmp_path / "empty.csv")


def test_a_file_that_is_no_csv_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "predictions.csv", old="album 0", new="a" * 200_000)
    with pytest.raises(InvalidPredictions, match="comma-separated values"):
        read(path)


def test_a_bad_byte_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "predictions.csv")
    path.write_bytes(path.read_bytes().replace(b"album 0", b"album \xff"))
    with pytest.raises(InvalidPredictions, match="comma-separated values in UTF-8"):
        read(path)


def test_columns_of_different_lengths_are_no_predictions() -> None:
    one = predictions(1)
    with pytest.raises(InvalidPredictions, match="columns of one length"):
        Predictions(
            names=one.names[:-1],
            groups=one.groups,
            labels=one.labels,
            weights=one.weights,
            probabilities=one.probabilities,
        )
