import csv
import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from pipelines.datasets import EmptyClass, NoDataFolder, Problems, RepeatedName
from pipelines.datasets.film_places import CROP, JITTER, MIN_BREAST, Places, breast_mask
from pipelines.datasets.mias import MIAS, read, read_films
from pipelines.datasets.mias_described import NotInTable, read_described
from pipelines.datasets.mias_table import InvalidTable
from pipelines.extraction import extract

HEADER = [
    "image",
    "patient",
    "label",
    "tissue",
    "abnormality",
    "severity",
    "x",
    "y",
    "radius",
    "note",
]
LESION = (300, 620)  # row from the top, column


def film(seed: int) -> np.ndarray:
    """A breast at the right edge of a padded film, with a flat bright label beside it."""
    rng = np.random.default_rng(seed)
    tissue = cv2.GaussianBlur(rng.normal(0, 1, (1024, 1024)), (0, 0), 12)
    tissue = 120 + 35 * tissue / tissue.std()
    breast = cv2.ellipse(np.zeros((1024, 1024), np.uint8), (760, 500), (420, 460), 0, 0, 360, 1, -1)
    gray = np.where(breast > 0, tissue, 10)
    gray[40:160, 220:280] = 250
    gray[:, :200] = gray[:, 780:] = 0
    return np.repeat(np.clip(gray, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


@pytest.fixture
def copy(tmp_path: Path, write_picture: Callable[[Path, np.ndarray], Path]) -> Path:
    rows = [
        ["mdb001", "p001", "benign", "G", "CIRC", "B", LESION[1], 1023 - LESION[0], 40, ""],
        ["mdb002", "p001", "normal", "G", "NORM", "", "", "", "", ""],
        ["mdb003", "p002", "normal", "D", "NORM", "", "", "", "", ""],
        ["mdb004", "p002", "malignant", "D", "CALC", "M", "", "", "", "*NOTE 3*"],
        ["mdb005", "p003", "malignant", "D", "SPIC", "M", 600, 500, 60, ""],
    ]
    with (tmp_path / "labels.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *rows])
    for index, row in enumerate(rows):
        pixels = film(index)
        if row[0] == "mdb001":
            cv2.circle(pixels, LESION[::-1], 8, (255, 255, 255), -1)
        write_picture(tmp_path / row[2] / f"{row[0]}.png", pixels)
    return tmp_path


def test_crops_groups_and_extras(copy: Path, problems: Problems) -> None:
    samples = list(read(copy, problems))
    assert len({sample.name for sample in samples}) == len(samples)
    assert {sample.pixels.shape for sample in samples} == {(CROP, CROP, 3)}
    assert {sample.group for sample in samples if sample.name.startswith("mdb003")} == {"p002"}
    first = [sample for sample in samples if sample.primary]
    assert all(sample.name.endswith("#0") for sample in first)
    assert [sample.name[:6] for sample in first] == ["mdb001", "mdb002", "mdb003", "mdb005"]
    counts = {
        film: [s.label for s in samples if s.name.startswith(film)]
        for film in ("mdb001", "mdb002", "mdb003", "mdb004", "mdb005")
    }
    assert counts["mdb001"] == counts["mdb005"] == [1] * 6
    assert counts["mdb002"] == counts["mdb003"] == [0] * 12
    assert counts["mdb004"] == []
    assert dict(problems.set_aside) == {"mdb004": "its abnormality has no coordinates"}


def test_rows_count_from_the_bottom_and_the_lesion_is_in_the_crop(
    copy: Path, problems: Problems
) -> None:
    crops = [s for s in read(copy, problems) if s.name.startswith("mdb001@620,300#")]
    assert len(crops) == 6
    middles = []
    for crop in crops:
        spot = np.argwhere(cv2.erode(crop.pixels[:, :, 0], np.ones((5, 5))) == 255)
        assert len(spot) > 50
        middles.append(tuple(spot.mean(axis=0).round()))
    assert len(set(middles)) > 1
    assert all(abs(value - CROP / 2) <= 2 * JITTER for middle in middles for value in middle)


def test_both_classes_lie_in_the_breast_and_within_the_film(copy: Path, problems: Problems) -> None:
    for sample in read(copy, problems):
        assert (sample.pixels[:, :, 0].max(axis=0) > 8).all()
        assert (sample.pixels[:, :, 0] > 40).mean() > MIN_BREAST - 0.05


def test_the_same_folder_gives_the_same_crops(copy: Path, problems: Problems) -> None:
    first, second = list(read(copy, problems)), list(read(copy, problems))
    assert [sample.name for sample in first] == [sample.name for sample in second]
    assert all((a.pixels == b.pixels).all() for a, b in zip(first, second, strict=True))


def test_every_crop_is_described(copy: Path, problems: Problems) -> None:
    known = {s.name[:6]: read_described(copy, s.name) for s in read(copy, problems)}
    assert known["mdb001"] == {
        "density": "fatty-glandular",
        "abnormality": "well-defined mass",
        "severity": "benign abnormality",
    }
    assert known["mdb003"] == {
        "density": "dense-glandular",
        "abnormality": "normal",
        "severity": "normal",
    }
    assert known["mdb005"]["severity"] == "malignant abnormality"


@pytest.mark.parametrize("name", ["mdb001@620,301#0", "mdb004@1,1#0", "mdb009@1,1#0", "other"])
def test_what_the_table_does_not_name_is_refused(copy: Path, name: str) -> None:
    with pytest.raises(NotInTable, match=name):
        read_described(copy, name)


def test_without_the_table_nothing_is_known(tmp_path: Path) -> None:
    with pytest.raises(NotInTable, match="labels"):
        read_described(tmp_path, "mdb001@620,300#0")


def test_nothing_is_known_from_a_damaged_table(copy: Path) -> None:
    table = copy / "labels.csv"
    table.write_bytes(table.read_bytes().replace(b"tissue,", b"density,"))
    with pytest.raises(InvalidTable, match="a row without tissue"):
        read_described(copy, "mdb005@600,523#0")


def test_label_and_strip_are_not_breast() -> None:
    gray = cv2.resize(film(0)[:, :, 0], (256, 256), interpolation=cv2.INTER_AREA)
    gray[:, :40] = 245
    mask = breast_mask(gray)
    assert mask[125, 150]
    assert not mask[10:40, 55:70].any()
    assert not mask[:, :40].any()
    assert not breast_mask(np.zeros((256, 256), np.uint8)).any()


def test_no_lesion_to_follow_gives_no_crop() -> None:
    places = Places.of(film(1))
    assert list(places.like([], Random(0))) == []


def test_a_normal_film_without_enough_breast_is_put_aside(
    copy: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    before = {s.name: s.pixels for s in read(copy, problems) if not s.name.startswith("mdb003")}
    pixels = film(2)
    pixels[:, :650] = pixels[360:] = 0
    write_picture(copy / "normal/mdb003.png", pixels)
    found = {sample.name: sample.pixels for sample in read(copy, problems)}
    assert found.keys() == before.keys()
    assert all((found[name] == before[name]).all() for name in found)
    assert problems.set_aside["mdb003"] == "no place on it has 90 % breast"
    assert not problems.unreadable


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"abnormality,", b"abnormal,", "a row without abnormality"),
        (b",600,500,", b",6OO,500,", "'6OO' and '500'"),
        (b",600,500,", b",600,,", "'600' and ''"),
        (b",600,500,", b",6000,500,", "6000 and 500"),
        (b",600,500,", b",600,-40,", "600 and -40"),
        (b",600,500,", b",,500,", "'' and '500'"),
        (b"mdb005,p003,", b"mdb005, ,", "a name in patient of mdb005"),
        (b"mdb005,p003,", b"mdb005,p003\n", "a row without abnormality, x, y"),
        (b"*NOTE 3*", "\u00e9".encode("latin-1"), "a file that is none"),
    ],
)
def test_a_damaged_table_is_refused(
    old: bytes, new: bytes, told: str, copy: Path, problems: Problems
) -> None:
    table = copy / "labels.csv"
    content = table.read_bytes()
    assert old in content
    table.write_bytes(content.replace(old, new))
    with pytest.raises(InvalidTable, match=re.escape(told)) as refusal:
        list(read(copy, problems))
    assert "labels.csv" in refusal.value.expected


def test_a_row_that_comes_twice_is_refused_when_prepared(copy: Path) -> None:
    table = copy / "labels.csv"
    row = next(line for line in table.read_text().splitlines() if line.startswith("mdb005"))
    table.write_text(f"{table.read_text()}{row}\n")
    with pytest.raises(RepeatedName, match="mdb005@600,523#0 twice"):
        extract(MIAS, copy, copy / "out", skip_unreadable=False)
    assert not (copy / "out").exists()


def test_a_film_that_is_normal_and_abnormal_is_refused(copy: Path, problems: Problems) -> None:
    table = copy / "labels.csv"
    table.write_bytes(table.read_bytes().replace(b"mdb005,p003,", b"mdb003,p003,"))
    with pytest.raises(InvalidTable, match="mdb003 as both"):
        list(read(copy, problems))


def test_two_films_of_one_name_are_refused(
    copy: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    write_picture(copy / "other" / "mdb001.png", film(9))
    for reader in (read, read_films):
        with pytest.raises(RepeatedName, match="mdb001 twice"):
            list(reader(copy, problems))


def test_a_table_may_begin_with_a_mark_and_have_blanks_around_its_values(
    copy: Path, problems: Problems
) -> None:
    before = [(sample.name, sample.group) for sample in read(copy, problems)]
    table = copy / "labels.csv"
    blanks = table.read_bytes().replace(b"mdb002,p001,", b"mdb002 , p001 ,")
    table.write_bytes(b"\xef\xbb\xbf" + blanks)
    assert [(sample.name, sample.group) for sample in read(copy, problems)] == before
    assert not problems.unreadable


def test_linked_films_are_read(copy: Path, problems: Problems) -> None:
    (copy / "normal").rename(copy.with_name("elsewhere"))
    (copy / "normal").symlink_to(copy.with_name("elsewhere"), target_is_directory=True)
    assert {sample.name[:6] for sample in read(copy, problems) if sample.label == 0} == {
        "mdb002",
        "mdb003",
    }
    assert not problems.unreadable


def test_a_missing_film_is_named(copy: Path, problems: Problems) -> None:
    (copy / "normal/mdb003.png").unlink()
    assert not [s for s in read(copy, problems) if s.name.startswith("mdb003")]
    assert problems.unreadable == {"mdb003": "the film is missing"}


def test_a_film_of_another_size_is_named(
    copy: Path, problems: Problems, write_picture: Callable[[Path, np.ndarray], Path]
) -> None:
    write_picture(copy / "normal/mdb003.png", np.zeros((512, 1024, 3), np.uint8))
    list(read(copy, problems))
    assert problems.unreadable == {"mdb003": "1024 x 512 pixels, not 1024 x 1024"}


def test_a_table_without_films(copy: Path, problems: Problems) -> None:
    for path in copy.rglob("*.png"):
        path.unlink()
    with pytest.raises(NoDataFolder):
        list(read(copy, problems))


@pytest.mark.parametrize(
    ("gone", "label"),
    [(("mdb001", "mdb004", "mdb005"), "abnormal"), (("mdb002", "mdb003"), "normal")],
)
def test_an_empty_class(copy: Path, problems: Problems, gone: tuple[str, ...], label: str) -> None:
    for path in copy.rglob("*.png"):
        if path.stem in gone:
            path.unlink()
    with pytest.raises(EmptyClass, match=f"class {label}"):
        list(read(copy, problems))


@pytest.mark.data
def test_the_published_set_and_that_nothing_trivial_tells_its_classes_apart(
    published: Callable[[str], Path], problems: Problems
) -> None:
    samples = [s for s in MIAS.read(published(MIAS.folder), problems) if s.primary]
    problems.settle()
    labels = np.array([sample.label for sample in samples])
    assert (labels == 1).sum() == 105
    assert 170 <= (labels == 0).sum() <= 187
    places = {"mdb059", "mdb216", "mdb233"}, {"mdb040", "mdb061", "mdb288"}
    for names, why in zip(places, ("its abnormality has no", "no place on it has"), strict=True):
        assert {name for name, said in problems.set_aside.items() if why in said} == names
    assert len(problems.set_aside) == 6
    for cue in (np.mean, np.std, lambda pixels: np.mean(pixels < 25)):
        values = np.array([cue(sample.pixels) for sample in samples])
        assert 0.4 < roc_auc_score(labels, values) < 0.6
