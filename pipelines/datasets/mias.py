"""mini-MIAS: crops of screening films at full resolution, abnormal against normal.

Lesions and normal tissue are cut alike, so that nothing but the tissue tells them apart: the same
size, never beyond the film, the same least share of breast, the same jitter. Each normal crop
follows a lesion drawn at random: it is cut where its depth below the skin, height in the breast,
brightness and share of breast come closest to that lesion's.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import cv2
import numpy as np

from pipelines.datasets.errors import EmptyClass, NoDataFolder, Problems
from pipelines.datasets.pictures import pictures_in, read_picture
from pipelines.datasets.sample import Dataset, Sample

FILM = 1024
CROP = 256
JITTER = 48
COPIES = 3
MIN_TISSUE = 0.9
_SCALE = 4  # the search for places runs on films of a quarter of the size
_LAST = (FILM - CROP) // _SCALE  # the last place of a crop's corner, in small pixels
_PADDING = 8  # gray level up to which a whole row or column is padding around the film
_REACH = 80 // _SCALE  # a lesion's centre stays within this distance of the crop's
_LAYOUT = "`labels.csv` and the films named in it"


@dataclass(frozen=True, slots=True)
class _Row:
    film: str
    patient: str
    abnormality: str
    centre: tuple[int, int] | None  # row from the top, column; in pixels


@dataclass(frozen=True, slots=True)
class _Places:
    """What is known of every place a crop's upper left corner may have, on a grid of 4 pixels."""

    share: np.ndarray  # of breast in the crop, in [0, 1]; halved where it leaves the film
    features: np.ndarray  # (places, places, 4): depth, height, brightness, share


def read(folder: Path, problems: Problems) -> Iterator[Sample]:
    """Three crops of every located abnormality and of up to two places per normal film.

    Crops come by film, then place; only the first of a place's three is ``primary``.

    Raises:
        NoDataFolder: there is no `labels.csv`, or none of its films.
        EmptyClass: there are only normal or only abnormal films.
    """
    films = {path.stem: path for path in pictures_in(folder)}
    rows = _table(folder)
    for row in rows:
        if row.film not in films:
            problems.add(row.film, "the film is missing")
    rows = [row for row in rows if row.film in films]
    lesions = [row for row in rows if row.centre is not None]
    normal = [row for row in rows if row.abnormality == "NORM"]
    if not rows:
        raise NoDataFolder(folder, layout=_LAYOUT, published="mini-MIAS (Suckling et al. 1994)")
    for found, label in ((lesions, "abnormal"), (normal, "normal")):
        if not found:
            raise EmptyClass(folder, label=label)
    models = []
    for row in lesions:
        film = _film(films[row.film], problems)
        if film is not None and row.centre is not None:
            places = _places(film)
            corner = _corner_near(places, row.centre, Random(f"{row.film} {row.centre}"))
            models.append(places.features[corner])
    spread = np.std(models, axis=0) + 1e-6 if models else np.ones(4)
    for row in sorted(rows, key=lambda row: row.film):
        film = _film(films[row.film], problems)
        if film is None:
            continue
        if row.centre is not None:
            yield from _crops(film, row, 1, row.centre, _places(film))
        elif row.abnormality == "NORM":
            places = _places(film)
            for centre in _matched(places, models, spread, Random(row.film)):
                yield from _crops(film, row, 0, centre, places)
        else:
            problems.put_aside(row.film, "its abnormality has no coordinates")


def _table(folder: Path) -> list[_Row]:
    path = folder / "labels.csv"
    if not path.is_file():
        raise NoDataFolder(folder, layout=_LAYOUT, published="mini-MIAS (Suckling et al. 1994)")
    with path.open(encoding="utf-8", newline="") as stream:
        return [_row(fields) for fields in csv.DictReader(stream)]


def _row(fields: dict[str, str]) -> _Row:
    # the published coordinates count rows from the bottom of the film
    centre = (FILM - 1 - int(fields["y"]), int(fields["x"])) if fields["x"] else None
    return _Row(fields["image"], fields["patient"], fields["abnormality"], centre)


def _film(path: Path, problems: Problems) -> np.ndarray | None:
    pixels = read_picture(path, path.stem, problems)
    if pixels is not None and pixels.shape[:2] != (FILM, FILM):
        problems.add(path.stem, f"{pixels.shape[1]} x {pixels.shape[0]} pixels, not 1024 x 1024")
        return None
    return pixels


def breast_mask(gray: np.ndarray) -> np.ndarray:
    """Where the breast is, (height, width) bool: the largest textured area brighter than the film.

    Args:
        gray: (height, width) uint8. Labels and the bright strip of some films are flat: left out.
    """
    smooth = cv2.GaussianBlur(gray, (0, 0), 2.0)
    level, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = (smooth > 0.5 * level).astype(np.uint8)
    bright = cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, areas, stats, _ = cv2.connectedComponentsWithStats(bright)
    sizes = [
        int(stats[area, cv2.CC_STAT_AREA]) if gray[areas == area].std() > 12 else 0
        for area in range(1, count)
    ]
    if not sizes or max(sizes) == 0:
        return np.zeros(gray.shape, bool)
    return np.asarray(areas == 1 + int(np.argmax(sizes)))


def _places(film: np.ndarray) -> _Places:
    size = (FILM // _SCALE, FILM // _SCALE)
    gray = cv2.resize(film[:, :, 0], size, interpolation=cv2.INTER_AREA)
    mask = breast_mask(gray)
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    half = CROP // _SCALE // 2
    inner = slice(half, half + _LAST + 1)
    rows = np.flatnonzero(mask.any(axis=1))
    top, bottom = (rows[0], rows[-1]) if rows.size else (0, size[0])
    height = (np.arange(size[0]) - top) / max(bottom - top, 1)
    share = _box_mean(mask.astype(np.float64))
    film_only = np.outer(*(_within(gray.max(axis=axis) > _PADDING) for axis in (1, 0)))
    features = (
        depth[inner, inner] / size[0],
        np.broadcast_to(height[inner, None], share.shape),
        _box_mean(gray.astype(np.float64)) / 255,
        share,
    )
    return _Places(np.where(film_only, share, share / 2), np.stack(features, axis=-1))


def _box_mean(values: np.ndarray) -> np.ndarray:
    side = CROP // _SCALE
    total = cv2.integral(values)
    rows = total[side:] - total[:-side]
    return np.asarray((rows[:, side:] - rows[:, :-side]) / side**2)


def _within(used: np.ndarray) -> np.ndarray:
    """Which corners keep a crop within the used stretch of an axis, (places,) bool."""
    ends = np.flatnonzero(used)
    first, last = (ends[0], ends[-1]) if ends.size else (0, -1)
    corners = np.arange(_LAST + 1)
    return np.asarray((corners >= first) & (corners + CROP // _SCALE - 1 <= last))


def _corner_near(places: _Places, centre: tuple[int, int], random: Random) -> tuple[int, int]:
    """The jittered corner of a crop around a centre, moved as little as brings it into tissue.

    Where no place near enough has the least share of breast, the one with the most is taken.
    """
    ideal = [(middle - CROP // 2) / _SCALE for middle in centre]
    wanted = [middle + JITTER * (2 * random.random() - 1) / _SCALE for middle in ideal]
    rows, columns = np.indices(places.share.shape)
    near = np.maximum(abs(rows - ideal[0]), abs(columns - ideal[1])) <= _REACH
    if not near.any():  # a lesion at the film's edge: no crop has it near its middle
        near = np.ones_like(near)
    away = np.hypot(rows - wanted[0], columns - wanted[1])
    good = near & (places.share >= MIN_TISSUE)
    cost = np.where(good, away, np.inf) if good.any() else np.where(near, -places.share, np.inf)
    row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
    return int(row), int(column)


def _matched(
    places: _Places, models: list[np.ndarray], spread: np.ndarray, random: Random
) -> Iterator[tuple[int, int]]:
    """Centres of up to two crops that do not overlap, each as like a random lesion's as can be."""
    free = places.share >= MIN_TISSUE
    rows, columns = np.indices(free.shape)
    for _ in range(2):
        if not free.any() or not models:
            return
        model = models[int(random.random() * len(models))]
        unlike = np.linalg.norm((places.features - model) / spread, axis=-1)
        best = np.argmin(np.where(free, unlike, np.inf))
        row, column = (int(value) for value in np.unravel_index(best, free.shape))
        yield row * _SCALE + CROP // 2, column * _SCALE + CROP // 2
        overlap = (abs(rows - row) < CROP // _SCALE) & (abs(columns - column) < CROP // _SCALE)
        free = free & ~overlap


def _crops(
    film: np.ndarray, row: _Row, label: int, centre: tuple[int, int], places: _Places
) -> Iterator[Sample]:
    random = Random(f"{row.film} {centre}")
    for copy in range(COPIES):
        y, x = (place * _SCALE for place in _corner_near(places, centre, random))
        yield Sample(
            name=f"{row.film}@{centre[1]},{centre[0]}#{copy}",
            label=label,
            group=row.patient,
            pixels=film[y : y + CROP, x : x + CROP].copy(),
            primary=copy == 0,
        )


MIAS = Dataset(
    key="mias",
    title="mini-MIAS",
    modality="mammography",
    citation="Suckling J et al. The Mammographic Image Analysis Society digital mammogram "
    "database. Excerpta Medica, International Congress Series 1069, 1994, 375-378.",
    terms="Research only; cite the source.",
    unit="crop",
    group="patient",
    folder="mammo_mias_1024",
    read=read,
    set_aside=("Abnormalities without coordinates are left out: there is no place to cut.",),
)
