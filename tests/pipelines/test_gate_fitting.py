"""Gates fitted on phantoms: the whole road without a data set."""

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from sklearn.covariance import shrunk_covariance

from models.catalogue import MODALITIES
from models.gate import Gate
from pipelines.config import Config
from pipelines.datasets import Problems, Sample, find_dataset
from pipelines.datasets.errors import EmptyClass
from pipelines.datasets.sample import Further
from pipelines.foreign import foreign
from pipelines.gate_fitting import MOST, SHRINKAGE, NothingToCompare, fit
from pipelines.gate_images import (
    GRAY,
    ITSELF,
    MIRRORED,
    SENT_OTHERWISE,
    Collection,
    Seen,
    collect,
    others,
)
from pipelines.gate_writing import write_gates
from pipelines.phantoms import phantom

ULTRASOUND = "ultrasound"


def config(modality: str) -> Config:
    return Config(
        modality=modality, backbone="vgg", strategy="initial", dataset=f"phantom-{modality}"
    )


@cache
def collected(modality: str) -> Collection:
    dataset = find_dataset(f"phantom-{modality}")
    return collect(dataset, Path("nowhere"), config(modality), Problems())


@cache
def all_seen() -> tuple[Seen, ...]:
    return (*(each for key in MODALITIES for each in collected(key).seen), *others())


@cache
def fitted(modality: str) -> Gate:
    return fit(collected(modality), all_seen())


def test_every_form_of_an_image_lies_in_the_part_of_its_group() -> None:
    seen = collected(ULTRASOUND).seen
    assert {each.part for each in seen} == {"train", "validation", "test"}
    forms = [each.form for each in seen[:4]]
    assert forms == [ITSELF, MIRRORED, *SENT_OTHERWISE]
    assert len({each.part for each in seen[:4]}) == 1
    assert {each.form for each in collected("histopathology").seen} > {GRAY}
    assert GRAY not in {each.form for each in seen}


def test_images_beside_the_set_follow_their_group_or_are_dealt_out() -> None:
    def beside(_folder: Path, _problems: Problems):
        for number in range(40):
            yield Sample(
                name=f"b{number}",
                label=0,
                group="patient0003" if number < 4 else f"other{number}",
                pixels=phantom(ULTRASOUND, 0, number),
            )

    dataset = replace(
        find_dataset("phantom-ultrasound"), further=Further(name="whole", read=beside)
    )
    found = collect(dataset, Path("nowhere"), config(ULTRASOUND), Problems())
    part = next(each.part for each in found.seen[6 * 4 :] if each.kind == "image")
    whole = [each for each in found.seen if each.kind == "whole" and each.form == ITSELF]
    assert {each.part for each in whole[:4]} == {part}
    assert {each.part for each in whole[4:]} == {"train", "validation", "test"}
    assert found.split_sha256 == collected(ULTRASOUND).split_sha256


@pytest.mark.parametrize("modality", MODALITIES)
def test_a_gate_takes_its_own_kind_and_refuses_the_others(modality: str) -> None:
    gate = fitted(modality)
    refused, total = gate.all_held_out
    assert refused <= 0.15 * total  # of 9 or so: one may be refused
    refused, total = gate.all_foreign
    assert refused >= 0.95 * total
    for other in MODALITIES:
        passes = [
            gate.read(phantom(other, label, seed)).passes
            for seed in range(900, 910)
            for label in (0, 1)
        ]
        assert (sum(passes) >= 16) if other == modality else (sum(passes) == 0)


def test_the_cloud_is_that_of_an_independent_implementation() -> None:
    gate = fitted(ULTRASOUND)
    (profile,) = gate.profiles
    values = np.array(
        [
            [each.numbers[name] for name in gate.names]
            for each in collected(ULTRASOUND).seen
            if each.part == "train" and each.form in (ITSELF, MIRRORED)
        ]
    )
    assert profile.mean == pytest.approx(values.mean(axis=0), rel=1e-4)
    scaled = (values - values.mean(axis=0)) / (values.std(axis=0) + 1e-3)
    amount = max(SHRINKAGE, min(0.5, SHRINKAGE * 200 / len(values)))
    together = np.cov(scaled, rowvar=False)
    expected = shrunk_covariance(together, shrinkage=amount)
    # scikit-learn shrinks towards the mean variance, which is almost 1 here
    assert np.linalg.inv(profile.inverse) == pytest.approx(expected, abs=0.1)
    assert profile.images == len(values) // 2


def test_the_threshold_lies_between_both_sides_and_has_a_limit() -> None:
    for modality in MODALITIES:
        assert 1.0 <= fitted(modality).threshold <= MOST


def test_a_gray_modality_is_compared_without_colour_and_refuses_it() -> None:
    assert "purple" not in fitted(ULTRASOUND).names
    assert fitted(ULTRASOUND).coloured == (0.0, 0.05)
    assert "purple" in fitted("histopathology").names
    assert fitted("histopathology").coloured[0] > 0.1


def test_percentiles_rise() -> None:
    training: Sequence[float] = fitted(ULTRASOUND).training
    assert list(training) == sorted(training)


def test_a_gate_needs_something_to_refuse() -> None:
    with pytest.raises(NothingToCompare):
        fit(collected(ULTRASOUND), collected(ULTRASOUND).seen)


def test_test_images_have_no_say_in_a_gate() -> None:
    def altered(each: Seen) -> Seen:
        if each.part != "test":
            return each
        return replace(each, numbers=dict.fromkeys(each.numbers, 9.0), side=1)

    own = collected(ULTRASOUND)
    other = fit(
        replace(own, seen=tuple(altered(each) for each in own.seen)),
        [altered(each) for each in all_seen()],
    )
    measured = {"held_out", "foreign", "aside"}
    for item in fields(Gate):
        if item.name not in measured:
            assert getattr(other, item.name) == getattr(fitted(ULTRASOUND), item.name), item.name
    assert other.held_out != fitted(ULTRASOUND).held_out


def test_a_set_of_which_nothing_can_be_read_has_no_gate(tmp_path: Path) -> None:
    for name in ("benign", "malignant"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.png").write_bytes(b"no image")
    with pytest.raises(EmptyClass):
        collect(find_dataset("ubi"), tmp_path, config(ULTRASOUND), Problems(skip=True))


def test_the_command_writes_a_gate_for_each_modality(tmp_path: Path) -> None:
    datasets = {modality: f"phantom-{modality}" for modality in MODALITIES}
    lines = list(write_gates(datasets, tmp_path, tmp_path / "gates", skip_unreadable=False))
    for modality in MODALITIES:
        text = (tmp_path / "gates" / Gate.place(modality)).read_text("utf-8")
        assert Gate.from_json(text).held_out == fitted(modality).held_out
    assert any("photograph turned gray" in line for line in lines)


def test_what_is_measured_on_was_not_seen_while_tuning() -> None:
    halves = {half: list(foreign(half)) for half in ("tuning", "measuring")}
    pictures = {half: {image.pixels.tobytes() for image in found} for half, found in halves.items()}
    blank = {
        image.pixels.tobytes()
        for found in halves.values()
        for image in found
        if image.kind == "blank"
    }
    assert not (pictures["tuning"] & pictures["measuring"]) - blank
    kinds = {half: {image.kind for image in found} for half, found in halves.items()}
    assert {"thermogram in gray", "other scan", "window", "stripes"} <= kinds["measuring"] - kinds[
        "tuning"
    ]
