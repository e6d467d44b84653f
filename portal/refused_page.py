"""What a page shows of an upload that was refused."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from models.errors import Refusal
from portal.errors import Banner
from portal.gatekeeper import ForeignImage
from portal.region import RegionRefused

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Shown = TypeVar("Shown", bound="DataclassInstance")
"""A page with a ``banner``, a ``gate``, a ``preview`` and a ``plan``."""


def refused_page(page: Shown, refusal: Refusal) -> Shown:
    """The page with the reason, and with what there is to see and to choose."""
    found: dict[str, Any] = {"banner": Banner.of(refusal)}
    if isinstance(refusal, ForeignImage):
        found |= {"gate": refusal.check, "preview": refusal.preview, "plan": refusal.plan}
    elif isinstance(refusal, RegionRefused):
        found["plan"] = refusal.plan
    return replace(page, **found)
