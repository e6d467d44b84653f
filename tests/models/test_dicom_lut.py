"""Lookup tables beside what pydicom makes of them."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from models.dicom_lut import LookupTable, table_of_item
from tests.dicoms import lookup


@pytest.mark.parametrize("first", [0, 500, -300])
def test_a_table_after_a_table_is_that_of_pydicom(first: int) -> None:
    file = Dataset()
    file.set_original_encoding(is_implicit_vr=False, is_little_endian=True)
    file.PixelRepresentation = 0
    file.ModalityLUTSequence = lookup(np.linspace(0, 2000, 1000), first=100)
    file.VOILUTSequence = lookup(np.linspace(100, 60000, 1200), first=first)
    stored = np.arange(4096, dtype=np.uint16)
    units = table_of_item(file.ModalityLUTSequence[0], little_endian=True)(stored)
    shown = table_of_item(file.VOILUTSequence[0], little_endian=True)(units)
    expected = apply_modality_lut(stored, file)
    np.testing.assert_array_equal(units, expected)
    # pydicom too wraps round where numbers have no sign
    np.testing.assert_array_equal(shown, apply_voi_lut(expected.astype(np.int32), file))


@pytest.mark.parametrize("kind", ["u1", "u2", "i2", "f8"])
@pytest.mark.parametrize(("first", "places"), [(7, [0, 0, 2]), (-1, [2, 2, 2]), (65535, [0, 0, 0])])
def test_values_beyond_an_end_have_the_entry_there(
    kind: str, first: int, places: list[int]
) -> None:
    entries = np.array([10, 20, 30], np.uint16)
    table = LookupTable(entries=entries, first=first, bits=16)
    shown = table(np.array([1, 7, 100], kind))
    assert shown.dtype == np.uint16
    assert shown.tolist() == entries[places].tolist()
