import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.appearance import appearance
from models.catalogue import MODALITIES
from models.gate import Finding, Gate, InvalidGate, Profile, Share
from tests.fakes import fake_gate, pixels

GATES = Path(__file__).parents[2] / "models" / "gates"


def narrow() -> Gate:
    return replace(fake_gate("ultrasound"), threshold=0.05)


def test_a_gate_comes_back_from_its_file_as_it_was() -> None:
    gate = fake_gate("ultrasound")
    assert Gate.from_json(gate.to_json()) == gate


def test_the_distance_is_that_of_mahalanobis() -> None:
    random = np.random.default_rng(3)
    cloud = random.normal(size=(50, 4)) @ random.normal(size=(4, 4))
    inverse = np.linalg.inv(np.cov(cloud, rowvar=False))
    profile = Profile(
        name="image",
        images=50,
        mean=tuple(cloud.mean(axis=0)),
        spread=(1.0,) * 4,
        inverse=tuple(map(tuple, inverse)),
        reach=2.0,
    )
    from scipy.spatial.distance import mahalanobis

    expected = mahalanobis(cloud[0], cloud.mean(axis=0), inverse) / np.sqrt(4) / 2.0
    assert profile.distance(cloud[0]) == pytest.approx(expected)
    assert profile.distance(np.array(profile.mean)) == 0.0


def test_the_picture_that_a_gate_was_made_of_passes() -> None:
    reading = narrow().read(pixels())
    assert (reading.finding, reading.distance, reading.profile) == (None, 0.0, "image")


@pytest.mark.parametrize(
    ("changed", "picture", "finding"),
    [
        ({}, np.full((90, 90, 3), 60, np.uint8), "blank"),
        ({"least_side": 121}, pixels(), "small"),
        ({"coloured": (0.0, 0.05)}, pixels(), "coloured"),
        ({"coloured": (0.5, 1.0)}, np.repeat(pixels()[:, :, :1], 3, axis=2), "colourless"),
        ({}, 255 - pixels(9), "unlike"),
    ],
)
def test_what_speaks_against_an_image_is_named(
    changed: dict[str, object], picture: np.ndarray, finding: Finding
) -> None:
    reading = replace(narrow(), **changed).read(picture)
    assert reading.finding == finding
    assert not reading.passes


def test_the_nearest_profile_counts() -> None:
    gate = narrow()
    (near,) = gate.profiles
    far = replace(near, name="whole film", mean=tuple(value + 9 for value in near.mean))
    assert replace(gate, profiles=(far, near)).read(pixels()).profile == "image"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"reach":1.0', '"reach":9.0'),
        lambda text: text.replace('"threshold":', '"treshold":'),
        lambda _: "[]",
        lambda _: "{}",
        lambda _: "",
        lambda text: json.dumps(json.loads(text)["gate"]),
    ],
)
def test_a_damaged_file_is_refused(damage) -> None:
    with pytest.raises(InvalidGate) as caught:
        Gate.from_json(damage(fake_gate("ultrasound").to_json()))
    assert "pipelines gate" in caught.value.action


@pytest.mark.parametrize(
    "changed",
    [
        {"threshold": 0.0},
        {"profiles": ()},
        {"names": ("level_1",)},
        {"coloured": (0.5, 0.1)},
        {"training": (0.0,)},
        {"held_out": {}},
        {"format": 0},
    ],
)
def test_a_gate_that_exists_is_valid(changed: dict[str, object]) -> None:
    with pytest.raises(InvalidGate):
        replace(fake_gate("ultrasound"), **changed)


def test_numbers_that_are_not_finite_are_refused() -> None:
    (profile,) = fake_gate("ultrasound").profiles
    with pytest.raises(InvalidGate, match="finite"):
        replace(profile, reach=float("nan"))


def test_a_number_that_nobody_takes_any_more_is_refused() -> None:
    gate = fake_gate("ultrasound")
    with pytest.raises(InvalidGate, match="known here"):
        gate.judge({"level_1": 0.1, "level_99": 0.9, "coloured": 0.0}, 224)


def test_a_share_has_its_interval_around_it() -> None:
    assert Share(refused=1, total=4, low=0.05, high=0.7).value == 0.25
    with pytest.raises(InvalidGate):
        Share(refused=1, total=4, low=0.3, high=0.7)


@pytest.mark.parametrize("file", sorted(GATES.glob("*.json")), ids=lambda path: path.stem)
def test_every_gate_that_is_shipped_keeps_its_promises(file: Path) -> None:
    gate = Gate.from_json(file.read_text("utf-8"))
    assert gate.modality in MODALITIES
    assert file.name == str(Gate.place(gate.modality))
    refused, total = gate.all_held_out
    assert refused <= 0.05 * total
    refused, total = gate.all_foreign
    assert refused >= 0.95 * total


@pytest.mark.parametrize(
    "changed", [{"least_side": 120}, {"coloured": (0.5, 0.5)}], ids=["side", "colour"]
)
def test_what_just_keeps_a_limit_passes(changed: dict[str, object]) -> None:
    numbers = appearance(pixels()) | {"coloured": 0.5}
    gate = replace(fake_gate("ultrasound"), **changed)
    assert gate.judge(numbers, 120).passes


def test_an_image_as_far_as_the_limit_does_not_pass() -> None:
    gate = fake_gate("ultrasound")
    numbers = appearance(pixels(9))
    far = gate.judge(numbers, 120).distance
    assert replace(gate, threshold=gate.threshold * far).judge(numbers, 120).finding == "unlike"
