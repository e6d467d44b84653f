"""Pictures sorted into class folders: grouped by view, and freed of views with two labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.datasets.errors import Problems
from pipelines.datasets.groups import Groups
from pipelines.datasets.near_duplicates import fingerprint, join_same_views
from pipelines.datasets.pictures import read_picture
from pipelines.datasets.same_frames import features, join_same_frames
from pipelines.datasets.sample import Sample
from pipelines.progress import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One picture of a class folder."""

    path: Path
    name: str  # the sample's
    label: int
    source: str  # the picture that this one is a copy of, as far as the name tells; else the name


def read_grouped(
    entries: Sequence[Entry], problems: Problems, *, turned: bool = False
) -> Iterator[Sample]:
    """The samples of the entries, in their order; one source, view or frame is one group.

    The pictures are read twice, for the groups and for the pixels, so that memory stays small. A
    group with both labels is put aside as a whole: at least one of its labels is wrong.

    Args:
        entries: all pictures of the set.
        problems: told of what is left out.
        turned: copies may be turned by quarters or mirrored.
    """
    readable, groups = _grouped(entries, problems, turned=turned)
    labels: dict[int, set[int]] = {}
    for index, entry in enumerate(readable):
        labels.setdefault(groups.find(index), set()).add(entry.label)
    for index, entry in enumerate(readable):
        first = groups.find(index)
        if len(labels[first]) > 1:
            problems.put_aside(entry.name, "the same view exists with the other label")
            continue
        pixels = read_picture(entry.path, entry.name, problems)
        if pixels is not None:
            group = readable[first].source
            yield Sample(name=entry.name, label=entry.label, group=group, pixels=pixels)


def _grouped(
    entries: Sequence[Entry], problems: Problems, *, turned: bool
) -> tuple[list[Entry], Groups]:
    """The readable entries, and their groups; one picture of each source is compared by view."""
    readable: list[Entry] = []
    prints, details = [], []
    seen: dict[str, int] = {}
    copies = []
    for entry in shown(entries, "Looking for copies", "image"):
        pixels = read_picture(entry.path, entry.name, problems)
        if pixels is None:
            continue
        if entry.source in seen:
            copies.append((seen[entry.source], len(readable)))
        else:
            seen[entry.source] = len(readable)
            prints.append(fingerprint(pixels))
            details.append(features(pixels))
        readable.append(entry)
    groups = Groups(len(readable))
    for first, copy in copies:
        groups.join(first, copy)
    compared = tuple(seen.values())
    join_same_views(groups, compared, prints, turned=turned)
    join_same_frames(groups, compared, details)
    return readable, groups
