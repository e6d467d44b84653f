"""Mapper: one upload, one model, many squares."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from time import perf_counter

import cv2

from models.errors import Refusal
from models.room import room_required
from portal.classifier import Classifier
from portal.client import Client
from portal.gatekeeper import ForeignImage
from portal.intake import WholeImage
from portal.part import Part
from portal.plan import reduced
from portal.prediction_queue import PredictionQueue
from portal.predictor import Predictor, SinglePage
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

    def steps(self, upload: Upload) -> Steps:
        """The page for an upload. The file is gone before the model is asked.

        Raises:
            PortalBusy: too many wait already.
            ClientLeft: nobody waits for the answer any more.
        """
        with self.queue.turn() as waited:
            upload.client.require()
            page = yield from self._page(upload)
        page.stages["wait"] = page.stages.get("wait", 0.0) + waited
        return page

    def answer(self, upload: Upload) -> SinglePage:
        """The same without telling how far it is."""
        steps = self.steps(upload)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                page: SinglePage = end.value
                return page

    def _page(self, upload: Upload) -> Steps:
        began = perf_counter()
        page, modality = self.predictor.page(), self.predictor.key.modality
        try:
            page = replace(page, wishes=Wishes.of(upload.fields))
            image = self.predictor.intake.whole(upload, modality, page.stages)
            page = replace(
                page,
                sha256=image.sha256,
                checks=image.checks,
                cautions=image.cautions,
                gate=image.gate,
            )
            with room_required():
                sweep = yield from self._sweep(image, upload.client, page.wishes.side, page.stages)
                # With the reading to come, the form must not tell where the map is highest.
                square = page.wishes.placed if page.wishes.read_first else _square(sweep)
                plan = image.plan(square)
        except Refusal as refusal:
            return page.because_of(refusal)
        size = image.part(sweep.grid.regions[0]).cautions  # the others are as large
        return replace(
            page,
            card=sweep.card,
            sweep=sweep,
            checks=(*page.checks, *size),
            cautions=(*page.cautions, *size),
            wishes=replace(page.wishes, extent="square"),  # what the form asks for next
            plan=plan,
            elapsed_ms=round(1000 * (perf_counter() - began)),
        )

    def _sweep(
        self, image: WholeImage, client: Client, side: int | None, stages: Stages
    ) -> Generator[Progress, None, Sweep]:
        with stages.timed("prepare"):
            grid = image.grid(side)
        with stages.timed("open"):
            model = self.predictor.models.load(self.predictor.key)
        tiles: list[Tile] = []
        for done, region in enumerate(grid.regions):
            yield Progress(done=done, total=len(grid.regions))
            with stages.timed("wait"):
                self.queue.give_way()
            client.require()
            probability = self._probability(model, image.part(region), stages)
            if probability is not None:
                tiles.append(Tile(region=region, probability=probability))
        if not tiles:
            raise image.nothing_to_map(grid)
        return Sweep(
            card=model.card,
            spec=image.spec,
            grid=grid,
            tiles=tuple(tiles),
            unlike=len(grid.regions) - len(tiles),
            picture=reduced(cv2.cvtColor(image.decoded.pixels, cv2.COLOR_RGB2GRAY)),
        )

    def _probability(self, model: Classifier, part: Part, stages: Stages) -> float | None:
        """What the model says of one square; None where the gate refuses it.

        That the whole image is to be analysed anyway says nothing of its squares.
        """
        intake = self.predictor.intake
        with stages.timed("gate"):
            try:
                intake.gatekeeper.check(part.image, part.modality, anyway=False)
            except ForeignImage:
                return None
        with stages.timed("prepare"):
            tensor = intake.images.prepare(part).tensor
        with stages.timed("infer"):
            return model.verdict(tensor).probability


def _square(sweep: Sweep) -> Square:
    region = sweep.highest.region
    return Square(left=region.left, top=region.top, side=region.side)
