import base64
import io

import numpy as np
import pytest
from PIL import Image

from models.catalogue import MODALITIES
from models.imaging import decode
from models.specs import RegionSpec
from portal.plan import Plan, reduced
from portal.square import Square
from tests.fakes import encoded, pixels

SPECS = [modality.region for modality in MODALITIES.values() if modality.region]


def shown(address: str) -> Image.Image:
    head, _, body = address.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


@pytest.mark.parametrize(
    ("size", "small"),
    [((1280, 640), (640, 320)), ((300, 200), (300, 200)), ((20_000, 16), (640, 1))],
)
def test_the_whole_image_is_reduced(size: tuple[int, int], small: tuple[int, int]) -> None:
    picture = shown(reduced(pixels(size=size)))
    assert picture.size == small
    assert picture.mode == "RGB"


def test_a_gray_image_stays_gray() -> None:
    assert shown(reduced(np.full((30, 40), 99, np.uint8))).mode == "L"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_the_square_stands_in_the_middle_at_first(spec: RegionSpec) -> None:
    plan = Plan.of(decode(encoded(pixels(size=(1000, 600)))), spec)
    left, top = (1000 - spec.side) // 2, (600 - spec.side) // 2
    assert plan.square == Square(left=left, top=top, side=spec.side)
    assert (plan.least, plan.most) == (16, 600)


def test_a_narrow_image_has_a_smaller_one() -> None:
    plan = Plan.of(decode(encoded(pixels(size=(1000, 100)))), SPECS[0])
    assert plan.square == Square(left=450, top=0, side=100)


def test_no_side_is_offered_that_would_be_refused() -> None:
    plan = Plan.of(decode(encoded(pixels(size=(1000, 600)))), SPECS[0], least=128)
    assert plan.least == 128
    assert "of 128 at least" in plan.learnt


def test_a_smaller_side_may_be_sent_again_to_be_analysed_anyway() -> None:
    image = decode(encoded(pixels(size=(1000, 600))))
    assert Plan.of(image, SPECS[0], Square(left=0, top=0, side=100), least=128).least == 100
    assert Plan.of(decode(encoded(pixels(size=(1000, 90)))), SPECS[0], least=128).least == 90


def test_a_square_that_was_sent_stays() -> None:
    square = Square(left=9000, top=1, side=20)
    assert Plan.of(decode(encoded(pixels())), SPECS[0], square).square == square
