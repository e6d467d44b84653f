import json
from dataclasses import replace
from pathlib import Path

import pytest

from models import precision
from models.precision import PROBES, Moves, PrecisionRecord, Quantisation, Range

MOVES = Moves(images=200, largest=0.02, changed=1, probes=(0.5,) * PROBES)
RECORD = PrecisionRecord(
    fingerprint="0123456789abcdef",
    quantisation=Quantisation(
        ranges={"c1": Range(low=-0.5, high=3.25, doubled="0110")}, shift=-0.01
    ),
    moves={"bf16": MOVES, "int8": replace(MOVES, largest=0.0123456, changed=0)},
)


@pytest.mark.parametrize(
    ("images", "largest", "changed", "small"),
    [
        (200, 0.02, 1, True),
        (200, 0.0201, 0, False),
        (199, 0.0, 1, False),
        (1000, 0.0, 5, True),
        (1000, 0.0, 6, False),
    ],
)
def test_small_is_two_percent_and_one_decision_in_two_hundred(
    images: int, largest: float, changed: int, small: bool
) -> None:
    moves = replace(MOVES, images=images, largest=largest, changed=changed)
    assert moves.small is small


@pytest.mark.parametrize(
    "fields",
    [
        {"images": 0, "changed": 0},
        {"changed": 201},
        {"largest": 1.1},
        {"largest": float("nan")},
        {"probes": (0.5,)},
    ],
)
def test_moves_that_cannot_be_are_none(fields: dict) -> None:
    with pytest.raises(ValueError, match="expected"):
        replace(MOVES, **fields)


@pytest.mark.parametrize(
    ("low", "high"), [(1.0, 2.0), (0.0, 0.0), (0.0, float("inf")), (float("nan"), 1.0)]
)
def test_a_range_without_zero_or_without_end_is_no_range(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="expected a range around 0"):
        Range(low=low, high=high, doubled="0")


@pytest.mark.parametrize("doubled", ["", "2", "0 1"])
def test_a_range_says_of_each_channel_whether_it_is_doubled(doubled: str) -> None:
    with pytest.raises(ValueError, match="for each channel"):
        Range(low=0.0, high=1.0, doubled=doubled)


def test_a_shift_is_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        Quantisation(ranges={}, shift=float("nan"))


def test_a_record_is_of_every_lower_precision() -> None:
    with pytest.raises(ValueError, match="expected moves at"):
        replace(RECORD, moves={"bf16": MOVES})


def test_a_record_lies_beside_the_checkpoints_and_is_read_as_it_was_written(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoints" / "modality" / "backbone_strategy.h5"
    assert precision.read(checkpoint) is None
    precision.write(checkpoint, RECORD)
    place = tmp_path / "precisions" / "modality" / "backbone_strategy.json"
    assert place.is_file()
    assert precision.read(checkpoint) == RECORD


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: [],
        lambda _: {},
        lambda found: {**found, "moves": {}},
        lambda found: {**found, "moves": {**found["moves"], "int8": {"images": 3}}},
        lambda found: {**found, "quantisation": {"ranges": {"c1": [0, 1]}, "shift": 0}},
        lambda found: {**found, "quantisation": {"ranges": {"c1": {"low": 0}}, "shift": 0}},
        lambda found: {**found, "quantisation": {"ranges": {}, "shift": "much"}},
    ],
)
def test_what_is_no_record_is_none(tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    checkpoint = tmp_path / "checkpoints" / "m" / "b_s.h5"
    precision.write(checkpoint, RECORD)
    place = precision.record_path(checkpoint)
    place.write_text(json.dumps(spoil(json.loads(place.read_text("utf-8")))), "utf-8")
    assert precision.read(checkpoint) is None
    place.write_bytes(b"\xff\x00")
    assert precision.read(checkpoint) is None
