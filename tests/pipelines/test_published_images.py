import csv
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.card import ModelCard
from models.catalogue import model_keys
from pipelines import splitting
from pipelines.extraction import extract, prepared_folder
from pipelines.published_images import Images, OtherImages, published_images
from pipelines.splitting import Assigned
from tests.fakes import fake_card
from tests.pipelines.small import dataset, sample

PARTS = ("train", "train", "validation", "test", "test", "test")
KEY = next(key for key in model_keys() if key.modality.key == dataset([]).modality)
DATASET = dataset([sample(n, label=n % 2, group=f"g{n}") for n in range(len(PARTS))])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A work folder with prepared images, and `splits` with their split."""
    found = extract(DATASET, tmp_path, prepared_folder(DATASET, tmp_path), skip_unreadable=True)
    rows = [
        Assigned(image=image.name, label=image.label, group=image.group, part=part)
        for image, part in zip(found.images, PARTS, strict=True)
    ]
    splitting.write(tmp_path / "splits" / f"{KEY.modality.key}.csv", rows)
    return tmp_path


@pytest.fixture
def card(folder: Path) -> ModelCard:
    split = (folder / "splits" / f"{KEY.modality.key}.csv").read_bytes()
    plain = fake_card(KEY)
    digest = hashlib.sha256(split).hexdigest()
    return replace(plain, data=replace(plain.data, split_sha256=digest))


def of(card: ModelCard, folder: Path, *parts: str) -> Images:
    return published_images(card, DATASET, folder, folder / "splits", parts)


def test_a_part_has_its_images(card: ModelCard, folder: Path) -> None:
    assert len(of(card, folder, "train")) == 2
    held_out = of(card, folder, "validation", "test")
    assert len(held_out) == len(list(held_out)) == 4
    for image in held_out:
        assert image.shape == (1, 224, 224, 3)
        assert image.dtype == np.float32
    assert not set(held_out.paths) & set(of(card, folder, "train").paths)


def test_a_draw_is_of_a_few_and_always_the_same(card: ModelCard, folder: Path) -> None:
    images = of(card, folder, "test")
    drawn = images.drawn(2, seed=1)
    assert len(drawn) == 2
    assert set(drawn.paths) < set(images.paths)
    assert drawn == images.drawn(2, seed=1)
    assert images.drawn(9, seed=1) == images


def test_another_split_than_the_cards_is_refused(card: ModelCard, folder: Path) -> None:
    path = folder / "splits" / f"{KEY.modality.key}.csv"
    path.write_text(path.read_text("utf-8") + "one,1,more,test\n", "utf-8")
    with pytest.raises(OtherImages, match="SHA-256"):
        of(card, folder, "test")
    path.unlink()
    with pytest.raises(OtherImages, match="received none"):
        of(card, folder, "test")


def test_an_image_that_is_not_prepared_is_refused(card: ModelCard, folder: Path) -> None:
    index = prepared_folder(DATASET, folder) / "index.csv"
    with index.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    rows[-1][1] = "another"
    with index.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    with pytest.raises(OtherImages, match="the image"):
        of(card, folder, "test")
