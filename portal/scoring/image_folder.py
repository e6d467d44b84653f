"""ImageFolder: every file of a folder that is to be scored; what is left out is told."""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Self

from portal.errors import PortalError


class FolderRefused(PortalError):
    title = "A folder cannot be read"
    action = (
        "Nothing was scored. Let your user read it, move it away, or name another folder; "
        "then run the command again."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFolder:
    """What lies below a folder: paths relative to it, with forward slashes, sorted."""

    files: tuple[str, ...]
    links: tuple[str, ...]  # to folders; they are not followed, as they may lead in circles
    devices: tuple[str, ...] = ()  # pipes and the like, of which no one knows when they end

    @classmethod
    def of(cls, folder: Path, results: Path) -> Self:
        """All below a folder, but what is hidden and the results.

        Raises:
            FolderRefused: it, or a folder below it, cannot be read.
        """
        files: list[Path] = []
        links: list[Path] = []
        devices: list[Path] = []
        own = os.path.realpath(results)
        try:
            for place, folders, names in os.walk(folder, onerror=_raised):
                folders[:] = [name for name in folders if name[0] != "."]  # others are not entered
                here = Path(place)
                links += (here / name for name in folders if (here / name).is_symlink())
                for path in (here / name for name in names if name[0] != "."):
                    (files if _is_file(path) else devices).append(path)
        except OSError as error:
            raise FolderRefused(
                expected=f"a folder that can be read at {str(error.filename)!r}",
                received=error.strerror or "an error",
            ) from error
        # Path.resolve would fail at a link to itself.
        images = (path for path in files if os.path.realpath(path) != own)
        return cls(
            files=_sorted(images, folder),
            links=_sorted(links, folder),
            devices=_sorted(devices, folder),
        )


def _raised(error: OSError) -> NoReturn:
    raise error


def _is_file(path: Path) -> bool:
    """Whether it is a file, or may be one that cannot be reached: its row will say why."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True


def _sorted(paths: Iterable[Path], folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(folder).as_posix() for path in paths))
