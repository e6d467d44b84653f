"""What a page shows of an upload that was refused."""

from dataclasses import Field, replace
from typing import Any, ClassVar, Protocol, TypeVar

from models.errors import Refusal
from portal.errors import Banner
from portal.gatekeeper import ForeignImage
from portal.region import RegionRefused


class Page(Protocol):
    """A dataclass with a ``banner``, a ``gate``, a ``preview`` and a ``plan``."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Shown = TypeVar("Shown", bound=Page)


def refused_page(page: Shown, refusal: Refusal) -> Shown:
    """The page with the reason, and with what there is to see and to choose."""
    found: dict[str, Any] = {"banner": Banner.of(refusal)}
    if isinstance(refusal, ForeignImage):
        found |= {"gate": refusal.check, "preview": refusal.preview, "plan": refusal.plan}
    elif isinstance(refusal, RegionRefused):
        found["plan"] = refusal.plan
    return replace(page, **found)
