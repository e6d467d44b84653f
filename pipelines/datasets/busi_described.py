"""What BUSI's outlines say of a lesion: how much of the image it takes."""

from pathlib import Path

from pipelines.datasets.busi_outlines import read_outlined
from pipelines.datasets.described import Described, Known, Measure


def read_described(folder: Path, name: str) -> Known:
    """The lesion's share of the image, in per cent; arguments and errors as of the outlines."""
    _, outline = read_outlined(folder, name)
    return {"size": 100 * float(outline.mean())}


DESCRIBED = Described(
    attributes=(
        Measure(
            key="size",
            title="Size of the lesion in the image",
            explanation="The share of the image that lies in the lesion as experts outlined it. "
            "The images state no scale, so it is no size in millimetres.",
            unit="%",
        ),
    ),
    read=read_described,
)
