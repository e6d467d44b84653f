"""What holds for decoding whatever the bytes, tried on made-up ones."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.decoded import DecodedImage, ImageRefused
from models.imaging import READERS, decode
from models.size_limits import MAX_MEGAPIXELS, MIN_SIDE
from tests.fakes import encoded
from tests.fuzzing import malformed, sound, spoiled

SIDES = st.integers(MIN_SIDE, 80)
SHAPES = st.one_of(st.tuples(SIDES, SIDES), st.tuples(SIDES, SIDES, st.just(3)))
SIGNATURES = [bytes(reader.at) + start for reader in READERS for start in reader.signatures]


def assert_sound(image: DecodedImage) -> None:
    height, width, channels = image.pixels.shape
    assert image.pixels.dtype == np.uint8
    assert channels == 3
    assert min(height, width) >= MIN_SIDE
    assert height * width <= MAX_MEGAPIXELS * 1_000_000
    assert image.format in {reader.format for reader in READERS}
    assert all(note.endswith(".") for note in image.notes)


def assert_image_or_refusal(content: bytes) -> None:
    """Nothing else comes out of decoding; a refusal says something of each kind."""
    try:
        image = decode(content)
    except ImageRefused as refusal:
        said = refusal
    else:
        assert_sound(image)
        return
    assert all((said.expected, said.received, said.action))


@pytest.mark.parametrize("name", sound())
def test_a_sound_file_is_read(name: str) -> None:
    image = decode(sound()[name])
    assert_sound(image)
    assert image.format == name.partition(",")[0]


@pytest.mark.parametrize("name", malformed())
def test_a_malformed_file_is_an_image_or_a_refusal(name: str) -> None:
    assert_image_or_refusal(malformed()[name])


@pytest.mark.parametrize(
    "name", [name for name in malformed() if name.startswith(("first", "PNG bomb", "TIFF of 2"))]
)
def test_a_file_that_lacks_its_pixels_or_has_too_many_is_refused(name: str) -> None:
    with pytest.raises(ImageRefused):
        decode(malformed()[name])


@given(st.integers(0), st.integers(0, 2**32))
def test_a_spoiled_file_is_an_image_or_a_refusal(which: int, seed: int) -> None:
    whole = [*sound().values(), *malformed().values()]
    assert_image_or_refusal(spoiled(random.Random(seed), whole[which % len(whole)]))


@given(st.sampled_from(SIGNATURES), st.binary(max_size=400))
def test_bytes_behind_a_signature_are_an_image_or_a_refusal(signature: bytes, rest: bytes) -> None:
    assert_image_or_refusal(signature + rest)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "BMP"])
@given(picture=SHAPES.flatmap(lambda shape: arrays(np.uint8, shape)))
def test_pixels_come_out_as_they_went_in(file_format: str, picture: np.ndarray) -> None:
    truth = picture if picture.ndim == 3 else np.stack([picture] * 3, axis=2)
    np.testing.assert_array_equal(decode(encoded(picture, file_format)).pixels, truth)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
@given(picture=st.tuples(SIDES, SIDES).flatmap(lambda shape: arrays(np.uint16, shape)))
def test_16_bits_keep_their_order_and_use_the_whole_range(
    file_format: str, picture: np.ndarray
) -> None:
    gray = decode(encoded(picture, file_format)).pixels
    np.testing.assert_array_equal(gray[:, :, 0], gray[:, :, 1])
    np.testing.assert_array_equal(gray[:, :, 0], gray[:, :, 2])
    order = np.argsort(picture, axis=None, kind="stable")
    assert np.all(np.diff(gray[:, :, 0].ravel()[order].astype(int)) >= 0)
    bits = next(bits for bits in (8, 10, 12, 14, 16) if picture.max() < 2**bits)
    exact = picture.astype(float) * 255 / (2**bits - 1)
    assert np.abs(gray[:, :, 0] - exact).max() <= 0.5
