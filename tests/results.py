"""Made-up results, of which files are made."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from models.catalogue import ModelKey, WholeModality, cohorts
from models.explanation import HeatMap
from models.imaging import decode
from models.mask_agreement import ModelAgreement
from portal.explanation import Explanation
from portal.image_loader import ImageLoader
from portal.part import Part
from portal.result import Result
from portal.verdict import Verdict
from tests.fakes import fake_agreement, fake_card, png

KEY = cohorts()[2].keys[0]
TIME = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
IMAGE = ImageLoader().prepare(Part(whole=decode(png()), modality=KEY.modality))
MEASURED = fake_agreement(KEY).models[KEY.slug]


def verdict(key: ModelKey, probability: float) -> Verdict:
    """What a model with a made-up card says."""
    return Verdict(key=key, card=fake_card(key), probability=probability)


def single(probability: float = 0.9) -> Result:
    """Of one model."""
    return Result(
        title=KEY.title,
        modality=KEY.modality,
        sha256="ab" * 32,
        checks=IMAGE.checks,
        preview=IMAGE.preview,
        verdicts=(verdict(KEY, probability),),
    )


def many() -> Result:
    """Of all models of a modality, one of which has no answer."""
    keys = WholeModality(modality=KEY.modality).keys
    shares = (0.02, 0.3, 0.41, 0.7, 1.0)
    verdicts = tuple(verdict(key, share) for key, share in zip(keys, shares, strict=False))
    unanswered = ((keys[-1], "This model is not installed"),)
    return replace(single(), title="All", verdicts=verdicts, unanswered=unanswered)


def of_few_groups(result: Result) -> Result:
    """The same by models whose test images are of two patients."""
    verdicts = tuple(_of_few_groups(each) for each in result.verdicts)
    return replace(result, verdicts=verdicts)


def _of_few_groups(given: Verdict) -> Verdict:
    data = replace(given.card.data, groups={"test": 2})
    return replace(given, card=replace(given.card, data=data))


def explained(result: Result, measured: ModelAgreement | None = None) -> Result:
    """A result with a heat-map for every verdict."""
    heat = np.tile(np.linspace(0, 1, 224, dtype=np.float32), (224, 1))
    heat_map = HeatMap(pixels=heat, fields=(4, 4), strongest=(112, 220))
    explanations = {
        each.key.slug: Explanation.of(each, heat_map, measured) for each in result.verdicts
    }
    return replace(result, explanations=explanations)
