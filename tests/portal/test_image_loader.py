import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.catalogue import MODALITIES
from models.decoded import NotAnImage
from models.specs import ModalitySpec
from portal.image_loader import ImageLoader, PreparedImage
from portal.part import Part
from tests.fakes import encoded, pixels, png

each_modality = pytest.mark.parametrize("modality", MODALITIES.values(), ids=lambda m: m.key)


def load(path: Path, modality: ModalitySpec) -> PreparedImage:
    loader = ImageLoader()
    return loader.prepare(Part(whole=loader.read(path), modality=modality))


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(png())
    return path


@each_modality
def test_an_image_comes_as_the_network_reads_it(upload: Path, modality: ModalitySpec) -> None:
    tensor = load(upload, modality).tensor
    assert tensor.shape == (1, 224, 224, 3)
    assert tensor.dtype == np.float32
    assert 0 <= tensor.min() < 60
    assert 150 < tensor.max() <= 255
    np.testing.assert_array_equal(tensor[0], modality.prepare(pixels()))


@each_modality
def test_the_checks_say_what_came_and_what_was_done(upload: Path, modality: ModalitySpec) -> None:
    checks = load(upload, modality).checks
    assert checks[0] == "PNG, 8 bits per channel, 160 x 120 pixels"
    assert all(step in checks[-1] for step in modality.prepared_by)


@each_modality
@pytest.mark.parametrize("size", [(256, 341), (341, 256), (250, 230)])
def test_an_image_that_is_stretched_to_a_square_says_so(
    tmp_path: Path, modality: ModalitySpec, size: tuple[int, int]
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(encoded(pixels(size=size)))
    image = load(path, modality)
    told = [check for check in image.checks if check.startswith("Stretched from ")]
    if size == (250, 230):
        assert told == []
        return
    (sentence,) = told
    assert f"from {size[0]} x {size[1]} pixels to a square" in sentence
    if modality.region:  # models learnt from squares: that is more than information
        assert sentence.endswith(f"learnt from square {modality.region.name}s")
        assert sentence in image.cautions
    else:
        assert sentence.endswith("as they were in training")
        assert image.cautions == ()


def test_one_bit_is_one_bit(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(pixels()[..., 0] > 128).save(path)
    assert load(path, MODALITIES["ultrasound"]).checks[0].startswith("PNG, 1 bit per channel")


@each_modality
def test_the_preview_is_the_prepared_image(upload: Path, modality: ModalitySpec) -> None:
    prepared = load(upload, modality)
    head, _, body = prepared.preview.partition(",")
    assert head == "data:image/png;base64"
    stored = Image.open(io.BytesIO(base64.b64decode(body)))
    assert np.abs(np.asarray(stored.convert("RGB")) - prepared.tensor[0]).max() <= 0.5
    is_gray = bool((prepared.tensor == prepared.tensor[..., :1]).all())
    assert stored.mode == ("L" if is_gray else "RGB")


@each_modality
def test_an_image_of_one_colour_is_read(tmp_path: Path, modality: ModalitySpec) -> None:
    path = tmp_path / "upload"
    path.write_bytes(encoded(np.full((50, 50, 3), 77, dtype=np.uint8)))
    assert np.isfinite(load(path, modality).tensor).all()


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"words")
    with pytest.raises(NotAnImage):
        ImageLoader().read(path)
