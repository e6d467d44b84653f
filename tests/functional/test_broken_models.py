"""A model that is missing or broken has a banner; the others go on working."""

import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from models.catalogue import ModelKey, cohorts
from tests.conftest import Portal
from tests.fakes import fake_card, png
from tests.functional.pages import banners, text, verdicts
from tests.sums import write_sums

COHORT = cohorts()[2]
BROKEN, *SOUND = COHORT.keys


@pytest.fixture
def own(installed: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoints that a test may break."""
    return Path(shutil.copytree(installed, tmp_path / "checkpoints"))


def post(portal: Portal, place: object) -> str:
    answer = portal.client.post(f"/{place}", data={"image": (io.BytesIO(png()), "a.png")})
    assert answer.status_code == 200
    assert portal.uploads() == []
    return answer.text


def remove(folder: Path) -> None:
    (folder / BROKEN.checkpoint).unlink()


def truncate(folder: Path) -> None:
    path = folder / BROKEN.checkpoint
    path.write_bytes(path.read_bytes()[:2000])


def flip(folder: Path) -> None:
    path = folder / BROKEN.checkpoint
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def unlist(folder: Path) -> None:
    listing = folder / "SHA256SUMS"
    lines = listing.read_text().splitlines(keepends=True)
    listing.write_text("".join(line for line in lines if str(BROKEN.checkpoint) not in line))


def remove_card(folder: Path) -> None:
    with h5py.File(folder / BROKEN.checkpoint, "a") as file:
        del file["card"]
    write_sums(folder)


def card_of_another(folder: Path) -> None:
    _replace_card(folder / BROKEN.checkpoint, _card(SOUND[0]))
    write_sums(folder)


def card_of_an_older_format(folder: Path) -> None:
    fields = {"format": 1, "model": BROKEN.slug, "f1": 0.9}
    _replace_card(folder / BROKEN.checkpoint, json.dumps(fields))
    write_sums(folder)


def card_that_is_no_json(folder: Path) -> None:
    _replace_card(folder / BROKEN.checkpoint, _card(BROKEN)[:100])
    write_sums(folder)


def no_model(folder: Path) -> None:
    path = folder / BROKEN.checkpoint
    with h5py.File(path, "w"):
        pass
    _replace_card(path, _card(BROKEN))
    write_sums(folder)


def listed_but_truncated(folder: Path) -> None:
    truncate(folder)
    write_sums(folder)


def _card(key: ModelKey) -> str:
    return fake_card(key).to_json()


def _replace_card(path: Path, text: str) -> None:
    with h5py.File(path, "a") as file:
        if "card" in file:
            del file["card"]
        file["card"] = np.frombuffer(text.encode(), dtype=np.uint8)


WAYS = {
    remove: "not installed",
    truncate: "not the one that was published",
    flip: "not the one that was published",
    unlist: "not in the list of checksums",
    remove_card: "no model card",
    card_of_another: "something else than the model asked for",
    card_of_an_older_format: "a card of format 2.",
    card_that_is_no_json: "something else (JSONDecodeError).",
    no_model: "something else than the model asked for",
    listed_but_truncated: "damaged",
}
each_way = pytest.mark.parametrize("break_it", WAYS, ids=lambda way: way.__name__)


@each_way
def test_a_broken_model_says_why_and_holds_up_no_other(
    make_portal: Callable[..., Portal], own: Path, break_it: Callable[[Path], None]
) -> None:
    break_it(own)
    portal = make_portal(own)
    (banner,) = banners(post(portal, BROKEN))
    assert WAYS[break_it] in banner
    assert str(own) not in banner
    for key in SOUND:
        assert len(verdicts(post(portal, key))) == 1


@each_way
def test_a_broken_model_is_one_row_of_a_comparison(
    make_portal: Callable[..., Portal], own: Path, break_it: Callable[[Path], None]
) -> None:
    break_it(own)
    page = post(make_portal(own), COHORT)
    assert [verdict.model for verdict in verdicts(page)] == [key.slug for key in SOUND]
    (banner,) = banners(page)
    assert WAYS[break_it] in banner
    assert "One model gave no answer." in text(page)


@each_way
def test_every_page_about_a_broken_model_can_be_read(
    make_portal: Callable[..., Portal], own: Path, break_it: Callable[[Path], None]
) -> None:
    break_it(own)
    client = make_portal(own).client
    for url in (f"/{BROKEN}", f"/{COHORT}", f"/study/{BROKEN}", "/study"):
        assert client.get(url).status_code == 200, url


def test_a_model_that_breaks_while_in_use_is_refused_and_taken_back_when_repaired(
    make_portal: Callable[..., Portal], own: Path
) -> None:
    portal = make_portal(own)
    path = own / BROKEN.checkpoint
    sound = path.read_bytes()
    before = verdicts(post(portal, BROKEN))
    flip(own)
    assert banners(post(portal, BROKEN))
    path.write_bytes(sound)
    assert verdicts(post(portal, BROKEN)) == before


def test_without_any_model_every_page_still_answers(
    make_portal: Callable[..., Portal], tmp_path: Path
) -> None:
    portal = make_portal(tmp_path)
    routes = portal.routes
    pages = (*routes.static_pages, *routes.study_pages, *routes.single_routes)
    for rule in (*pages, *routes.compare_routes, *routes.several_pages):
        url = re.sub("<.*?>", BROKEN.slug, rule)
        assert portal.client.get(url).status_code == 200, url
    assert len(banners(post(portal, COHORT))) == len(COHORT.keys)
    assert len(banners(post(portal, BROKEN))) == 1


def test_a_list_of_checksums_that_cannot_be_read_breaks_no_page(
    make_portal: Callable[..., Portal], own: Path
) -> None:
    listing = own / "SHA256SUMS"
    listing.unlink()
    listing.symlink_to("n" * 300)  # cannot be followed, by root neither
    portal = make_portal(own)
    pages = {"/": 200, "/study": 200, f"/{BROKEN}": 200, "/no-such-page": 404}
    assert {page: portal.client.get(page).status_code for page in pages} == pages
    assert banners(post(portal, BROKEN))
    answer = portal.client.get("/readyz")
    assert answer.status_code == 503
    failed = [check["name"] for check in answer.json["checks"] if not check["passed"]]
    assert "checksums" in failed
