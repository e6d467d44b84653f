"""A heat-map over an image, as a file shows it."""

import base64

import cv2
import numpy as np

from portal.heat_overlay import OPACITY, image_of, overlaid, ramp
from tests.fakes import pixels


def png(picture: np.ndarray) -> str:
    return base64.b64encode(cv2.imencode(".png", picture)[1].tobytes()).decode()


def test_the_image_is_as_it_was_where_nothing_spoke() -> None:
    gray = pixels()[:, :, 0]
    assert (overlaid(png(gray), png(np.zeros_like(gray))) == gray[:, :, np.newaxis]).all()


def test_colours_are_of_the_right_order_and_strength() -> None:
    blue = np.zeros((4, 4, 3), np.uint8)
    blue[:, :, 0] = 200  # as OpenCV has it
    assert (image_of(png(blue))[0, 0] == (0, 0, 200)).all()
    strongest = overlaid(png(blue), png(np.full((4, 4), 255, np.uint8)))[0, 0]
    expected = (1 - OPACITY) * np.array([0, 0, 200]) + OPACITY * ramp(2)[0, -1]
    assert np.abs(strongest - expected).max() <= 1


def test_the_scale_goes_from_dark_to_bright() -> None:
    scale = ramp(16)
    assert scale.shape == (1, 16, 3)
    assert (np.diff(scale[0].astype(int).sum(axis=1)) > 0).all()
