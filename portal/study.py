"""Study: all models in a table, sorted and narrowed as chosen, and everything known of one."""

from dataclasses import dataclass, replace

from models.card import ModelCard
from models.catalogue import MODALITIES, ModelKey, model_keys
from models.errors import Refusal
from models.gate import Gate
from models.mask_agreement import ModelAgreement
from models.subgroup_results import AttributeResult
from portal.checkpoint_store import CheckpointStore
from portal.choices import UnknownChoice, chosen
from portal.errors import Banner
from portal.exploration import Exploration, exploration
from portal.gate_store import GateStore
from portal.measured_agreement import folder_beside, measured_agreement
from portal.operating_points import PointChoice, point_choices
from portal.prediction_store import PredictionStore, PredictionsUnavailable
from portal.predictive_values import PredictiveValues, predictive_values
from portal.study_choice import NO_WISH, StudyWish, study_choice
from portal.study_table import ORDERS, Head, Row, heads, in_order, rows_of
from portal.subgroups import Subgroups


@dataclass(frozen=True, kw_only=True)
class StudyPage:
    """What ``study.html`` shows; its fields are the template's names."""

    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    kind: str | None  # a modality's key; None: all of them
    order: str | None  # None: the catalogue's
    banner: Banner | None = None


@dataclass(frozen=True, kw_only=True)
class StudyModelPage:
    """What ``study_model.html`` shows; its fields are the template's names."""

    key: ModelKey
    card: ModelCard | None = None  # None: the model is not installed
    choices: tuple[PointChoice, ...] = ()
    choice: PointChoice | None = None  # the operating point whose consequences are shown
    values: PredictiveValues | None = None  # at that point
    exploration: Exploration | None = None  # None: only the card's points are known,
    unexplored: Banner | None = None  # and why
    subgroups: tuple[AttributeResult, ...] = ()  # at the chosen point; none: nothing is known
    gate: Gate | None = None  # the check of this model's input
    looks: ModelAgreement | None = None  # its heat-maps beside outlined lesions; None: not measured
    banner: Banner | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Answers on the study's pages. A choice that does not exist is a banner, never an error."""

    checkpoints: CheckpointStore
    predictions: PredictionStore
    gates: GateStore
    subgroups: Subgroups

    def overview(self, order: str | None = None, kind: str | None = None) -> StudyPage:
        """The table of all models, or of one kind of image, in an order."""
        try:
            kind = chosen("kind", kind, tuple(MODALITIES))
            order = chosen("sort", order, ORDERS)
        except UnknownChoice as refusal:
            return replace(self.overview(), banner=Banner.of(refusal))
        keys = (key for key in model_keys() if kind in (None, key.modality.key))
        rows = rows_of([(key, self.checkpoints.card(key)) for key in keys])
        if order:
            rows = in_order(rows, order)
        return StudyPage(heads=heads(order), rows=rows, kind=kind, order=order)

    def model(self, key: ModelKey, wish: StudyWish = NO_WISH) -> StudyModelPage:
        """Everything that is known of a model, at a threshold and a prevalence."""
        try:
            card = self.checkpoints.find(key).card
        except Refusal as refusal:
            return StudyModelPage(key=key, banner=Banner.of(refusal))
        page = StudyModelPage(
            key=key,
            card=card,
            choices=point_choices(card),
            gate=self.gates.usable(key.modality),
            looks=measured_agreement(card, folder_beside(self.checkpoints.folder)),
        )
        try:
            page = self._at(page, card, wish)
        except Refusal as refusal:
            page = replace(self._at(page, card, NO_WISH), banner=Banner.of(refusal))
        return page

    def _at(self, page: StudyModelPage, card: ModelCard, wish: StudyWish) -> StudyModelPage:
        choice = study_choice(card, self.predictions, wish)
        page = replace(
            page,
            choice=choice.point,
            values=predictive_values(choice.point.point.confusion, choice.prevalence),
            subgroups=self.subgroups.of(card, choice.point.point.threshold.value),
        )
        try:
            points = self.predictions.points(card)
        except PredictionsUnavailable as refusal:
            return replace(page, unexplored=Banner.of(refusal))
        return replace(page, exploration=exploration(card, points, choice.prevalence))
