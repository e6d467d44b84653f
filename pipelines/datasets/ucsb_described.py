"""What the names of UCSB's images say of where a tile comes from."""

from pathlib import Path

from models.subgroup_table import Attribute
from pipelines.datasets.described import Described, Known


def group_of(stem: str) -> str:
    """The first two fields of an image's name: ``ytma49_042003``."""
    return "_".join(stem.split("_")[:2])


def read_described(folder: Path, name: str) -> Known:
    """Where a tile such as ``ytma49_042003_benign1_ccd@112,0`` comes from; no file is opened."""
    del folder
    return {"slide": group_of(name.partition("@")[0])}


DESCRIBED = Described(
    attributes=(
        Attribute(
            key="slide",
            title="Tissue microarray",
            explanation="The array that the tissue lay on, by the name of its image. Staining "
            "differs strongly from one to the next.",
            values=(),
        ),
    ),
    read=read_described,
)
