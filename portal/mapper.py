"""Mapper: one upload, one model, many squares."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from time import perf_counter

import cv2

from models.errors import Refusal
from portal.errors import Banner
from portal.gatekeeper import ForeignImage
from portal.image_loader import ImageLoader
from portal.intake import WholeImage
from portal.part import Part
from portal.plan import Plan, reduced
from portal.prediction_queue import PredictionQueue
from portal.predictor import Predictor, SinglePage
from portal.region import Region, RegionRefused
from portal.square import Square
from portal.stages import Stages
from portal.sweep import Progress, Sweep, Tile
from portal.upload import Upload
from portal.wishes import Wishes

Steps = Generator[Progress, None, SinglePage]
"""How far an answer is, again and again, and at last the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapper:
    """Maps images with one model, and gives way to everybody else between two squares."""

    predictor: Predictor
    queue: PredictionQueue
    images: ImageLoader

    def steps(self, upload: Upload) -> Steps:
        """The page for an upload. The file is gone before the model is asked.

        Raises:
            PortalBusy: too many wait already.
        """
        with self.queue.turn() as waited:
            page = yield from self._page(upload)
        page.stages["wait"] = page.stages.get("wait", 0.0) + waited
        return page

    def _page(self, upload: Upload) -> Steps:
        began = perf_counter()
        page, modality = self.predictor.page(), self.predictor.key.modality
        try:
            page = replace(page, wishes=Wishes.of(upload.fields))
            image = self.predictor.intake.whole(upload, modality, page.stages)
            page = replace(page, sha256=image.sha256, checks=image.checks, gate=image.gate)
            sweep = yield from self._sweep(image, page.wishes.side, page.stages)
        except ForeignImage as refusal:
            shown = replace(page, gate=refusal.check, preview=refusal.preview, plan=refusal.plan)
            return replace(shown, banner=Banner.of(refusal))
        except RegionRefused as refusal:
            return replace(page, banner=Banner.of(refusal), plan=refusal.plan)
        except Refusal as refusal:
            return replace(page, banner=Banner.of(refusal))
        return replace(
            page,
            card=sweep.card,
            sweep=sweep,
            plan=Plan.of(image.decoded, image.spec, _square(sweep.highest.region)),
            elapsed_ms=round(1000 * (perf_counter() - began)),
        )

    def _sweep(
        self, image: WholeImage, side: int | None, stages: Stages
    ) -> Generator[Progress, None, Sweep]:
        with stages.timed("prepare"):
            grid = image.grid(side)
        with stages.timed("open"):
            model = self.predictor.models.load(self.predictor.key)
        tiles: list[Tile] = []
        for region in grid.regions:
            yield Progress(done=len(tiles), total=len(grid.regions))
            with stages.timed("wait"):
                self.queue.give_way()
            part = Part(whole=image.decoded, modality=image.modality, region=region)
            with stages.timed("prepare"):
                tensor = self.images.prepare(part).tensor
            with stages.timed("infer"):
                verdict = model.verdict(tensor)
            tiles.append(Tile(region=region, probability=verdict.probability))
        gray = cv2.cvtColor(image.decoded.pixels, cv2.COLOR_RGB2GRAY)
        return Sweep(card=model.card, grid=grid, tiles=tuple(tiles), picture=reduced(gray))


def _square(region: Region) -> Square:
    return Square(left=region.left, top=region.top, side=region.side)
