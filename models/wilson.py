"""Wilson's interval of a share."""

import numpy as np

NORMAL_975 = 1.959964  # quantile of the normal distribution, for 95 % intervals


def wilson(positive: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where Wilson's 95 % intervals of shares begin and end.

    They take what is counted for independent.

    Source: Wilson, "Probable inference", Journal of the American Statistical Association 22, 1927.

    Args:
        positive: (n,) counts, each from 0 to that of ``count``.
        count: (n,) counts above 0.
    """
    z2 = NORMAL_975**2
    middle = (positive + z2 / 2) / (count + z2)
    half = NORMAL_975 / (count + z2) * np.sqrt(positive * (1 - positive / count) + z2 / 4)
    return np.clip(middle - half, 0.0, 1.0), np.clip(middle + half, 0.0, 1.0)


def wilson_of_one(positive: float, count: int) -> tuple[float, float]:
    """Where the interval of one share begins and ends: ``positive`` of ``count``, not of none."""
    low, high = wilson(np.array([positive]), np.array([count]))
    return float(low[0]), float(high[0])
