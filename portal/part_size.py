"""Whether what is analysed is as large as what models learnt from, in centimetres."""

from models.decoded import DecodedImage
from models.specs import RegionSpec

_FACTOR = 1.5  # training images were enlarged or reduced by less


def unlike_in_size(part: DecodedImage, whole: DecodedImage, spec: RegionSpec | None) -> str | None:
    """What a reader should know of the size of a part; None where nothing speaks against it.

    Args:
        part: what is analysed.
        whole: what it was cut from, or the same.
        spec: what models of its modality read at a time; None where that is a whole image.
    """
    if spec is None or spec.side_mm is None:
        return None
    if part.spacing is None:
        return _too_long(whole, spec)
    width = part.side * part.spacing
    if spec.side_mm / _FACTOR <= width <= spec.side_mm * _FACTOR:
        return None
    return (
        f"What was analysed is {width / 10:.1f} cm wide; the models learnt from {spec.name}s of "
        f"{spec.side_mm / 10:.1f} cm, so that what a model says of it may mean little"
    )


def _too_long(whole: DecodedImage, spec: RegionSpec) -> str | None:
    """What follows where pixels of a size that is not known cannot be as large as in training."""
    if spec.pixel_mm is None or spec.whole_mm is None or spec.side_mm is None:
        return None
    longest = max(whole.width, whole.height)
    if longest * spec.pixel_mm <= spec.whole_mm:
        return None
    return (
        f"With pixels of {spec.pixel_mm} mm, as in training, this {spec.whole} would be "
        f"{longest * spec.pixel_mm / 10:.0f} cm long: its pixels are smaller, and one of the "
        f"{spec.name}s of {spec.side_mm / 10:.1f} cm from which the models learnt has more than "
        f"{spec.side} of them on a side"
    )
