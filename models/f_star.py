"""F*: the share of hits among hits, misses and false alarms, with which F1 rises and falls.

Source: Hand et al., "F*: an interpretable transformation of the F-measure", Machine Learning 110,
2021.
"""

from typing import TypeVar

import numpy as np

Numbers = TypeVar("Numbers", float, np.ndarray)


def f1_of(f_star: Numbers) -> Numbers:
    """F1, in [0, 1], of an F* in [0, 1], or of many."""
    return 2.0 * f_star / (1.0 + f_star)


def f_star_of(f1: Numbers) -> Numbers:
    """F*, in [0, 1], of an F1 in [0, 1], or of many."""
    return f1 / (2.0 - f1)
