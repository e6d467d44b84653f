from pathlib import Path

import h5py
import numpy as np
import pytest

from models import byte_floats


def coarse(shape: tuple[int, ...], scale: float = 1.0) -> np.ndarray:
    """Numbers of three bits of mantissa over eight binades, most of them zero."""
    random = np.random.default_rng(3)
    size = np.ldexp(1.0 + random.integers(0, 8, shape) / 8.0, random.integers(-7, 1, shape))
    signed = size * random.choice([-1.0, 0.0, 0.0, 0.0, 1.0], shape)
    return (scale * signed).astype(np.float32)


@pytest.fixture
def file(tmp_path: Path) -> h5py.File:
    return h5py.File(tmp_path / "numbers.h5", "w")


@pytest.mark.parametrize("scale", [2.0**-14, 0.25, 1.0, 2.0**13])
@pytest.mark.parametrize("shape", [(40_000,), (3, 3, 64, 64)])
def test_hdf5_itself_reads_the_numbers_that_were_written(
    shape: tuple[int, ...], scale: float, file: h5py.File
) -> None:
    values = coarse(shape, scale)
    assert byte_floats.write(file, "kernel", values)
    assert file["kernel"].shape == shape
    assert np.array_equal(np.asarray(file["kernel"]), values)
    found = byte_floats.read(file["kernel"])
    assert found is not None
    assert found.dtype == np.float16
    assert np.array_equal(found.astype(np.float32), values)


def test_it_takes_less_room_than_halves(file: h5py.File) -> None:
    values = coarse((200_000,))
    byte_floats.write(file, "bytes", values)
    options = {"compression": "gzip", "compression_opts": 9, "shuffle": True}
    file.create_dataset("halves", data=values.astype(np.float16), **options)
    file.flush()
    small, large = (file[name].id.get_storage_size() for name in ("bytes", "halves"))
    assert 0 < small < 0.9 * large


@pytest.mark.parametrize(
    "values",
    [
        [0.0, 0.0],
        [1.0, 1.0625],
        [1.0, 2.0**-18],
        [1.0, np.inf],
        [1.0, np.nan],
        [1e5, 0.0],
        [65536.0, 0.0],
    ],
    ids=["zeros", "four bits", "far apart", "infinite", "no number", "large", "beyond halves"],
)
def test_what_would_lose_is_not_written(values: list[float], file: h5py.File) -> None:
    assert not byte_floats.write(file, "kernel", np.array(values, np.float32))
    assert "kernel" not in file


def test_the_smallest_numbers_have_no_exponent_of_their_own(file: h5py.File) -> None:
    values = np.array([1.0, 2.0**-13, 2.0**-16, 3 * 2.0**-16, 0.0], np.float32)
    assert byte_floats.write(file, "kernel", values)
    assert np.array_equal(np.asarray(file["kernel"]), values)
    assert np.array_equal(byte_floats.read(file["kernel"]), values)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, np.uint8, "S3"])
def test_other_numbers_are_left_to_others(dtype: str | type, file: h5py.File) -> None:
    file["other"] = np.zeros(4, dtype)
    assert byte_floats.read(file["other"]) is None


def test_other_floats_of_a_byte_are_left_to_others(file: h5py.File) -> None:
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_fields(7, 2, 5, 0, 2)
    kind.set_ebias(15)
    kind.set_precision(8)
    kind.set_size(1)
    h5py.h5d.create(file.id, b"other", kind, h5py.h5s.create_simple((4,)))
    assert byte_floats.read(file["other"]) is None
