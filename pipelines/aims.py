"""What the study asks for, and from when on numbers are told with a warning."""

from collections.abc import Mapping
from types import MappingProxyType

AUC_AIMS: Mapping[str, float] = MappingProxyType(
    {"mammography": 0.80, "ultrasound": 0.90, "histopathology": 0.93}
)
"""Modality -> the area under the ROC that its best model should reach; one may have none."""

SENSITIVITY = 0.90
"""Of every model's second operating point, on validation."""

COMPACTION_COST = 0.01
"""F1 that making a file small may cost against the network before: one point."""

LARGEST_TOTAL = 80_000_000
"""Bytes of all checkpoints together."""
