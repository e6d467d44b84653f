"""StudyPairs: two models of a modality on the same test images, and what these can tell."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from models.card import ModelCard
from models.catalogue import ModelKey, find_model, model_keys
from models.errors import Refusal
from models.paired_areas import (
    FEW_GROUPS,
    AreaDifference,
    delong,
    delong_by_groups,
    groups_of_rarer_label,
)
from models.prediction_table import Predictions
from models.significance import LEVEL
from portal.checkpoint_store import CheckpointStore
from portal.choices import UnknownChoice, chosen
from portal.downloads import Download, DownloadRefused
from portal.errors import Banner, PortalError
from portal.figures.standalone import standalone
from portal.figures.tables import Table
from portal.prediction_store import PredictionStore


class PairRefused(PortalError):
    title = "These two models cannot be compared"
    action = "Take two models of the same kind of image."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two models and their test; differences are first less second."""

    first: ModelCard
    second: ModelCard
    images: AreaDifference  # DeLong's test, which takes images for independent
    groups: AreaDifference  # the same by whole groups
    group_count: int
    rarer_count: int  # of the groups that have the label that fewer have

    @property
    def told_apart(self) -> bool:
        """Whether both tests agree, on groups enough, that the areas differ."""
        both = (self.images, self.groups)
        return self.rarer_count >= FEW_GROUPS and all(
            found.p < LEVEL and found.excludes_zero for found in both
        )

    @property
    def verdict(self) -> str:
        """What the test images say, a sentence or two."""
        better, worse = (each.key.short_title for each in self._by_area)
        if self.told_apart:
            return (
                f"On these test images {better} puts images in order better than {worse}, by more "
                "than chance would explain."
            )
        if self.rarer_count < FEW_GROUPS:
            return (
                "These test images cannot tell the two apart: those of a label come from "
                f"{self.rarer_count} groups only, too few for a test to be relied on."
            )
        return (
            "These test images cannot tell the two apart. That does not make them equal: the "
            "interval says how large a difference may have gone unseen."
        )

    @property
    def _by_area(self) -> tuple[ModelCard, ModelCard]:
        pair = (self.first, self.second)
        return pair if self.images.value >= 0 else (pair[1], pair[0])

    def table(self) -> Table:
        """Both curves, point by point."""
        return Table(
            head=("model", "threshold", "false_positive_rate", "true_positive_rate"),
            rows=tuple(
                (card.model, *row)
                for card in (self.first, self.second)
                for row in zip(
                    card.roc.thresholds,
                    card.roc.false_positive_rate,
                    card.roc.true_positive_rate,
                    strict=True,
                )
            ),
        )


@dataclass(frozen=True, kw_only=True)
class PairPage:
    """What ``study_compare.html`` shows; its fields are the template's names."""

    a: str  # the slugs that are chosen in the form
    b: str
    pair: Pair | None = None
    banner: Banner | None = None


@dataclass(frozen=True, kw_only=True)
class PairDrawing:
    """What ``figures/roc_pair_alone.html`` draws; its fields are the template's names."""

    first: ModelCard
    second: ModelCard

    def file(self, html: str) -> Download:
        """The drawing as an SVG file, from the template's answer."""
        fingerprints = f"fingerprints {self.first.fingerprint} and {self.second.fingerprint}"
        title = f"ROC curves, {self.first.key.modality.title.lower()}, the same test images"
        return Download.of(_parts(self), "svg", standalone(html, title, fingerprints))


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPairs:
    """Compares any two models of one modality."""

    checkpoints: CheckpointStore
    predictions: PredictionStore

    def page(self, a: str | None, b: str | None) -> PairPage:
        """The page of a pair; the form alone where not both are chosen."""
        names = [key.slug for key in model_keys()]
        one, other = a if a in names else None, b if b in names else None
        one, other = _proposed(one, other)
        page = PairPage(a=one, b=other)
        if a in (None, "", one) and b in (None, "", other) and not (a and b):
            return page
        try:
            return replace(page, pair=self._pair(a, b))
        except Refusal as refusal:
            return replace(page, banner=Banner.of(refusal))

    def drawing(self, a: str | None, b: str | None) -> PairDrawing:
        """Both ROC curves in one figure.

        Raises:
            DownloadRefused: there is no such pair, or it cannot be compared.
        """
        pair = self._pair_or_refusal(a, b)
        return PairDrawing(first=pair.first, second=pair.second)

    def numbers(self, a: str | None, b: str | None) -> Download:
        """The numbers of that figure.

        Raises:
            DownloadRefused: there is no such pair, or it cannot be compared.
        """
        pair = self._pair_or_refusal(a, b)
        return Download.of(_parts(pair), "csv", pair.table().to_csv())

    def _pair_or_refusal(self, a: str | None, b: str | None) -> Pair:
        try:
            return self._pair(a, b)
        except (UnknownChoice, PairRefused) as refusal:
            raise DownloadRefused(refusal, 400) from refusal
        except Refusal as refusal:
            raise DownloadRefused(refusal, 404) from refusal

    def _pair(self, a: str | None, b: str | None) -> Pair:
        one, other = _keys(a, b)
        first, second = self.checkpoints.find(one).card, self.checkpoints.find(other).card
        mine, theirs = self._test(first), self._test(second)
        order = _same_images(mine, theirs)
        args = mine.probabilities, theirs.probabilities[order]
        return Pair(
            first=first,
            second=second,
            images=delong(mine.labels, *args),
            groups=delong_by_groups(mine.labels, mine.groups, *args),
            group_count=len(np.unique(mine.groups)),
            rarer_count=groups_of_rarer_label(mine.labels, mine.groups),
        )

    def _test(self, card: ModelCard) -> Predictions:
        return self.predictions.find(card)["test"]


def _proposed(a: str | None, b: str | None) -> tuple[str, str]:
    """What the form is to choose: what a reader did, completed to two that can be compared."""
    known = a or b
    first = find_model(known) if known else model_keys()[0]
    beside = next(
        key.slug for key in model_keys() if key.modality == first.modality and key != first
    )
    return a or (beside if b else first.slug), b or beside


def _keys(a: str | None, b: str | None) -> tuple[ModelKey, ModelKey]:
    names = tuple(key.slug for key in model_keys())
    one, other = chosen("a", a, names), chosen("b", b, names)
    if one is None or other is None:
        raise PairRefused(expected="two models, a and b", received="one")
    if one == other:
        raise PairRefused(expected="two different models", received=f"{one} twice")
    first, second = find_model(one), find_model(other)
    if first.modality != second.modality:
        raise PairRefused(
            expected="two models of the same kind of image",
            received=f"{first.modality.title.lower()} and {second.modality.title.lower()}",
        )
    return first, second


def _same_images(mine: Predictions, theirs: Predictions) -> np.ndarray:
    """Where each of my images lies among theirs: (n,) indices."""
    places: Mapping[str, int] = {name: place for place, name in enumerate(theirs.names)}
    same = set(places) == set(mine.names)
    order = np.array([places[name] for name in mine.names]) if same else np.empty(0, int)
    if not same or not np.array_equal(theirs.labels[order], mine.labels):
        raise PairRefused(
            expected="two models with the same test images", received="other images or labels"
        )
    return order


def _parts(pair: Pair | PairDrawing) -> tuple[str, ...]:
    return "compare", pair.first.model, pair.second.model
