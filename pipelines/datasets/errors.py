"""Refusals of the readers, and the list of what a reader could not read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from models.errors import Refusal
from pipelines.datasets.file_names import as_text

_NAMED = 10


class DatasetRefused(Refusal):
    title: ClassVar[str] = "The data set cannot be read"
    action = "Compare the folder with docs/data-sets.md."


class NoDataFolder(DatasetRefused):
    """There is no such folder, or what lies in it has another layout."""

    title: ClassVar[str] = "The data folder was not found"

    def __init__(self, folder: Path, *, layout: str, published: str, usual: str) -> None:
        """``usual`` is the set's name below the data folder."""
        super().__init__(
            expected=f"a folder with {layout}",
            received=f"{folder}, which {'holds none of it' if folder.is_dir() else 'is no folder'}",
            action=f"The set is published as {published}; unpack it, and name its own folder, or "
            f"the one in which it lies as `{usual}`.",
        )


class EmptyClass(DatasetRefused):
    """One of the two classes has no images: nothing can be learnt."""

    title: ClassVar[str] = "A class has no images"

    def __init__(self, folder: Path, *, label: str) -> None:
        super().__init__(
            expected=f"at least one image of the class {label}", received=f"none in {folder}"
        )


class RepeatedName(DatasetRefused):
    """Two images have the same name: what is said of one could not be told from the other."""

    title: ClassVar[str] = "An image comes twice"
    action = "Give each image a name of its own, or leave one out."

    def __init__(self, name: str) -> None:
        super().__init__(expected="a name of its own for each image", received=f"{name} twice")


class UnreadableImages(DatasetRefused):
    """Some images could not be read; the first ten are named."""

    title: ClassVar[str] = "Some images cannot be read"
    action = "Replace them, or leave them out with `--skip-unreadable`."

    def __init__(self, reasons: Mapping[str, str]) -> None:
        self.names: Sequence[str] = tuple(reasons)
        self.count = len(reasons)
        super().__init__(expected="readable images only", received=describe(reasons))


class MissingPackage(DatasetRefused):
    """The set's file format needs a package that is not installed."""

    title: ClassVar[str] = "A package is missing"


def describe(reasons: Mapping[str, str]) -> str:
    """Count, and the first ten names with their reasons, as one phrase."""
    named = "; ".join(f"{name} ({reason})" for name, reason in list(reasons.items())[:_NAMED])
    rest = len(reasons) - _NAMED
    return f"{len(reasons)} unreadable: {named}" + (f"; and {rest} more" if rest > 0 else "")


class Problems:
    """What a reader met on its way: images that it could not read, and images that it set aside.

    A reader adds to it and goes on, so that one walk through a set names everything that is wrong.
    Names that are not UTF-8 are kept as text that can be written.
    """

    def __init__(self, *, skip: bool = False) -> None:
        """Start with nothing; ``skip`` says whether unreadable images may be left out."""
        self.skip = skip
        self._unreadable: dict[str, str] = {}
        self._set_aside: dict[str, str] = {}

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Name -> reason, in the order of reading."""
        return MappingProxyType(self._unreadable)

    @property
    def set_aside(self) -> Mapping[str, str]:
        """Name -> reason of the readable images that are left out on purpose."""
        return MappingProxyType(self._set_aside)

    def add(self, name: str, reason: str) -> None:
        """Note that ``name`` could not be read."""
        self._unreadable.setdefault(as_text(name), as_text(reason))

    def put_aside(self, name: str, reason: str) -> None:
        """Note that ``name`` is readable, but must not be used."""
        self._set_aside.setdefault(as_text(name), as_text(reason))

    def settle(self) -> None:
        """End the walk.

        Raises:
            UnreadableImages: there were some and ``skip`` is off.
        """
        if self._unreadable and not self.skip:
            raise UnreadableImages(self._unreadable)

    def __str__(self) -> str:
        return describe(self._unreadable) if self._unreadable else "every image was readable"
