"""What holds for every modality's image step, whatever the pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.catalogue import MODALITIES
from models.preprocessing import SIDE
from models.specs import ModalitySpec

EACH_MODALITY = pytest.mark.parametrize("modality", MODALITIES.values(), ids=lambda spec: spec.key)
SIDES = st.integers(1, 300)
COLOURS = st.tuples(*[st.integers(0, 255)] * 3)


@st.composite
def pictures(draw: st.DrawFn) -> np.ndarray:
    """Noise of any kind, patches of few colours, and stains, of any size from 1 by 1 on."""
    height, width = draw(SIDES), draw(SIDES)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    kind = draw(st.sampled_from(["noise", "patches", "small", "stripes"]))
    if kind == "small":
        small = st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))
        return draw(small.flatmap(lambda shape: arrays(np.uint8, shape)))
    if kind == "noise":
        low, high = sorted((draw(st.integers(0, 255)), draw(st.integers(0, 255))))
        return random.integers(low, high + 1, (height, width, 3), dtype=np.uint8)
    colours = np.array(draw(st.lists(COLOURS, min_size=1, max_size=4)), dtype=np.uint8)
    if kind == "stripes":
        return np.broadcast_to(colours[np.arange(width) % len(colours)], (height, width, 3)).copy()
    return colours[random.integers(0, len(colours), (height, width))]


@EACH_MODALITY
@given(picture=pictures())
def test_what_a_network_sees_is_always_an_image(
    modality: ModalitySpec, picture: np.ndarray
) -> None:
    before = picture.copy()
    seen = modality.prepare(picture)
    np.testing.assert_array_equal(picture, before)
    assert seen.shape == (SIDE, SIDE, 3)
    assert seen.dtype == np.float32
    assert np.isfinite(seen).all()
    assert seen.min() >= 0
    assert seen.max() <= 255
    np.testing.assert_array_equal(modality.prepare(picture), seen)
    # However the pixels lie in memory.
    np.testing.assert_array_equal(modality.prepare(np.asfortranarray(picture)), seen)


@EACH_MODALITY
@given(SIDES, SIDES, COLOURS)
def test_one_colour_stays_one_colour(
    modality: ModalitySpec, height: int, width: int, colour: tuple[int, int, int]
) -> None:
    seen = modality.prepare(np.full((height, width, 3), colour, dtype=np.uint8))
    assert (seen == seen[0, 0]).all()
