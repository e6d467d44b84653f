"""What every template may use: the catalogue, the figures, the version."""

from functools import partial

from flask import Flask, g
from jinja2 import StrictUndefined

import portal
from models.catalogue import (
    BACKBONES,
    MODALITIES,
    STRATEGIES,
    WholeModality,
    cohorts,
    comparisons,
    model_keys,
)
from models.imaging import SUFFIXES
from models.later_notes import limitations
from models.specs import ModalitySpec
from models.subgroup_results import LEAST_FOR_AREA
from models.subgroup_words import rules, verdict
from portal.checkpoint_store import CheckpointStore
from portal.few_groups import few_groups
from portal.figures import TEMPLATE_GLOBALS
from portal.intended_use import INTENDED_USE
from portal.measured_agreement import IN_THE_LESION, beside_chance
from portal.rendered_once import RenderedOnce
from portal.settings import Settings
from portal.shared_globals import SharedGlobals
from portal.study_table import MEASURES
from portal.uncertainty import band_of


def register_page_context(app: Flask, settings: Settings, checkpoints: CheckpointStore) -> None:
    """Give the templates of ``app`` their global names; a name that is unknown is an error."""
    app.jinja_environment = SharedGlobals
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.autoescape = True
    app.jinja_env.globals.update(
        TEMPLATE_GLOBALS,
        once=RenderedOnce(),
        modalities=tuple(MODALITIES.values()),
        backbones=tuple(BACKBONES.values()),
        strategies=tuple(STRATEGIES.values()),
        all_cohorts=cohorts(),
        all_comparisons=comparisons(),
        whole=_whole,
        all_models=model_keys(),
        band_of=band_of,
        beside_chance=beside_chance,
        few_groups=few_groups,
        limitations=partial(limitations, checkpoints=checkpoints.folder),
        measures=MEASURES,
        subgroup_method=rules,
        subgroup_verdict=verdict,
        suffixes=SUFFIXES,
        INTENDED_USE=INTENDED_USE,
        IN_THE_LESION=IN_THE_LESION,
        LEAST_FOR_AREA=LEAST_FOR_AREA,
        max_upload_mb=settings.max_upload_mb,
        version=portal.__version__,
    )

    @app.context_processor
    def fingerprint() -> dict[str, str | None]:
        return {"fingerprint": checkpoints.fingerprint(), "account": g.get("account")}


def _whole(modality: ModalitySpec) -> WholeModality:
    return WholeModality(modality=modality)
