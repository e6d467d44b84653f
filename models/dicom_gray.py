"""Stored gray values of a DICOM image -> 8-bit gray, as a viewer would show them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from models.decoded import DamagedImage
from models.dicom_groups import functional_group
from models.dicom_lut import table_of_item
from models.dicom_window import Window, window_of

Curve = Callable[[np.ndarray], np.ndarray]
"""Values -> values, of any shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grays:
    """What a file says of the way from its stored values to gray."""

    elements: Dataset  # of the file
    frame: int  # from 0
    little_endian: bool

    def shown(self, values: np.ndarray, photometric: str) -> tuple[np.ndarray, tuple[str, ...]]:
        """8-bit gray of stored values.

        Every value a pixel may have goes through the curves once, then the pixels are looked up.

        Args:
            values: (rows, columns) integers of at most 16 bits.
            photometric: MONOCHROME1 (low values are white) or MONOCHROME2.

        Returns:
            (rows, columns) uint8, and a sentence for each step.
        """
        low, high = int(values.min()), int(values.max())
        stored = np.arange(low, high + 1, dtype=np.float64)
        places = values.astype(np.int32) - low
        padded = self._padded(stored)
        real, rescaling = self._modality()
        units = real(stored)
        voi, windowing = self._voi(real)
        if voi is None:
            shown = units[_occurring(places, len(stored)) & ~padded]
            voi, windowing = _stretched(shown, why=windowing)
        notes = [rescaling, windowing]
        table = np.rint(255.0 * voi(units)).astype(np.uint8)
        if photometric == "MONOCHROME1":
            table = 255 - table
            notes.append("Inverted, as MONOCHROME1 says that low values are white.")
        if padded.any():
            table[padded] = 0
            notes.append("What the file marks as padding around the image is black.")
        return table[places], tuple(note for note in notes if note)

    def _modality(self) -> tuple[Curve, str]:
        """From stored values to values with a unit: by table, by a line, or not at all."""
        items = self.elements.get("ModalityLUTSequence")
        if items:
            table = table_of_item(items[0], little_endian=self.little_endian)
            return table, "Values were mapped by the file's modality lookup table."
        slope = self._number("RescaleSlope", "PixelValueTransformationSequence")
        intercept = self._number("RescaleIntercept", "PixelValueTransformationSequence")
        if slope is None or intercept is None or (slope, intercept) == (1.0, 0.0):
            return _same, ""
        sentence = f"Values were rescaled by slope {slope:g} and intercept {intercept:g}."
        return lambda stored: stored * slope + intercept, sentence

    def _voi(self, real: Curve) -> tuple[Curve | None, str]:
        """From values with a unit to [0, 1]: by table, by window, or as 8 bits stand for gray.

        Args:
            real: from stored values to those with a unit; `_same` where they are as stored.

        Returns:
            The curve and a sentence; None and why, where the file does not say how they are shown.
        """
        looked_up = self._looked_up(real)
        if looked_up:
            return looked_up
        windows = self._windows()
        usable = [window for window in windows if window is not None]
        if usable:
            first = _first_of(len(windows), "" if windows[0] else " and that shows anything")
            return usable[0], f"{usable[0]}{first}."
        why = "No window of the file shows anything" if windows else "The file names no window"
        if int(self.elements.BitsStored) <= 8 and real is _same:
            low, high = self._possible()[[0, -1]]
            as_they_are = f"{why}: values of 8 bits stayed as they are." if windows else ""
            return lambda values: (values - low) / (high - low), as_they_are
        return None, why

    def _looked_up(self, real: Curve) -> tuple[Curve, str] | None:
        """By the first table of values of interest; None where there is none."""
        group = self._of_frame("FrameVOILUTSequence")
        items = self.elements.get("VOILUTSequence") or group.get("VOILUTSequence")
        if not (items and "LUTData" in items[0] and "LUTDescriptor" in items[0]):
            return None
        possible = real(self._possible())
        table = table_of_item(items[0], little_endian=self.little_endian)
        table = table.among(float(possible.min()), float(possible.max()))
        top = 2**table.bits - 1
        return (
            lambda values: np.minimum(table(values) / top, 1.0),
            f"Shown by the file's lookup table of values of interest{_first_of(len(items))}.",
        )

    def _possible(self) -> np.ndarray:
        """Every value that Bits Stored (0028,0101) and Pixel Representation (0028,0103) allow."""
        count = 2 ** int(self.elements.BitsStored)
        low = -count // 2 if self.elements.PixelRepresentation else 0
        return np.arange(low, low + count, dtype=np.float64)

    def _windows(self) -> list[Window | None]:
        """The windows that the file offers; None for one that shows nothing."""
        group = self._of_frame("FrameVOILUTSequence")
        function = self.elements.get("VOILUTFunction") or group.get("VOILUTFunction") or "LINEAR"
        pairs = zip(*map(self._window_numbers, ("WindowCenter", "WindowWidth")), strict=False)
        return [
            window_of(center, width, str(function).strip().upper())
            for center, width in pairs
            if center is not None and width is not None
        ]

    def _window_numbers(self, keyword: str) -> list[float | None]:
        """The numbers of an element; None for an empty one, which a backslash at the end makes."""
        parts = self._parts(keyword, "FrameVOILUTSequence")
        return [float(part) if str(part).strip() else None for part in parts]

    def _padded(self, stored: np.ndarray) -> np.ndarray:
        """Which stored values only fill up the rectangle, by Pixel Padding Value (0028,0120)."""
        value, limit = self._number("PixelPaddingValue"), self._number("PixelPaddingRangeLimit")
        if value is None:
            return np.zeros(stored.shape, bool)
        ends = sorted(map(self._of_their_sign, (value, value if limit is None else limit)))
        return (stored >= ends[0]) & (stored <= ends[1])

    def _of_their_sign(self, padding: float) -> float:
        """A padding value of 16 bits with the sign of the pixels, which not every writer heeds."""
        if self.elements.PixelRepresentation:
            return padding - 2**16 if padding >= 2**15 else padding
        return padding + 2**16 if padding < 0 else padding

    def _number(self, keyword: str, group: str = "") -> float | None:
        found = self._numbers(keyword, group)
        return found[0] if found else None

    def _numbers(self, keyword: str, group: str = "") -> list[float]:
        """The numbers of an element, none of which may be missing."""
        numbers = [float(part) for part in self._parts(keyword, group)]
        if not np.isfinite(numbers).all():
            raise DamagedImage(expected="numbers to show the image by", received="no numbers")
        return numbers

    def _parts(self, keyword: str, group: str) -> list[Any]:
        """The values of an element, which enhanced images have in a group of each frame."""
        value = self.elements.get(keyword)
        if value is None and group:
            value = self._of_frame(group).get(keyword)
        if value is None or value == "":
            return []
        return list(value) if isinstance(value, MultiValue) else [value]

    def _of_frame(self, group: str) -> Dataset:
        return functional_group(self.elements, group, self.frame)


def _same(stored: np.ndarray) -> np.ndarray:
    return stored


def _occurring(places: np.ndarray, count: int) -> np.ndarray:
    """(count,) bool: which of the values some pixel has.

    Args:
        places: (rows, columns) integers, the place of each pixel's value among all.
        count: how many values there are.
    """
    found = np.zeros(count, bool)
    found[places] = True
    return found


def _stretched(shown: np.ndarray, *, why: str) -> tuple[Curve, str]:
    """From the lowest of the values that are shown, black, to the highest; others lie beyond."""
    if not shown.size:
        return np.zeros_like, ""
    low, high = float(shown.min()), float(shown.max())
    span = (high - low) or 1.0
    return (
        lambda values: np.clip((values - low) / span, 0.0, 1.0),
        f"{why}: {low:g} became black and {high:g} white.",
    )


def _first_of(count: int, which: str = "") -> str:
    return f", the first of {count} that the file offers{which}" if count > 1 else ""
