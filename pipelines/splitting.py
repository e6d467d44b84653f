"""Splits by group: 70/15/15, stratified, deterministic, and refused when a group leaks."""

import contextlib
import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.model_selection import GroupShuffleSplit

from models.files import replace_file
from pipelines.errors import LeakingSplit, SplitImpossible

PARTS = ("train", "validation", "test")
_CANDIDATES = 400  # seeded draws, of which the best stratified one is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """One image's place in the split."""

    image: str  # the sample's name
    label: int
    group: str
    part: str  # one of PARTS


def _hold_out(
    labels: np.ndarray, groups: np.ndarray, share: float, seed: int, *, setting: str
) -> tuple[np.ndarray, np.ndarray]:
    """Indices (kept, held out): of many seeded draws of groups, the best stratified one.

    A refusal names the share by the ``setting`` that it comes from.
    """
    draws = GroupShuffleSplit(n_splits=_CANDIDATES, test_size=share, random_state=seed)
    best: tuple[float, np.ndarray, np.ndarray] | None = None
    for kept, held in _drawn(draws, labels, groups):
        if len(set(labels[held])) < 2 or len(set(labels[kept])) < 2:
            continue
        shares = [np.mean(np.isin(np.flatnonzero(labels == c), held)) for c in (0, 1)]
        miss = float(sum(abs(found - share) for found in shares))
        if best is None or miss < best[0]:
            best = (miss, kept, held)
    if best is None:
        raise SplitImpossible(
            expected="groups of both classes for every part",
            received=f"{len(set(groups))} groups, of which a {setting} cannot hold both",
        )
    return best[1], best[2]


def _drawn(
    draws: GroupShuffleSplit, labels: np.ndarray, groups: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The draws; none where a part would get no group at all, which scikit-learn refuses."""
    with contextlib.suppress(ValueError):
        yield from draws.split(labels, labels, groups)


def split(
    names: Sequence[str],
    labels: Sequence[int],
    groups: Sequence[str],
    *,
    validation_share: float,
    test_share: float,
    seed: int,
) -> tuple[Assigned, ...]:
    """Deal out images to train, validation and test: test first, then validation.

    The shares are of groups; among seeded draws the one whose class shares come nearest wins.

    Raises:
        SplitImpossible: too few groups, or a class in too few of them.
    """
    y, g = np.asarray(labels), np.asarray(groups)
    if len(set(groups)) < 3:
        raise SplitImpossible(expected="3 groups or more", received=f"{len(set(groups))}")
    rest, test = _hold_out(y, g, test_share, seed, setting=f"test_share of {test_share:g}")
    share = validation_share / (1 - test_share)
    setting = f"validation_share of {validation_share:g}"
    _, validation = _hold_out(y[rest], g[rest], share, seed, setting=setting)
    parts = np.full(len(y), "train", dtype=object)
    parts[test] = "test"
    parts[rest[validation]] = "validation"
    rows = zip(names, labels, groups, parts, strict=True)
    return tuple(Assigned(image=n, label=int(c), group=k, part=str(p)) for n, c, k, p in rows)


def refuse_leaks(assigned: Sequence[Assigned]) -> None:
    """Refuse a split in which a group has images in two parts.

    Raises:
        LeakingSplit: names the first such group.
    """
    side: dict[str, str] = {}
    for row in assigned:
        part = side.setdefault(row.group, row.part)
        if part != row.part:
            raise LeakingSplit(
                expected=f"group {row.group} in one part", received=f"in {part} and {row.part}"
            )


def to_csv(assigned: Sequence[Assigned]) -> str:
    """The split as CSV text, sorted by image; the same split gives the same bytes."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("image", "label", "group", "part"))
    for row in sorted(assigned, key=lambda item: item.image):
        rows.writerow((row.image, row.label, row.group, row.part))
    return text.getvalue()


def sha256(assigned: Sequence[Assigned]) -> str:
    """The SHA-256 of the split's file."""
    return hashlib.sha256(to_csv(assigned).encode()).hexdigest()


def write(path: Path, assigned: Sequence[Assigned]) -> None:
    """Write the split file, whole or not at all."""
    replace_file(path, to_csv(assigned).encode())


def read(path: Path) -> tuple[Assigned, ...]:
    """The split of a file.

    Raises:
        LeakingSplit: a group has images in two parts.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = tuple(
            Assigned(
                image=row["image"], label=int(row["label"]), group=row["group"], part=row["part"]
            )
            for row in csv.DictReader(stream)
        )
    refuse_leaks(rows)
    return rows
