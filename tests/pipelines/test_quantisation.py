from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.layers import Layer, read_layers
from models.precision import Quantisation
from pipelines.quantisation import AIMED, answers, calibrate
from tests.networks import SmallNetwork, images

NETWORK = SmallNetwork.made()
TRAINING = images(6)
SHADES = np.float32([0, 0.2, 0.4, 0.6, 0.8, 1])  # so that answers differ much


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Layer, ...]:
    return read_layers(NETWORK.write(tmp_path_factory.mktemp("checkpoints")))


def always(_: Quantisation) -> bool:
    return True


def with_a_loud_channel() -> SmallNetwork:
    """c1 reads a channel that is far larger than all others and takes nothing from it."""
    patch, (first, second) = NETWORK.patch.copy(), NETWORK.middle
    patch[:, 0], first = np.abs(patch[:, 0]) * 1000, first.copy()
    first[0] = 0
    return replace(NETWORK, patch=patch, middle=(first, second))


def test_the_ranges_are_those_of_the_training_images(layers: tuple[Layer, ...]) -> None:
    ranges = calibrate(layers, TRAINING, always).ranges
    read = [NETWORK.read_by(image) for image in TRAINING]
    for index, name in enumerate(("c1", "c2")):
        highs = np.max([one[index].max(axis=0) for one in read], axis=0)
        assert ranges[name].low == 0.0
        assert ranges[name].high == pytest.approx(highs.max(), rel=1e-4)
        assert [sign == "1" for sign in ranges[name].doubled] == list(highs <= 0.4 * highs.max())


def test_the_shift_gives_the_training_images_their_mean_logit_back(
    layers: tuple[Layer, ...],
) -> None:
    quantisation = calibrate(layers, TRAINING, always)
    logits = [
        np.log(found / (1 - found))
        for found in (
            answers(layers, "f32", TRAINING),
            answers(layers, "int8", TRAINING, quantisation),
        )
    ]
    assert logits[1].mean() == pytest.approx(logits[0].mean(), abs=1e-4)


def test_a_convolution_that_rounding_hurts_stays_in_f32(tmp_path: Path) -> None:
    layers = read_layers(with_a_loud_channel().write(tmp_path))
    training = [image * share for image, share in zip(TRAINING, SHADES, strict=True)]
    quantisation = calibrate(layers, training, always)
    assert set(quantisation.ranges) == {"c2"}
    exact = answers(layers, "f32", training)
    assert np.ptp(exact) > 10 * AIMED
    assert np.abs(answers(layers, "int8", training, quantisation) - exact).max() <= AIMED + 1e-6


def test_as_many_stay_in_f32_as_other_images_ask_for(layers: tuple[Layer, ...]) -> None:
    asked: list[set[str]] = []

    def only_the_third(quantisation: Quantisation) -> bool:
        asked.append(set(quantisation.ranges))
        return len(asked) == 3

    assert calibrate(layers, TRAINING, only_the_third) == Quantisation(ranges={}, shift=0.0)
    assert asked[0] == {"c1", "c2"}
    assert len(asked[1]) == 1
    assert asked[2] == set()
