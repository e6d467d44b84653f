from dataclasses import replace

import numpy as np
import pytest

from models.catalogue import MODALITIES
from models.decoded import DecodedImage
from portal.part import Part
from portal.part_size import unlike_in_size
from portal.plan import Plan
from portal.region import RegionNeeded
from portal.wishes import Wishes

MAMMOGRAPHY = MODALITIES["mammography"]
SPEC = MAMMOGRAPHY.region


def image(width: int, height: int, spacing: float | None) -> DecodedImage:
    pixels = np.zeros((height, width, 3), np.uint8)
    return DecodedImage(pixels=pixels, format="DICOM", mode="", bit_depth=12, spacing=spacing)


DETECTOR = image(2000, 3000, 0.05)  # 10 x 15 cm


@pytest.mark.parametrize(
    ("side", "said"),
    [(256, "1.3 cm wide"), (680, "3.4 cm wide"), (690, None), (1024, None), (1530, None)],
)
def test_a_square_is_told_from_one_as_large_as_in_training(side: int, said: str | None) -> None:
    part = Part.of(DETECTOR, MAMMOGRAPHY, Wishes(left=0, top=0, side=side))
    if said is None:
        assert part.cautions == ()
    else:
        (sentence,) = part.cautions
        assert said in sentence
        assert "regions of 5.1 cm" in sentence
        assert part.sentences[-1] == sentence


def test_the_square_is_first_as_large_as_in_training() -> None:
    plan = Plan.of(DETECTOR, SPEC)
    assert plan.square.side == 1024
    assert plan.learnt == "The models learnt from regions of 5.1 cm, which are 1024 pixels here."
    part = Part.of(DETECTOR, MAMMOGRAPHY, Wishes())
    with pytest.raises(RegionNeeded, match=r"about 1024 x 1024 pixels \(5.1 cm\)"):
        part.require()


def test_an_image_that_is_too_coarse_for_the_size_of_training_is_told_so() -> None:
    coarse = image(1000, 800, 0.5)  # in which 5.1 cm are 102 pixels
    with pytest.raises(RegionNeeded, match=r"about 128 x 128 pixels \(6.4 cm\)"):
        Part.of(coarse, MAMMOGRAPHY, Wishes()).require(least=128)
    plan = Plan.of(coarse, SPEC, least=128)
    assert plan.square.side == plan.least == 128
    assert "which are only 102 pixels here: this image is coarser" in plan.learnt


def test_an_image_of_one_region_is_one_whatever_its_pixels() -> None:
    assert not Part.of(image(1100, 1000, 0.05), MAMMOGRAPHY, Wishes()).shrunk
    assert Part.of(image(500, 600, 0.4), MAMMOGRAPHY, Wishes()).shrunk


def test_pixels_that_cannot_be_those_of_training_are_told() -> None:
    large, film = image(3328, 4084, None), image(1024, 1024, None)
    assert "would be 82 cm long" in str(unlike_in_size(large, large, SPEC))
    assert unlike_in_size(film, film, SPEC) is None
    assert "does not say how large its pixels are" in Plan.of(large, SPEC).learnt


def test_nothing_is_said_where_nobody_knows_the_size_of_training_images() -> None:
    unknown = replace(SPEC, pixel_mm=None)
    assert unlike_in_size(DETECTOR, DETECTOR, unknown) is None
    assert unlike_in_size(DETECTOR, DETECTOR, None) is None
    assert "at a finer one, choose a larger side" in Plan.of(DETECTOR, unknown).learnt
