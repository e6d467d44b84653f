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
from pipelines import splitting
from pipelines.__main__ import main
from pipelines.datasets import Problems, Sample, find_dataset
from pipelines.datasets.errors import EmptyClass
from pipelines.datasets.sample import Further
from pipelines.errors import NoSplit
from pipelines.foreign import foreign
from pipelines.gate_fitting import MOST, SHRINKAGE, NothingToCompare, fit
from pipelines.gate_images import (
    GRAY,
    ITSELF,
    MIRRORED,
    SENT_OTHERWISE,
    Collection,
    OtherSplit,
    Seen,
    collect,
    others,
)
from pipelines.gate_writing import write_gates
from pipelines.phantoms import phantom

ULTRASOUND = "ultrasound"


@cache
def parts(modality: str) -> tuple[splitting.Assigned, ...]:
    """The split that models of the phantoms would have."""
    samples = list(find_dataset(f"phantom-{modality}").read(Path("nowhere"), Problems()))
    return splitting.split(
        [sample.name for sample in samples],
        [sample.label for sample in samples],
        [sample.group for sample in samples],
        validation_share=0.15,
        test_share=0.15,
        seed=11,
    )


@cache
def collected(modality: str) -> Collection:
    dataset = find_dataset(f"phantom-{modality}")
    return collect(dataset, Path("nowhere"), parts(modality), Problems())


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
    found = collect(dataset, Path("nowhere"), parts(ULTRASOUND), Problems())
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


def recoloured(modality: str, share: float, few: float) -> Collection:
    """The same, but for this share of colour in the first few of its training images."""
    own = collected(modality)
    singles = [each for each in own.seen if each.part == "train" and each.form == ITSELF]
    left = max(1, round(few * len(singles)))
    seen = []
    for each in own.seen:
        if each.part == "train" and each.form == ITSELF:
            left -= 1
        numbers = {**each.numbers, "coloured": share}
        among_them = each.part == "train" and left >= 0
        seen.append(replace(each, numbers=numbers) if among_them else each)
    return replace(own, seen=tuple(seen))


def test_a_coloured_image_among_gray_ones_leaves_the_check_of_colour_on() -> None:
    gate = fit(recoloured(ULTRASOUND, 0.3, 0.02), all_seen())
    assert gate.coloured == fitted(ULTRASOUND).coloured == (0.0, 0.05)
    assert gate.names == fitted(ULTRASOUND).names


def test_a_gray_image_among_coloured_ones_leaves_the_check_of_colour_on() -> None:
    gate = fit(recoloured("histopathology", 0.0, 0.02), all_seen())
    assert gate.coloured == pytest.approx(fitted("histopathology").coloured, abs=0.05)
    assert gate.coloured[0] > 0.1
    assert gate.names == fitted("histopathology").names


@pytest.mark.parametrize(("modality", "share"), [(ULTRASOUND, 0.3), ("histopathology", 0.0)])
def test_where_many_images_are_of_the_other_kind_any_colour_passes(
    modality: str, share: float
) -> None:
    gate = fit(recoloured(modality, share, 0.2), all_seen())
    assert gate.coloured == (0.0, 1.0)
    assert "purple" not in gate.names


def test_percentiles_rise() -> None:
    training: Sequence[float] = fitted(ULTRASOUND).training
    assert list(training) == sorted(training)


def test_a_gate_needs_something_to_refuse() -> None:
    with pytest.raises(NothingToCompare, match="data set of another modality"):
        fit(collected(ULTRASOUND), collected(ULTRASOUND).seen)


def test_a_kind_without_images_to_validate_is_told() -> None:
    own = collected(ULTRASOUND)
    seen = tuple(each for each in own.seen if each.part != "validation")
    with pytest.raises(NothingToCompare, match=r"images to fit and to validate.*Add images"):
        fit(replace(own, seen=seen), all_seen())


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
        collect(find_dataset("ubi"), tmp_path, parts(ULTRASOUND), Problems(skip=True))


def publish_splits(folder: Path, *modalities: str) -> None:
    for modality in modalities:
        splitting.write(folder / "splits" / f"{modality}.csv", parts(modality))


def test_a_gate_is_written_for_each_modality(tmp_path: Path) -> None:
    publish_splits(tmp_path, *MODALITIES)
    datasets = {modality: f"phantom-{modality}" for modality in MODALITIES}
    lines = list(write_gates(datasets, tmp_path, tmp_path, skip_unreadable=False))
    for modality in MODALITIES:
        text = (tmp_path / "gates" / Gate.place(modality)).read_text("utf-8")
        assert Gate.from_json(text).held_out == fitted(modality).held_out
    assert any("photograph turned gray" in line for line in lines)


def test_the_command_reads_and_writes_what_is_named_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    publish_splits(tmp_path / "models", ULTRASOUND)
    assert main(["gate", "--dataset", f"phantom-{ULTRASOUND}", "--data", "nowhere"]) == 0
    assert "No image of mammography and histopathology had a say" in capsys.readouterr().out
    (file,) = (tmp_path / "models" / "gates").iterdir()
    gate = Gate.from_json(file.read_text("utf-8"))
    assert gate == fit(collected(ULTRASOUND), [*collected(ULTRASOUND).seen, *others()])
    assert gate.held_out
    assert "photograph" in gate.foreign


def test_the_parts_are_those_of_the_published_split() -> None:
    swapped = {"train": "train", "validation": "test", "test": "validation"}
    split = [replace(row, part=swapped[row.part]) for row in parts(ULTRASOUND)]
    found = collect(find_dataset("phantom-ultrasound"), Path("nowhere"), split, Problems())
    before = [swapped[each.part] for each in collected(ULTRASOUND).seen]
    assert [each.part for each in found.seen] == before
    assert found.split_sha256 == splitting.sha256(split)


@pytest.mark.parametrize("field", ["image", "label", "group"])
def test_a_published_split_of_other_images_is_refused(field: str, tmp_path: Path) -> None:
    first, *rest = parts(ULTRASOUND)
    other = {"image": "another", "label": 1 - first.label, "group": "another"}[field]
    split = [replace(first, **{field: other}), *rest]
    splitting.write(tmp_path / "splits" / f"{ULTRASOUND}.csv", split)
    with pytest.raises(OtherSplit, match=r"Expected .* of the published split in .*--dataset"):
        list(
            write_gates(
                {ULTRASOUND: f"phantom-{ULTRASOUND}"}, tmp_path, tmp_path, skip_unreadable=False
            )
        )
    assert not (tmp_path / "gates").exists()


def test_without_a_published_split_nothing_is_read(tmp_path: Path) -> None:
    with pytest.raises(NoSplit, match=r"Expected a split .*ultrasound\.csv; received none"):
        next(write_gates({ULTRASOUND: "busi"}, tmp_path, tmp_path, skip_unreadable=False))


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
