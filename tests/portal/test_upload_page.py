from models.errors import Refusal
from portal.gatekeeper import BlankImage, GateCheck
from portal.plan import Plan
from portal.region import RegionRefused
from portal.upload_page import UploadPage


def test_any_refusal_gives_its_reason_alone() -> None:
    page = UploadPage().because_of(Refusal(expected="an image", received="none"))
    assert page.banner is not None
    assert (page.gate, page.preview, page.plan) == (None, None, None)


def test_the_gate_shows_what_it_saw() -> None:
    check = GateCheck()
    refusal = BlankImage(expected="tissue", received="one gray", check=check)
    refusal.preview = "data:,"
    page = UploadPage().because_of(refusal)
    assert page.banner is not None
    assert (page.gate, page.preview) == (check, "data:,")


def test_an_image_that_is_too_large_comes_with_a_choice() -> None:
    refusal = RegionRefused(expected="a region", received="a film")
    refusal.plan = plan = object.__new__(Plan)
    page = UploadPage().because_of(refusal)
    assert page.banner is not None
    assert page.plan is plan
    assert page.gate is None
