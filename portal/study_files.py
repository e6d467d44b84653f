"""StudyFiles: the figures, numbers and cards of the study's pages as files, made on request."""

import json
from dataclasses import dataclass

from models.card import ModelCard
from models.catalogue import ModelKey
from models.errors import Refusal
from models.later_notes import later_notes
from models.subgroup_results import AttributeResult
from portal.card_file import card_file
from portal.checkpoint_store import CheckpointStore
from portal.choices import UnknownChoice
from portal.downloads import Download, DownloadRefused
from portal.figures.learning import learning_figures
from portal.figures.standalone import standalone
from portal.figures.tables import FIGURES, subgroups_table, thresholds_table
from portal.gate_store import GateStore
from portal.operating_points import PointChoice
from portal.prediction_store import PredictionStore
from portal.study_choice import StudyWish, study_choice
from portal.subgroups import Subgroups

WITH_A_POINT = ("roc", "precision-recall", "confusion")
"""Figures in which the operating point is seen."""

_LONGEST = 40  # characters of a wrong attribute that are shown again


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What ``figures/alone.html`` draws; its fields are the template's names."""

    name: str  # of the figure: "roc"
    title: str
    card: ModelCard
    choice: PointChoice

    def file(self, html: str) -> Download:
        """The drawing as an SVG file, from the template's answer."""
        text = standalone(html, self.title, *_subtitles(self.card))
        return Download.of(_parts(self.card, self.name), "svg", text)


@dataclass(frozen=True, kw_only=True)
class SubgroupsDrawing:
    """What ``figures/subgroups_alone.html`` draws; its fields are the template's names."""

    card: ModelCard
    choice: PointChoice
    result: AttributeResult

    def file(self, html: str) -> Download:
        """The drawing as an SVG file, from the template's answer."""
        threshold = f"threshold {self.choice.point.threshold.value:.2f}"
        title = f"{self.result.attribute.title}, test images, {threshold}"
        parts = _parts(self.card, f"subgroups-{self.result.attribute.key}")
        return Download.of(parts, "svg", standalone(html, title, *_subtitles(self.card)))


TITLES = {
    "roc": "ROC curve, test images",
    "precision-recall": "Precision-recall curve, test images",
    "confusion": "Confusion matrix, test images",
    "reliability-before": "Before calibration, test images",
    "reliability-after": "After calibration, test images",
    "decision": "Decision curve, test images",
    "learning-loss": "Loss by epoch",
    "learning-auc": "ROC AUC by epoch",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFiles:
    """Answers with a file, or with a refusal that has a status."""

    checkpoints: CheckpointStore
    predictions: PredictionStore
    gates: GateStore
    subgroups: Subgroups

    def drawing(self, key: ModelKey, figure: str, wish: StudyWish) -> Drawing:
        """A figure of a model at an operating point.

        Raises:
            DownloadRefused: the model is not installed, or has no such figure, point or threshold.
        """
        card, choice = self._chosen(key, wish)
        if figure not in drawable(card):
            refusal = UnknownChoice(
                expected=f"one of the figures {', '.join(drawable(card))}", received=figure
            )
            raise DownloadRefused(refusal, 404)
        title = TITLES[figure]
        if figure in WITH_A_POINT:
            title += f", threshold {choice.point.threshold.value:.2f}"
        return Drawing(name=figure, title=title, card=card, choice=choice)

    def numbers(self, key: ModelKey, figure: str, wish: StudyWish) -> Download:
        """The numbers of a figure, all of them.

        Raises:
            DownloadRefused: the model is not installed, or has no such point or threshold.
        """
        card, choice = self._chosen(key, wish)
        table = FIGURES[figure](card, choice.point)
        return Download.of(_parts(card, figure), "csv", table.to_csv())

    def subgroups_drawing(self, key: ModelKey, attribute: str, wish: StudyWish) -> SubgroupsDrawing:
        """The subgroups of an attribute at an operating point.

        Raises:
            DownloadRefused: the model is not installed, or has no such attribute or threshold.
        """
        card, choice = self._chosen(key, wish)
        results = {
            each.attribute.key: each
            for each in self.subgroups.of(card, choice.point.threshold.value)
        }
        if attribute not in results:
            refusal = UnknownChoice(
                expected=f"one of the attributes {', '.join(results)}"
                if results
                else "a model with known subgroups",
                received=repr(attribute[:_LONGEST]),
            )
            raise DownloadRefused(refusal, 404)
        return SubgroupsDrawing(card=card, choice=choice, result=results[attribute])

    def subgroups_numbers(self, key: ModelKey, attribute: str, wish: StudyWish) -> Download:
        """The numbers of that figure; errors as there."""
        found = self.subgroups_drawing(key, attribute, wish)
        table = subgroups_table(found.result, found.choice.point)
        return Download.of(_parts(found.card, f"subgroups-{attribute}"), "csv", table.to_csv())

    def thresholds(self, key: ModelKey) -> Download:
        """What follows from every threshold.

        Raises:
            DownloadRefused: the model or its predictions are not installed.
        """
        try:
            card = self.checkpoints.find(key).card
            table = thresholds_table(self.predictions.points(card))
        except Refusal as refusal:
            raise DownloadRefused(refusal, 404) from refusal
        return Download.of(_parts(card, "thresholds"), "csv", table.to_csv())

    def card(self, key: ModelKey) -> Download:
        """The card of a model with every number, later notes, and what its input gate does.

        Raises:
            DownloadRefused: the model is not installed.
        """
        try:
            card = self.checkpoints.find(key).card
        except Refusal as refusal:
            raise DownloadRefused(refusal, 404) from refusal
        later = later_notes(card, self.checkpoints.folder)
        text = json.dumps(card_file(card, self.gates, later), ensure_ascii=False, indent=1)
        return Download.of(_parts(card, "card"), "json", f"{text}\n")

    def _chosen(self, key: ModelKey, wish: StudyWish) -> tuple[ModelCard, PointChoice]:
        try:
            card = self.checkpoints.find(key).card
            return card, study_choice(card, self.predictions, wish).point
        except UnknownChoice as refusal:
            raise DownloadRefused(refusal, 400) from refusal
        except Refusal as refusal:
            raise DownloadRefused(refusal, 404) from refusal


def drawable(card: ModelCard) -> tuple[str, ...]:
    """The figures of a card: all, but learning curves only as far as it has them."""
    learnt = {f"learning-{figure.key}" for figure in learning_figures(card)}
    return tuple(name for name in FIGURES if name in learnt or not name.startswith("learning-"))


def _parts(card: ModelCard, what: str) -> tuple[str, ...]:
    return card.model, what, card.fingerprint


def _subtitles(card: ModelCard) -> tuple[str, str]:
    """What stands below the title of a drawing, in two lines that fit its width."""
    return card.key.title, f"fingerprint {card.fingerprint}"
