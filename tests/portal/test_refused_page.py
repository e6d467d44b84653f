from dataclasses import dataclass

from models.catalogue import MODALITIES
from models.errors import Refusal
from portal.gatekeeper import BlankImage, GateCheck
from portal.plan import Plan
from portal.refused_page import refused_page
from portal.region import RegionRefused


@dataclass(frozen=True)
class Page:
    banner: object = None
    gate: object = None
    preview: object = None
    plan: object = None


def test_any_refusal_gives_its_reason_alone() -> None:
    page = refused_page(Page(), Refusal(expected="an image", received="none"))
    assert page.banner is not None
    assert (page.gate, page.preview, page.plan) == (None, None, None)


def test_the_gate_shows_what_it_saw() -> None:
    check = GateCheck(modality=next(iter(MODALITIES.values())))
    refusal = BlankImage(expected="tissue", received="one gray", check=check)
    refusal.preview = "data:,"
    page = refused_page(Page(), refusal)
    assert page.banner is not None
    assert (page.gate, page.preview) == (check, "data:,")


def test_an_image_that_is_too_large_comes_with_a_choice() -> None:
    refusal = RegionRefused(expected="a region", received="a film")
    refusal.plan = plan = object.__new__(Plan)
    page = refused_page(Page(), refusal)
    assert page.banner is not None
    assert page.plan is plan
    assert page.gate is None
