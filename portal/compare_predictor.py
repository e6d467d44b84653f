"""ComparePredictor: one upload, every model of a comparison, one table."""

from dataclasses import dataclass, replace
from time import perf_counter

from models.card import ModelCard
from models.catalogue import Comparison, ModelKey
from models.errors import Refusal
from portal.agreement import Agreement, agreement
from portal.answered import Answered
from portal.checkpoint_store import CheckpointStore
from portal.errors import Banner
from portal.explanation import Explanation, answered
from portal.gatekeeper import warnings
from portal.image_loader import PreparedImage
from portal.intake import Intake
from portal.measured_agreement import folder_beside
from portal.model_loader import ModelLoader
from portal.result import Result
from portal.spread import Spread, spread
from portal.stages import Stages
from portal.upload import Upload
from portal.upload_page import UploadPage
from portal.verdict import Verdict
from portal.wishes import Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model of the table: its verdict, or why there is none."""

    key: ModelKey
    card: ModelCard | None = None
    verdict: Verdict | None = None
    explanation: Explanation | None = None  # only where it was asked for
    banner: Banner | None = None


@dataclass(frozen=True, kw_only=True)
class ComparePage(UploadPage):
    """What ``compare.html`` shows; its fields are the template's names."""

    cohort: Comparison
    rows: tuple[Row, ...]
    agreement: Agreement | None = None
    spread: Spread | None = None

    @property
    def answered(self) -> Answered:
        """What came of it, for log and metrics."""
        verdicts = [row.verdict for row in self.rows]
        banners = [self.banner] if self.banner else [row.banner for row in self.rows]
        return Answered.of(verdicts, banners, self.stages)

    @property
    def result(self) -> Result | None:
        """What a report says of it; None where there is no verdict."""
        verdicts = tuple(row.verdict for row in self.rows if row.verdict)
        if not verdicts or self.sha256 is None or self.preview is None:
            return None
        return Result(
            title=self.cohort.title,
            modality=self.cohort.modality,
            sha256=self.sha256,
            checks=self.checks,
            preview=self.preview,
            verdicts=verdicts,
            explanations={row.key.slug: row.explanation for row in self.rows if row.explanation},
            unanswered=tuple((row.key, row.banner.title) for row in self.rows if row.banner),
            region=self.region,
            warnings=warnings(self.gate),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePredictor:
    """Answers for one comparison. A model that cannot be used does not hold up the others."""

    cohort: Comparison
    intake: Intake
    checkpoints: CheckpointStore
    models: ModelLoader

    def page(self) -> ComparePage:
        """The empty page; a row says at once when its model cannot be used."""
        rows = tuple(self._empty_row(key) for key in self.cohort.keys)
        return ComparePage(cohort=self.cohort, rows=rows)

    def answer(self, upload: Upload) -> ComparePage:
        """The page for an upload. The file is gone before the models are asked."""
        began = perf_counter()
        page = self.page()
        stages = page.stages
        try:
            page = replace(page, wishes=Wishes.of(upload.fields))
            image = self.intake.take(upload, self.cohort.modality, stages)
        except Refusal as refusal:
            return page.because_of(refusal)
        rows = tuple(self._row(row, image, stages, page.wishes) for row in page.rows)
        verdicts = [row.verdict for row in rows]
        return replace(
            page.showing(image),
            rows=rows,
            agreement=agreement(verdicts),
            spread=spread(verdicts),
            elapsed_ms=round(1000 * (perf_counter() - began)),
        )

    def _empty_row(self, key: ModelKey) -> Row:
        try:
            return Row(key=key, card=self.checkpoints.find(key).card)
        except Refusal as refusal:
            return Row(key=key, banner=Banner.of(refusal))

    def _row(self, row: Row, image: PreparedImage, stages: Stages, wishes: Wishes) -> Row:
        try:
            with stages.timed("open"):
                model = self.models.load(row.key)
            with stages.timed("infer"):
                verdict, explanation = answered(
                    model,
                    image.tensor,
                    explain=wishes.explain,
                    records=folder_beside(self.checkpoints.folder),
                )
        except Refusal as refusal:
            return replace(row, banner=Banner.of(refusal))
        return replace(
            row, card=verdict.card, verdict=verdict, explanation=explanation, banner=None
        )
