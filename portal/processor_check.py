"""Whether this processor computes at a precision what was measured elsewhere."""

from collections.abc import Sequence

import numpy as np

from models.precision import LARGEST, Precision
from models.probes import probes
from portal.errors import PrecisionRefused
from portal.network import Network


def require(network: Network, measured: Sequence[float], precision: Precision) -> None:
    """Refuse a network whose answers to synthetic images are not those of its record.

    How far the answers to real images move at the precision stands in the record; here only the
    processor is in question, whose arithmetic at that precision may be another.

    Raises:
        PrecisionRefused: an answer is more than 0.02 from the measured one.
    """
    pairs = zip(probes(), measured, strict=True)
    apart = np.max([abs(network(image) - answer) for image, answer in pairs])
    if not apart <= LARGEST:  # an answer that is no number makes the largest one none, too
        raise PrecisionRefused(
            expected=f"this processor to answer within {LARGEST:.2f} of what was measured "
            f"at {precision}",
            received=f"answers {apart:.3f} apart",
        )
