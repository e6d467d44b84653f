"""What holds for every template and for the two files beside them."""

import re
from pathlib import Path

import pytest

from models.catalogue import BACKBONES, MODALITIES, STRATEGIES

PROJECT = Path(__file__).parents[2]
TEMPLATES = sorted(path for path in (PROJECT / "templates").rglob("*.*") if path.is_file())
STATIC = sorted(path for path in (PROJECT / "static").iterdir() if path.is_file())
KEYS = [*BACKBONES, *MODALITIES, *STRATEGIES]


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_no_template_needs_what_the_content_policy_forbids(path: Path) -> None:
    text = path.read_text("utf-8")

    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\son[a-z]+\s*=", text)


@pytest.mark.parametrize("path", [*TEMPLATES, *STATIC], ids=_name)
def test_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")

    assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text)
    assert "@import" not in text


@pytest.mark.parametrize("path", [*TEMPLATES, *STATIC], ids=_name)
def test_no_entry_of_the_catalogue_is_spelled_out(path: Path) -> None:
    text = re.sub(r"<cite>.*?</cite>", "", path.read_text("utf-8"))
    found = {key for key in KEYS if re.search(rf"\b{key}\b(?!-scale)", text)}

    assert not found


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_every_template_is_escaped_by_its_suffix(path: Path) -> None:
    assert path.suffix in {".html", ".svg"}
