"""mini-MIAS: crops of screening films at full resolution, abnormal against normal.

Lesions and normal tissue are cut alike, so that nothing but the tissue tells them apart: the same
size, within the film, the same least share of breast, the same jitter. Each normal crop follows a
lesion drawn at random: it is cut where its depth below the skin, height in the breast, brightness
and share of breast come closest to that lesion's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from pipelines.datasets.errors import EmptyClass, NoDataFolder, Problems, RepeatedName
from pipelines.datasets.film_places import CROP, FILM, MIN_BREAST, Places, Point
from pipelines.datasets.mias_described import DESCRIBED
from pipelines.datasets.mias_table import (
    TABLE,
    InvalidTable,
    centre_of,
    is_normal,
    patient_of,
    read_rows,
)
from pipelines.datasets.pictures import pictures_in, read_picture
from pipelines.datasets.sample import Dataset, Further, Sample

COPIES = 6
_LAYOUT = f"`{TABLE}` and the films named in it"
_PUBLISHED = "mini-MIAS (Suckling et al. 1994)"
_COLUMNS = ("image", "patient", "abnormality", "x", "y")
_NO_PLACE = f"no place on it has {100 * MIN_BREAST:.0f} % breast"


@dataclass(frozen=True, slots=True)
class _Finding:
    """One row of labels.csv: an abnormality, or a normal film."""

    film: str
    patient: str
    normal: bool
    centre: Point | None


def read(folder: Path, problems: Problems) -> Iterator[Sample]:
    """Six crops of every located abnormality and of up to two places per normal film.

    Crops come by film, then place. ``primary`` is one crop of every abnormality and one of every
    normal film, so that a normal film counts once, as a row of labels.csv does.

    Raises:
        NoDataFolder: there is no `labels.csv`, or none of its films.
        InvalidTable: `labels.csv` is no such table, or calls a film both normal and abnormal.
        RepeatedName: two films have one name.
        EmptyClass: there are only normal or only abnormal films.
    """
    films = _films(folder)
    findings = _present(_findings(folder), films, problems)
    _require_both(folder, findings)
    models = [place for finding in findings for place in _models(finding, films, problems)]
    for finding in findings:
        if not finding.normal and finding.centre is None:
            problems.put_aside(finding.film, "its abnormality has no coordinates")
            continue
        film = _film(films[finding.film], problems)
        if film is not None:
            yield from _crops(film, finding, models, problems)


def read_films(folder: Path, problems: Problems) -> Iterator[Sample]:
    """The whole films, by name; errors as of ``read``."""
    films = _films(folder)
    findings = {finding.film: finding for finding in _present(_findings(folder), films, problems)}
    for name, finding in findings.items():
        film = _film(films[name], problems)
        if film is not None:
            label = 0 if finding.normal else 1
            yield Sample(name=name, label=label, group=finding.patient, pixels=film)


def _films(folder: Path) -> dict[str, Path]:
    """The file of every film, by the name that the table calls it by."""
    films: dict[str, Path] = {}
    for path in pictures_in(folder):
        if path.stem in films:
            raise RepeatedName(path.stem)
        films[path.stem] = path
    return films


def _findings(folder: Path) -> list[_Finding]:
    if not (folder / TABLE).is_file():
        raise NoDataFolder(folder, layout=_LAYOUT, published=_PUBLISHED, usual=MIAS.folder)
    findings = [
        _Finding(row["image"], patient_of(row), is_normal(row), centre_of(row))
        for row in read_rows(folder, _COLUMNS)
    ]
    _refuse_contradictions(findings)
    return sorted(findings, key=lambda finding: finding.film)


def _refuse_contradictions(findings: Sequence[_Finding]) -> None:
    normal = {finding.film for finding in findings if finding.normal}
    both = [finding.film for finding in findings if not finding.normal and finding.film in normal]
    if both:
        raise InvalidTable(
            expected=f"each film of {TABLE} either normal or with abnormalities",
            received=f"{both[0]} as both",
        )


def _present(
    findings: Sequence[_Finding], films: Mapping[str, Path], problems: Problems
) -> list[_Finding]:
    for finding in findings:
        if finding.film not in films:
            problems.add(finding.film, "the film is missing")
    return [finding for finding in findings if finding.film in films]


def _require_both(folder: Path, findings: Sequence[_Finding]) -> None:
    if not findings:
        raise NoDataFolder(folder, layout=_LAYOUT, published=_PUBLISHED, usual=MIAS.folder)
    if all(finding.normal for finding in findings):
        raise EmptyClass(folder, label="abnormal")
    if not any(finding.normal for finding in findings):
        raise EmptyClass(folder, label="normal")


def _film(path: Path, problems: Problems) -> np.ndarray | None:
    pixels = read_picture(path, path.stem, problems)
    if pixels is not None and pixels.shape[:2] != (FILM, FILM):
        problems.add(path.stem, f"{pixels.shape[1]} x {pixels.shape[0]} pixels, not 1024 x 1024")
        return None
    return pixels


def _models(
    finding: _Finding, films: Mapping[str, Path], problems: Problems
) -> Iterator[np.ndarray]:
    """The features of a lesion's first crop, for normal crops to follow."""
    film = _film(films[finding.film], problems) if finding.centre is not None else None
    if film is not None and finding.centre is not None:
        places = Places.of(film)
        yield places.features_at(places.near(finding.centre, _random(finding, finding.centre)))


def _random(finding: _Finding, centre: Point) -> Random:
    return Random(f"{finding.film} {centre}")


def _crops(
    film: np.ndarray, finding: _Finding, models: Sequence[np.ndarray], problems: Problems
) -> Iterator[Sample]:
    places = Places.of(film)
    if finding.centre is not None:
        centres = [finding.centre]
    else:
        centres = list(places.like(models, Random(finding.film)))
    if models and not centres:  # without a lesion to follow there is no place to look for
        problems.put_aside(finding.film, _NO_PLACE)
    for number, centre in enumerate(centres):
        random = _random(finding, centre)
        for copy in range(COPIES):
            y, x = places.near(centre, random)
            yield Sample(
                name=f"{finding.film}@{centre[1]},{centre[0]}#{copy}",
                label=0 if finding.normal else 1,
                group=finding.patient,
                pixels=film[y : y + CROP, x : x + CROP].copy(),
                primary=number == copy == 0,
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
    further=Further(name="whole film", read=read_films),
    described=DESCRIBED,
    set_aside=("Abnormalities without coordinates are left out: there is no place to cut.",),
)
