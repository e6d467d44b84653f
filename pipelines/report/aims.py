"""What the study asked for before it began."""

from collections.abc import Mapping
from types import MappingProxyType

AUC_AIMS: Mapping[str, float] = MappingProxyType(
    {"mammography": 0.80, "ultrasound": 0.90, "histopathology": 0.93}
)
"""Modality -> the area under the ROC that its best model should reach; one may have none."""

LARGEST_TOTAL = 80_000_000
"""Bytes of all checkpoints together."""
