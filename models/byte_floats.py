"""Byte floats: numbers of few bits, kept in a byte each; to any reader of HDF5 they are floats.

HDF5 describes the layout of a float in the file, and converts it when it is read. So Keras reads
such an array as any other, slowly; ``read`` does without the conversion.
"""

import functools

import h5py
import numpy as np

_FIELDS = (7, 3, 4, 0, 3)  # position of sign, position and bits of exponent, of mantissa
_TOP = 14  # highest exponent used; to HDF5 the one above means infinity


def write(group: h5py.Group, name: str, values: np.ndarray) -> bool:
    """Write an array as byte floats, compressed, where that loses nothing.

    Args:
        group: what it is put into.
        name: how it is called there.
        values: (...) float32 or float16, not empty.

    Returns:
        Whether it was written: numbers of more than three bits of mantissa, those too far from
        each other, and those that are no halves, are not.
    """
    largest = float(np.abs(values).max())
    if not 0.0 < largest < np.inf:
        return False
    bias = _TOP + 1 - int(np.frexp(largest)[1])
    codes = _codes(values, bias) if bias > 0 else None  # h5py takes a bias of 0 for an error
    if codes is None:
        return False
    kind, options = _kind(bias), h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    options.set_chunk(codes.shape)
    options.set_deflate(9)
    space = h5py.h5s.create_simple(codes.shape)
    made = h5py.h5d.create(group.id, name.encode(), kind, space, options)
    made.write(h5py.h5s.ALL, h5py.h5s.ALL, codes, mtype=kind)
    return True


def read(dataset: h5py.Dataset) -> np.ndarray | None:
    """An array of byte floats as float16; None where a dataset holds other numbers.

    Raises:
        OSError: it cannot be read.
    """
    kind = dataset.id.get_type()
    if not isinstance(kind, h5py.h5t.TypeFloatID):
        return None
    if kind.get_size() != 1 or kind.get_fields() != _FIELDS:
        return None
    codes = np.empty(dataset.shape, np.uint8)
    dataset.id.read(h5py.h5s.ALL, h5py.h5s.ALL, codes, mtype=kind)
    return _table(kind.get_ebias()).astype(np.float16)[codes]


def _kind(bias: int) -> h5py.h5t.TypeFloatID:
    """The layout, as HDF5 describes it."""
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_fields(*_FIELDS)
    kind.set_ebias(bias)
    kind.set_precision(8)
    kind.set_size(1)
    return kind


@functools.cache
def _table(bias: int) -> np.ndarray:
    """(256,) float64: the number that each byte stands for."""
    codes = np.arange(256)
    exponents, mantissas = codes >> 3 & 15, codes & 7
    normal = np.ldexp(1.0 + mantissas / 8.0, exponents - bias)
    small = np.ldexp(mantissas / 8.0, 1 - bias)
    size = np.where(exponents == 0, small, normal)
    return np.where(codes < 128, size, -size)


def _codes(values: np.ndarray, bias: int) -> np.ndarray | None:
    """(...) uint8: the byte of each number; None where one has none, or is no half."""
    table = _table(bias)
    order = np.argsort(table, kind="stable")
    places = np.searchsorted(table[order], values).clip(max=255)
    codes = order[places].astype(np.uint8)
    return codes if np.array_equal(table.astype(np.float16)[codes], values) else None
