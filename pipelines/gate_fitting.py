"""Gates from what images look like: fitted on training, tuned on validation, measured on test."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from models.appearance import OF_COLOUR
from models.catalogue import MODALITIES
from models.gate import Gate, Profile, Reading, Share
from models.wilson import wilson_of_one
from pipelines.errors import PipelineRefused
from pipelines.gate_images import GRAY, ITSELF, MIRRORED, SENT_OTHERWISE, Collection, Seen

SHRINKAGE = 0.1  # of correlations towards none
FEW = 200  # training images below which shrinkage grows
REACH = 98  # percent of the validation images that lie within a profile's reach
NEAR = 2  # percent of the other validation images that may lie nearer than half-way's far end
MOST = 1.5  # times the reach, however far other images are
MOST_COLOUR = 0.05  # share of a gray image: a logo, a coloured caliper
GRAY_MODALITY = 0.01  # share of colour up to which training images are gray
NOT_TO_TUNE = ("clouds",)  # noise like tissue: no threshold keeps it out and crops in
DIGITS = 6
RULE = (
    f"half-way, on a scale of ratios, between the distance within which {REACH} % of the "
    f"validation images lie and that beyond which {100 - NEAR} % of the other images for tuning "
    f"lie, from 1 to {MOST:g} times the former"
)

_SMALLEST_SPREAD = 1e-3
_STEPS = range(0, 101, 5)


class NothingToCompare(PipelineRefused):
    title = "A gate cannot be fitted"
    action = "Add images of that kind, of more groups; then train and publish anew."


def fit(own: Collection, seen: Sequence[Seen]) -> Gate:
    """The gate of a modality.

    Args:
        own: the images of its data set.
        seen: all images: its own, those of other modalities and those of none.

    Raises:
        NothingToCompare: too few of its own images train or validate, or no others are for tuning.
    """
    training = [each for each in own.seen if each.part == "train"]
    shown = [each for each in training if each.form in (ITSELF, MIRRORED)]
    in_colour, coloured = _colour(shown)
    names = _names(shown, gray=not in_colour)
    validation = [each for each in own.seen if each.part == "validation" and each.form == ITSELF]
    kinds = dict.fromkeys(each.kind for each in shown)
    profiles = tuple(_profile(kind, shown, validation, names) for kind in kinds)
    draft = Gate(
        modality=own.modality,
        names=names,
        profiles=profiles,
        threshold=1.0,
        rule=RULE,
        coloured=coloured,
        least_side=min(each.side for each in training if each.form == ITSELF) // 2,
        training=(0.0,) * 21,
        training_colour=_middle_colours(shown),
        split_sha256=own.split_sha256,
        held_out=_NONE,
        foreign=_NONE,
        aside={},
        created=datetime.now(UTC).date().isoformat(),
    )
    strangers = [each for each in seen if _is_foreign(each, own.modality)]
    tuned = replace(draft, threshold=_threshold(draft, strangers))
    test = [each for each in own.seen if each.part == "test" and each.primary]
    return replace(
        tuned,
        training=_percentiles(tuned, [each for each in shown if each.form == ITSELF]),
        held_out=_shares(tuned, (each for each in test if each.form == ITSELF), _kind),
        foreign=_shares(tuned, (each for each in strangers if each.part == "test"), _foreign_kind),
        aside=_shares(tuned, (each for each in test if each.form in SENT_OTHERWISE), _sent),
    )


_NONE = {"none": Share(refused=0, total=1, low=0.0, high=1.0)}  # until it is measured


def _colour(training: Sequence[Seen]) -> tuple[bool, tuple[float, float]]:
    """Whether images have colour, and the least and the largest share of it that may pass.

    A few images of the other kind decide nothing: the gate may refuse as many. Where neither kind
    is that rare, any share passes.
    """
    once = [each.numbers["coloured"] for each in training if each.form == ITSELF]
    few = max(1, len(once) * (100 - REACH) / 100)
    in_colour = sum(share > GRAY_MODALITY for share in once)
    if in_colour <= few:
        return False, (0.0, MOST_COLOUR)
    if len(once) - in_colour > few:
        return False, (0.0, 1.0)
    shares = [each.numbers["coloured"] for each in training]
    least = np.percentile([share for share in shares if share > GRAY_MODALITY], 1)
    return True, (round(float(least) / 2, 4), 1.0)


def _middle_colours(training: Sequence[Seen]) -> tuple[float, float]:
    shares = [each.numbers["coloured"] for each in training if each.form == ITSELF]
    low, high = np.percentile(shares, (5, 95))
    return round(float(low), 4), round(float(high), 4)


def _names(training: Sequence[Seen], *, gray: bool) -> tuple[str, ...]:
    names = training[0].numbers
    return tuple(name for name in names if not (gray and name in OF_COLOUR))


def _matrix(seen: Iterable[Seen], names: Sequence[str]) -> np.ndarray:
    return np.array([[each.numbers[name] for name in names] for each in seen])


def _profile(
    kind: str, training: Sequence[Seen], validation: Sequence[Seen], names: Sequence[str]
) -> Profile:
    """The cloud of one kind of image: a Gaussian with its correlations shrunk."""
    values = _matrix((each for each in training if each.kind == kind), names)
    beyond = [each for each in validation if each.kind == kind]
    if len(values) < 2 or not beyond:
        raise NothingToCompare(expected=f"{kind}s to fit and to validate", received="too few")
    mean, spread = values.mean(axis=0), values.std(axis=0) + _SMALLEST_SPREAD
    shrinkage = max(SHRINKAGE, min(0.5, SHRINKAGE * FEW / len(values)))
    together = np.cov((values - mean) / spread, rowvar=False)
    shrunk = (1 - shrinkage) * together + shrinkage * np.eye(len(names))
    unscaled = Profile(
        name=kind,
        images=sum(each.kind == kind and each.form == ITSELF for each in training),
        mean=_rounded(mean),
        spread=_rounded(spread),
        inverse=tuple(_rounded(row) for row in np.linalg.inv(shrunk)),
        reach=1.0,
    )
    distances = [unscaled.distance(row) for row in _matrix(beyond, names)]
    reach = float(np.percentile(distances, REACH))
    return replace(unscaled, reach=round(reach, DIGITS))


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    """Significant digits enough for a distance, few enough for a file."""
    return tuple(float(f"{value:.{DIGITS}g}") for value in values)


def _read(gate: Gate, seen: Seen) -> Reading:
    return gate.judge(seen.numbers, seen.side)


def _is_foreign(seen: Seen, modality: str) -> bool:
    """An image of another modality, of none, or one of this that has lost its colours."""
    if seen.modality == modality:
        return seen.form == GRAY and seen.primary
    return seen.primary and seen.form in (ITSELF, GRAY)


def _threshold(gate: Gate, strangers: Iterable[Seen]) -> float:
    """As ``RULE`` says; images that another rule refuses have no say."""
    tuning = [
        each for each in strangers if each.part == "validation" and each.kind not in NOT_TO_TUNE
    ]
    if not tuning:
        raise NothingToCompare(
            expected="images of something else to tune on",
            received="none",
            action="Name a data set of another modality, too.",
        )
    readings = [_read(gate, each) for each in tuning]
    distances = [each.distance for each in readings if each.finding in (None, "unlike")]
    if not distances:
        return MOST
    near = float(np.percentile(distances, NEAR))
    return round(float(np.clip(np.sqrt(near), 1.0, MOST)), 4)


def _percentiles(gate: Gate, training: Sequence[Seen]) -> tuple[float, ...]:
    distances = [_read(gate, each).distance for each in training]
    return tuple(round(float(value), 4) for value in np.percentile(distances, _STEPS))


def _shares(gate: Gate, seen: Iterable[Seen], name: Callable[[Seen], str]) -> Mapping[str, Share]:
    """The share refused of each kind, in the order of the kinds."""
    refused: dict[str, list[bool]] = {}
    for each in seen:
        refused.setdefault(name(each), []).append(not _read(gate, each).passes)
    return {kind: _share(sum(found), len(found)) for kind, found in refused.items()}


def _share(refused: int, total: int) -> Share:
    low, high = wilson_of_one(refused, total)
    share = refused / total
    return Share(
        refused=refused,
        total=total,
        low=min(share, round(low, 4)),
        high=max(share, round(high, 4)),
    )


def _kind(seen: Seen) -> str:
    return seen.kind


def _sent(seen: Seen) -> str:
    return f"{seen.kind} {seen.form}"


def _foreign_kind(seen: Seen) -> str:
    form = "" if seen.form == ITSELF else f" {seen.form}"
    if not seen.modality:
        return seen.kind + form
    return f"{MODALITIES[seen.modality].title.lower()}: {seen.kind}{form}"
