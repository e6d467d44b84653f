"""The list of checksums of a folder that a test filled."""

from pathlib import Path, PurePosixPath

from models.checkpoint import list_sum


def write_sums(folder: Path) -> None:
    """List every checkpoint below a folder as it is now."""
    for path in folder.rglob("*.h5"):
        list_sum(folder, PurePosixPath(path.relative_to(folder).as_posix()))
