"""The F1 that this project asks of every model."""

from models.card import Estimate

REQUIRED_F1 = 0.70
"""On the test images, at the threshold chosen on validation."""


def meets_required_f1(estimate: Estimate) -> bool:
    """Whether an F1 on test images reaches it."""
    return estimate.value >= REQUIRED_F1
