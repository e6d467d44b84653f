"""SingleModel: what answers on the page of one model, at once or square by square."""

from dataclasses import dataclass

from portal.mapper import Mapper, Steps
from portal.predictor import SinglePage
from portal.queued import Queued
from portal.upload import Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleModel:
    """Asks for a verdict, or for a map where the form wishes one."""

    predictor: Queued[SinglePage]
    mapper: Mapper

    def page(self) -> SinglePage:
        """The page before anything is sent."""
        return self.predictor.page()

    def answer(self, upload: Upload) -> SinglePage:
        """The page for a form that asks for one verdict."""
        return self.predictor.answer(upload)

    def steps(self, upload: Upload) -> Steps:
        """The page for any form; a map tells how far it is.

        Raises:
            PortalBusy: too many wait already.
        """
        if upload.fields.get("extent") == "sweep":
            return (yield from self.mapper.steps(upload))
        return self.answer(upload)
