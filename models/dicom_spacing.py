"""How large the pixels of a DICOM image are."""

from collections.abc import Iterator
from typing import Any

from pydicom.dataset import Dataset

from models.dicom_groups import functional_group

_FINEST, _COARSEST = 0.005, 5.0  # mm; what else stands there is no pixel spacing of a breast


def pixel_spacing(elements: Dataset, frame: int) -> float | None:
    """The millimetres of a pixel's side, where pixels are square.

    Args:
        elements: of the file.
        frame: from 0.

    Source: DICOM PS3.3 10.7.1.3 and C.8.7.1, Imager Pixel Spacing (0018,1164), which comes first;
    10.7.1.1, Pixel Spacing (0028,0030); C.7.6.16.2.1, the same in the functional groups.
    """
    for value in _spacings(elements, frame):
        try:
            down, across = map(float, value or ())
        except (TypeError, ValueError):  # none, or no two numbers
            continue
        if _FINEST <= down <= _COARSEST and abs(across - down) <= 0.01 * down:
            return down
    return None


def _spacings(elements: Dataset, frame: int) -> Iterator[Any]:
    yield elements.get("ImagerPixelSpacing")
    yield elements.get("PixelSpacing")
    yield functional_group(elements, "PixelMeasuresSequence", frame).get("PixelSpacing")
