"""A lookup table of a DICOM file, applied to values."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from pydicom.dataset import Dataset

from models.decoded import DamagedImage


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupTable:
    """LUT Descriptor and LUT Data (0028,3002), (0028,3006), or those of a palette's colour."""

    entries: np.ndarray  # (n,) uint16
    first: int  # the value that has the first entry
    bits: int  # of an entry

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """The entries of values, uint16; values beyond either end have the entry at that end."""
        beyond = np.subtract(values, self.first, dtype=np.float64)  # uint16 would wrap round
        places = np.clip(beyond, 0, len(self.entries) - 1)
        return np.asarray(self.entries[places.astype(np.intp)])

    def among(self, low: float, high: float) -> Self:
        """The table whose first value has the sign of the values that it is for.

        Where a file does not say whether LUT Descriptor is signed, it is read as the stored values
        are; but it goes by those after the Modality LUT. Read wrong, the table lies beyond them, on
        the side where the other reading is none.

        Args:
            low: the lowest value that may come.
            high: the highest one.

        Source: DICOM PS3.3 C.11.2.1.1.
        """
        if self.first > high and self.first >= 2**15 and low < 0:
            return replace(self, first=self.first - 2**16)
        if self.first + len(self.entries) <= low and self.first < 0:
            return replace(self, first=self.first + 2**16)
        return self


def table_of_item(item: Dataset, *, little_endian: bool) -> LookupTable:
    """The table of an item of Modality LUT Sequence or VOI LUT Sequence."""
    element = item["LUTData"]
    return _table(item.LUTDescriptor, element.value, little_endian=little_endian)


def table_of_colour(elements: Dataset, colour: str, *, little_endian: bool) -> LookupTable:
    """The palette's table of a colour: "Red", "Green" or "Blue"."""
    name = f"{colour}PaletteColorLookupTable"
    descriptor, data = elements[f"{name}Descriptor"].value, elements[f"{name}Data"].value
    return _table(descriptor, data, little_endian=little_endian)


def _table(descriptor: list[int], data: bytes | list[int], *, little_endian: bool) -> LookupTable:
    """A table from bytes (VR OW) or numbers (VR US).

    Source: DICOM PS3.3 C.11.1.1, C.11.2.1.1 and C.7.6.3.1.5. Entries of up to 8 bits may stand in
    bytes, padded to an even number, or in words.
    """
    count, first, bits = (int(number) for number in descriptor)
    count = count or 2**16
    if not isinstance(data, bytes):
        entries = np.atleast_1d(np.asarray(data, np.uint16))
    elif bits <= 8 and len(data) <= count + 1:
        entries = np.frombuffer(data, np.uint8).astype(np.uint16)
    else:
        words = np.frombuffer(data, "<u2" if little_endian else ">u2", len(data) // 2)
        entries = words.astype(np.uint16)
    if len(entries) < count or not 1 <= bits <= 16:
        raise DamagedImage(
            expected=f"a lookup table of {count} entries", received=f"one of {len(entries)}"
        )
    return LookupTable(entries=entries[:count], first=first, bits=bits)
