"""What a caller asks of a file beside its pixels."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which image of a file, and of what kind it has to be; None asks for nothing."""

    frame: int | None = None  # counted from 1
    dicom_modality: str | None = None  # DICOM Modality (0008,0060): "US"


ANYTHING = Wanted()
"""The one image of a file, of any kind."""
