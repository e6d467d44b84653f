"""Every route of the catalogue, with nothing replaced but the size of the checkpoints."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models.card import ModelCard
from models.catalogue import (
    BACKBONES,
    MODALITIES,
    STRATEGIES,
    Comparison,
    ModelKey,
    cohorts,
    comparisons,
    model_keys,
)
from models.checkpoint import read_card
from models.later_notes import NAME
from tests.conftest import Portal
from tests.fakes import fake_card, png, write_checkpoints
from tests.functional.pages import banners, links_of, text, verdicts

PER_MODALITY = len(BACKBONES) * len(STRATEGIES)  # models

each_model = pytest.mark.parametrize("key", model_keys(), ids=str)
each_cohort = pytest.mark.parametrize("cohort", comparisons(), ids=str)


def upload(content: bytes, name: str = "lesion.png") -> dict[str, tuple[io.BytesIO, str]]:
    return {"image": (io.BytesIO(content), name)}


def test_the_registry_made_exactly_the_routes_it_names(portal: Portal) -> None:
    routes = portal.routes
    assert len(routes.single_routes) == len(MODALITIES) * PER_MODALITY
    assert len(routes.compare_routes) == len(MODALITIES) * (len(STRATEGIES) + 1)
    assert len(routes.static_pages) == 4 + 2 * len(MODALITIES)
    rules = {rule.rule: rule for rule in portal.app.url_map.iter_rules()}
    posts = {url for url, rule in rules.items() if "POST" in (rule.methods or ())}
    asked = {url for url in routes.api_routes if "POST" in (rules[url].methods or ())}
    assert len(asked) == 4
    assert posts == {
        *routes.single_routes,
        *routes.compare_routes,
        *routes.result_files,
        *asked,
    }
    named = {
        *posts,
        *routes.several_pages,
        *routes.static_pages,
        *routes.document_pages,
        *routes.study_pages,
        *routes.study_files,
        *routes.health_routes,
        *routes.api_routes,
        routes.report_figures,
        "/static/<path:filename>",
    }
    assert named == set(rules)


def test_the_routes_are_the_catalogues() -> None:
    urls = {f"/{key}" for key in model_keys()}
    assert len(urls) == len(MODALITIES) * PER_MODALITY
    assert "/vgg_ultrasound_finetuned" in urls
    assert "/compare_histopathology_initial" in {f"/{cohort}" for cohort in comparisons()}


@each_model
def test_a_single_page_is_empty_at_first(portal: Portal, key: ModelKey) -> None:
    answer = portal.client.get(f"/{key}")
    assert answer.status_code == 200
    assert 'name="image"' in answer.text
    assert not verdicts(answer.text)
    assert not banners(answer.text)


@each_model
def test_a_single_page_gives_a_verdict(portal: Portal, key: ModelKey) -> None:
    answer = portal.client.post(f"/{key}", data=upload(png()))
    assert answer.status_code == 200
    (verdict,) = verdicts(answer.text)
    assert not banners(answer.text)
    assert verdict.model == key.slug
    assert verdict.threshold == 0.41
    positive = verdict.probability >= verdict.threshold
    assert verdict.label == key.modality.labels[positive]
    least, most = (
        fake_card(key).calibration.calibrated(verdict.probability + rounding)
        for rounding in (-5e-5, 5e-5)
    )
    assert least - 5e-5 <= verdict.calibrated <= most + 5e-5
    said = text(answer.text)
    for name in ("Model probability", "Threshold", "Calibrated probability"):
        assert name in said
    assert "160 x 120 pixels" in text(answer.text)
    assert portal.uploads() == []


def test_what_becomes_known_of_a_model_stands_on_its_next_page(
    make_portal: Callable[..., Portal], tmp_path: Path
) -> None:
    key = model_keys()[0]
    folder = write_checkpoints(tmp_path / "checkpoints", [key])
    client = make_portal(folder).client
    assert "Noted." not in client.get(f"/{key}").text
    card = read_card(folder / key.checkpoint)
    (tmp_path / NAME).write_text(json.dumps({card.fingerprint: ["Noted."]}), "utf-8")
    assert "<li>Noted.</li>" in client.get(f"/{key}").text


def test_a_verdict_leads_to_the_rules_behind_it_and_shows_no_formula(portal: Portal) -> None:
    key = model_keys()[0]
    verdict = portal.client.post(f"/{key}", data=upload(png())).text
    page, _, place = re.findall(r'<a href="([^"]*)">by what rule</a>', verdict)[0].partition("#")
    model_card = portal.client.get(page).text
    assert f'id="{place}"' in model_card
    card = fake_card(key)
    for rule in (card.threshold.rule, card.high_sensitivity.threshold.rule):
        assert rule not in text(verdict)
        assert rule in text(model_card)


@each_cohort
def test_a_compare_page_is_empty_at_first(portal: Portal, cohort: Comparison) -> None:
    answer = portal.client.get(f"/{cohort}")
    assert answer.status_code == 200
    kind, whose = cohort.title.split(", ", 1)
    heading = re.findall(r"<h1>(.*)</h1>", answer.text)
    assert [text(words) for words in heading] == [f"Compare on {kind.lower()} , {whose}"]
    assert 'name="image"' in answer.text
    assert not verdicts(answer.text)
    assert not banners(answer.text)


@each_cohort
def test_a_compare_page_gives_every_verdict_of_its_cohort(
    portal: Portal, cohort: Comparison
) -> None:
    answer = portal.client.post(f"/{cohort}", data=upload(png()))
    assert answer.status_code == 200
    shown = verdicts(answer.text)
    assert [verdict.model for verdict in shown] == [key.slug for key in cohort.keys]
    assert not banners(answer.text)
    labels = {verdict.word for verdict in shown} - {"Uncertain"}
    open_ones = [verdict for verdict in shown if verdict.word == "Uncertain"]
    signal = "disagree" if len(labels) == 2 else "undecided" if open_ones else "agree"
    assert f'data-signal="{signal}"' in answer.text
    mean = sum(verdict.calibrated for verdict in shown) / len(shown)
    (said,) = re.findall(r'data-mean="([\d.]+)"', answer.text)
    assert float(said) == pytest.approx(mean, abs=1e-4)
    assert portal.uploads() == []


@each_cohort
def test_comparing_gives_what_the_single_pages_give(portal: Portal, cohort: Comparison) -> None:
    compared = verdicts(portal.client.post(f"/{cohort}", data=upload(png(7))).text)
    single = [
        verdicts(portal.client.post(f"/{key}", data=upload(png(7))).text)[0] for key in cohort.keys
    ]
    assert compared == single


def test_the_study_lists_every_model(portal: Portal) -> None:
    page = portal.client.get("/study").text
    for key in model_keys():
        assert f'href="/study/{key}"' in page


def test_the_data_of_installed_models_are_cited_once_each(
    make_portal: Callable[..., Portal], tmp_path: Path
) -> None:
    def cite(card: ModelCard) -> ModelCard:
        name = f"{card.key.modality.key} & Co"
        return replace(card, data=replace(card.data, name=name, citation="Nobody, 2026."))

    firsts = [cohort.keys[0] for cohort in cohorts()]
    page = make_portal(write_checkpoints(tmp_path / "some", firsts, cite)).client.get("/about").text
    cited = [f"<cite>{key} &amp; Co. Nobody, 2026.</cite>" for key in MODALITIES]
    assert re.findall("<cite>.*?</cite>", page) == cited


def test_without_a_model_no_data_are_cited(
    make_portal: Callable[..., Portal], tmp_path: Path
) -> None:
    page = make_portal(tmp_path).client.get("/about").text
    assert "cite>" not in page
    assert 'id="data"' not in page


@pytest.mark.parametrize("modality", MODALITIES)
def test_every_modality_has_its_hub_and_its_notebook(portal: Portal, modality: str) -> None:
    hub = portal.client.get(f"/{modality}")
    assert hub.status_code == 200
    for cohort in cohorts():
        if cohort.modality.key == modality:
            assert f'href="/{cohort}"' in hub.text
            assert all(f'href="/{key}"' in hub.text for key in cohort.keys)
    assert portal.client.get(f"/notebooks/{modality}").status_code == 200


@pytest.mark.parametrize("modality", MODALITIES)
def test_many_images_can_be_asked_about_by_every_model_of_a_modality(
    portal: Portal, modality: str
) -> None:
    page = portal.client.get(f"/several/{modality}").text
    for key in model_keys():
        asked = f'value="/api/v1/models/{key}/predict"'
        assert (asked in page) == (key.modality.key == modality)
    for strategy in ("", *(f"/{key}" for key in STRATEGIES)):
        assert f'value="/api/v1/compare/{modality}{strategy}"' in page


def test_every_internal_link_leads_to_a_page(portal: Portal) -> None:
    seen, waiting = {"/"}, ["/"]
    while waiting:
        url = waiting.pop()
        with portal.client.get(url) as answer:
            assert answer.status_code == 200, url
            links = links_of(answer.text) if answer.mimetype == "text/html" else set()
        waiting += links - seen
        seen |= links
    routes = portal.routes
    assert {*routes.single_routes, *routes.static_pages, *routes.document_pages} <= seen


def test_no_page_asks_for_anything_from_elsewhere(portal: Portal) -> None:
    routes = portal.routes
    for url in (*routes.single_routes, *routes.compare_routes, *routes.static_pages, "/study"):
        page = portal.client.get(url).text
        for mark in ('src="http', 'src="//', 'rel="stylesheet" href="http', "@import", "style="):
            assert mark not in page, (url, mark)


def _marked(portal: Portal, address: str) -> list[tuple[str, str]]:
    """What the navigation of a page marks: words, and how."""
    page = portal.client.get(address).get_data(as_text=True)
    (menu,) = re.findall(r'<nav class="site-nav".*?</nav>', page, re.DOTALL)
    return [(words, how) for how, words in re.findall(r'aria-current="(\w+)">([^<]*)</a>', menu)]


@each_model
def test_the_page_of_a_model_marks_its_modality(portal: Portal, key: ModelKey) -> None:
    assert _marked(portal, f"/{key.slug}") == [(key.modality.title, "true")]


@each_cohort
def test_the_page_of_a_comparison_marks_comparisons(portal: Portal, cohort: Comparison) -> None:
    assert _marked(portal, f"/{cohort.slug}") == [("Compare", "true")]


def test_navigation_marks_a_page_or_what_it_belongs_to(portal: Portal) -> None:
    for spec in MODALITIES.values():
        assert _marked(portal, f"/{spec.key}") == [(spec.title, "page")]
        assert _marked(portal, f"/several/{spec.key}") == [(spec.title, "true")]
        assert _marked(portal, f"/notebooks/{spec.key}") == [("Notebooks", "true")]
    assert _marked(portal, "/study") == [("Study", "page")]
    assert _marked(portal, f"/study/{model_keys()[0].slug}") == [("Study", "true")]
    assert _marked(portal, "/study/compare") == [("Study", "true")]
    assert _marked(portal, "/study/report") == [("Study", "true")]
    assert _marked(portal, "/about") == [("About", "page")]
    assert _marked(portal, "/about/method") == [("About", "true")]
    assert _marked(portal, "/") == []
    assert _marked(portal, "/no-such-page") == []
