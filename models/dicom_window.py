"""The window of a DICOM image: which values become black, which white, and how those between."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.decoded import DamagedImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Window Center (0028,1050) and Window Width (0028,1051), in the unit of the values.

    Raises:
        DamagedImage: a function that the standard does not know.
        ValueError: numbers that show nothing; `window_of` tells before.
    """

    center: float
    width: float
    function: str = "LINEAR"  # VOI LUT Function (0028,1056)

    def __post_init__(self) -> None:
        if self.function not in _FUNCTIONS:
            raise DamagedImage(
                expected=f"one of the window functions {', '.join(_FUNCTIONS)}",
                received="another one",
            )
        if not _shows(self.center, self.width, self.function):
            raise ValueError(
                f"expected a window that shows anything, received center {self.center:g} and "
                f"width {self.width:g}"
            )

    def __str__(self) -> str:
        """In words, as a sentence begins."""
        return f"Window center {self.center:g}, width {self.width:g} ({self.function})"

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Map values onto [0, 1], as a DICOM viewer would.

        Args:
            values: float64 of any shape, after rescaling.

        Source: DICOM PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.1 (SIGMOID) and C.11.2.1.3.2
        (LINEAR_EXACT).
        """
        return _FUNCTIONS[self.function](values, self.center, self.width)


def window_of(center: float, width: float, function: str) -> Window | None:
    """A window of a file; None where it is too narrow to show anything.

    Raises:
        DamagedImage: a function that the standard does not know.
    """
    try:
        return Window(center=center, width=width, function=function)
    except ValueError:
        return None


def _shows(center: float, width: float, function: str) -> bool:
    """Whether the standard allows the numbers. DICOM PS3.3 C.11.2.1.2.1, C.11.2.1.3."""
    is_wide_enough = width >= 1.0 if function == "LINEAR" else width > 0.0
    return is_wide_enough and bool(np.isfinite([center, width]).all())


def _linear(values: np.ndarray, center: float, width: float) -> np.ndarray:
    return _exact(values, center - 0.5, width - 1.0)


def _exact(values: np.ndarray, center: float, width: float) -> np.ndarray:
    if width == 0.0:  # a step
        return (values > center).astype(np.float64)
    return np.clip((values - center) / width + 0.5, 0.0, 1.0)


def _sigmoid(values: np.ndarray, center: float, width: float) -> np.ndarray:
    # exp overflows beyond 709; at 50 the result is 0 or 1 to the last bit that matters here
    power = np.clip(-4.0 * (values - center) / width, -50.0, 50.0)
    return np.asarray(1.0 / (1.0 + np.exp(power)))


_FUNCTIONS: dict[str, Callable[[np.ndarray, float, float], np.ndarray]] = {
    "LINEAR": _linear,
    "LINEAR_EXACT": _exact,
    "SIGMOID": _sigmoid,
}
