"""Predictor: one upload, one model, one page."""

from dataclasses import dataclass, replace
from time import perf_counter

from models.card import ModelCard
from models.catalogue import Cohort, ModelKey
from models.errors import Refusal
from portal.answered import Answered
from portal.checkpoint_store import CheckpointStore
from portal.errors import Banner
from portal.explanation import Explanation, answered
from portal.gatekeeper import warnings
from portal.intake import Intake
from portal.measured_agreement import folder_beside
from portal.model_loader import ModelLoader
from portal.result import Result
from portal.sweep import Sweep
from portal.upload import Upload
from portal.upload_page import UploadPage
from portal.verdict import Verdict
from portal.wishes import Wishes


@dataclass(frozen=True, kw_only=True)
class SinglePage(UploadPage):
    """What ``single.html`` shows; its fields are the template's names."""

    key: ModelKey
    cohort: Cohort  # the models with which this one may be compared
    card: ModelCard | None = None  # None: the model is not installed
    verdict: Verdict | None = None
    explanation: Explanation | None = None  # only where it was asked for
    sweep: Sweep | None = None  # what was said of each square of the image

    @property
    def answered(self) -> Answered:
        """What came of it, for log and metrics."""
        return Answered.of([self.verdict], [self.banner], self.stages)

    @property
    def result(self) -> Result | None:
        """What a report says of it; None where there is no verdict."""
        if self.verdict is None or self.sha256 is None or self.preview is None:
            return None
        return Result(
            title=self.key.title,
            modality=self.key.modality,
            sha256=self.sha256,
            checks=self.checks,
            preview=self.preview,
            verdicts=(self.verdict,),
            explanations={self.key.slug: self.explanation} if self.explanation else {},
            region=self.region,
            warnings=warnings(self.gate),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """Answers for one model. A refusal is a page with a banner, never an error."""

    key: ModelKey
    intake: Intake
    checkpoints: CheckpointStore
    models: ModelLoader

    def page(self) -> SinglePage:
        """The empty page; it says at once when the model cannot be used."""
        cohort = Cohort(modality=self.key.modality, strategy=self.key.strategy)
        page = SinglePage(key=self.key, cohort=cohort)
        try:
            return replace(page, card=self.checkpoints.find(self.key).card)
        except Refusal as refusal:
            return replace(page, banner=Banner.of(refusal))

    def answer(self, upload: Upload) -> SinglePage:
        """The page for an upload. The file is gone before the model is asked."""
        began = perf_counter()
        page = self.page()
        stages = page.stages
        try:
            page = replace(page, wishes=Wishes.of(upload.fields))
            image = self.intake.take(upload, self.key.modality, stages)
        except Refusal as refusal:
            return page.because_of(refusal)
        page = page.showing(image)
        try:
            with stages.timed("open"):
                model = self.models.load(self.key)
            with stages.timed("infer"):
                verdict, explanation = answered(
                    model,
                    image.tensor,
                    explain=page.wishes.explain,
                    records=folder_beside(self.checkpoints.folder),
                )
        except Refusal as refusal:
            return replace(page, banner=Banner.of(refusal))
        return replace(
            page,
            card=verdict.card,
            verdict=verdict,
            explanation=explanation,
            elapsed_ms=round(1000 * (perf_counter() - began)),
        )
