"""The study's pages as a reader without scripts uses them: choosing a point, an order, a kind."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from models import checkpoint
from models.catalogue import MODALITIES, model_keys
from models.no_skill import no_skill_f1
from portal.report_reader import ReportReader
from portal.services import Services
from tests.conftest import Portal
from tests.fakes import fake_card, tiny_model, write_checkpoints
from tests.functional.pages import banners, text
from tests.sums import write_sums

KEY = model_keys()[0]
CURRENT = re.compile(r'<a href="([^"]*)" aria-current="true"')
REPORT = "# Report\n\n## Ultrasound\n\n![ROC curves](figures/roc.svg)\n\n| a |\n|--:|\n| 1 |\n"


def current(page: str) -> list[str]:
    """The links of a page that are marked as what is shown; its navigation is left out."""
    return CURRENT.findall(page.partition("<main")[2])


def points_linked(page: str) -> list[str]:
    links = re.findall(r'href="(/study/[^"]*\?point=[^"]*)"[^>]* data-point=', page)
    return [unescape(link) for link in links]


def models_listed(page: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a href="/study/([^"]*)"', page)


def listed(page: str) -> list[tuple[str, str]]:
    """Anchor and title of every entry of a page's list of contents."""
    contents = re.search(r'<nav class="contents.*?</nav>', page, re.DOTALL)
    assert contents
    return re.findall(r'<a href="#([^"]*)">(.*?)</a>', contents[0])


class TestContents:
    def test_every_heading_is_listed_in_its_order(self, portal: Portal) -> None:
        page = portal.client.get(f"/study/{KEY}").text
        headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page.partition("<main")[2], re.DOTALL)

        assert [title for _, title in listed(page)] == headings
        assert all(f'id="{anchor}"' in page for anchor, _ in listed(page))

    def test_what_a_card_does_not_tell_is_not_listed(
        self, tmp_path: Path, make_portal: Callable[..., Portal]
    ) -> None:
        model = tiny_model(0)
        card = fake_card(KEY, fingerprint=checkpoint.fingerprint(model))
        silent = replace(
            card, limitations=(), training=replace(card.training, history={}, epochs=0)
        )
        checkpoint.write(model, silent, tmp_path / "checkpoints" / KEY.checkpoint)
        write_sums(tmp_path / "checkpoints")
        page = make_portal(tmp_path / "checkpoints").client.get(f"/study/{KEY}").text

        assert {"learnt", "limits"}.isdisjoint(anchor for anchor, _ in listed(page))
        assert 'id="learnt"' not in page
        assert 'id="limits"' not in page


class TestPoints:
    def test_both_points_are_links_and_the_deciding_one_is_shown_first(
        self, portal: Portal
    ) -> None:
        page = portal.client.get(f"/study/{KEY}").text

        assert points_linked(page) == [
            f"/study/{KEY}?point=best-f1#points",
            f"/study/{KEY}?point=high-sensitivity#points",
        ]
        assert current(page) == [f"/study/{KEY}?point=best-f1#points"]
        assert 'data-point="best-f1" data-threshold="0.41"' in page

    def test_the_other_point_has_its_own_consequences(self, portal: Portal) -> None:
        page = portal.client.get(f"/study/{KEY}?point=high-sensitivity").text
        shown = text(page)

        assert current(page) == [f"/study/{KEY}?point=high-sensitivity#points"]
        assert 'data-point="high-sensitivity" data-threshold="0.205"' in page
        assert "about 97 are found" in shown
        assert "7 findings more and 36 false alarms more" in shown
        assert "verdicts are decided at Best F1, threshold 0.41" in shown
        assert "32 were rightly passed and 27 were false alarms" in shown

    @pytest.mark.parametrize("point", ["best-f1", "high-sensitivity"])
    def test_a_page_says_which_point_decides(self, portal: Portal, point: str) -> None:
        page = portal.client.get(f"/study/{KEY}?point={point}").text
        first, second = re.findall(r"<a [^>]*data-point=.*?</a>", page, flags=re.DOTALL)

        assert "decides the portal&#39;s verdicts" in first
        assert "Best F1" in first
        assert "where the uncertain band begins" in second

    @pytest.mark.parametrize("point", ["nearest", "Best-F1", "%3Cscript%3E", "a" * 2000])
    def test_a_point_that_does_not_exist_is_said_and_the_deciding_one_shown(
        self, portal: Portal, point: str
    ) -> None:
        answer = portal.client.get(f"/study/{KEY}?point={point}")
        (banner,) = banners(answer.text)

        assert answer.status_code == 200
        assert "This page has no such choice" in banner
        assert "<script>" not in answer.text
        assert current(answer.text) == [f"/study/{KEY}?point=best-f1#points"]

    def test_the_dense_model_stands_beside_the_served_one(self, portal: Portal) -> None:
        page = text(portal.client.get(f"/study/{KEY}").text)

        assert "was 0.870 before compaction and is 0.900 in the compacted file" in page

    def test_every_figure_is_there_with_its_words_and_numbers(self, portal: Portal) -> None:
        page = portal.client.get(f"/study/{KEY}").text
        names = ("roc", "precision-recall", "reliability-before", "reliability-after", "decision")
        for name in (*names, "confusion"):
            figure = page.split(f'<figure class="figure" data-testid="{name}"')[1]
            figure = figure.split("</figure>")[0]
            assert "<desc" in figure
            assert "<figcaption" in figure
            assert "<table" in figure


class TestThresholds:
    def test_a_threshold_of_the_address_is_shown(self, portal: Portal) -> None:
        page = portal.client.get(f"/study/{KEY}?threshold=0.37&prevalence=0.10").text
        shown = text(page)

        assert not banners(page)
        assert 'data-point="your-choice" data-threshold="0.37"' in page
        assert current(page) == []
        assert "40 were rightly passed and 19 were false alarms" in shown
        assert "Wilson's" in shown
        assert "at a prevalence of 0.1" in shown
        assert f"100 would be {KEY.modality.found}" in shown

    def test_a_threshold_of_the_card_is_its_point(self, portal: Portal) -> None:
        page = portal.client.get(f"/study/{KEY}?threshold=0.41").text

        assert current(page) == [f"/study/{KEY}?point=best-f1#points"]
        assert "12 were false alarms" in text(page)

    def test_predictive_values_are_those_of_the_prevalence(self, portal: Portal) -> None:
        sensitivity, alarms = 26 / 29, 19 / 59
        for prevalence in (0.004, 0.1, 0.5):
            url = f"/study/{KEY}?threshold=0.37&prevalence={prevalence}"
            page = portal.client.get(url).text
            (shown,) = re.findall(r'data-value="positive"[^>]*>([0-9.]*)<', page)
            hits = prevalence * sensitivity
            assert float(shown) == round(hits / (hits + (1 - prevalence) * alarms), 3)

    @pytest.mark.parametrize(
        "query",
        [
            "threshold=7",
            "threshold=0",
            "threshold=1.0",
            "threshold=0.375",
            "threshold=nan",
            "threshold=1e-1",
            "threshold=-0.5",
            "threshold=%D9%A0.%D9%A3",
            "threshold=0.5%0A",
            "threshold=%3Cscript%3E",
            "prevalence=1.5",
            "prevalence=0.0001",
            "prevalence=inf",
            "threshold=0.37&prevalence=a",
        ],
    )
    def test_a_number_that_cannot_be_is_said(self, portal: Portal, query: str) -> None:
        answer = portal.client.get(f"/study/{KEY}?{query}")
        (banner,) = banners(answer.text)

        assert answer.status_code == 200
        assert "to be a number from 0.0" in banner
        assert "<script>" not in answer.text
        assert current(answer.text) == [f"/study/{KEY}?point=best-f1#points"]

    def test_the_table_leads_to_every_twentieth_and_the_cards(self, portal: Portal) -> None:
        page = portal.client.get(f"/study/{KEY}?prevalence=0.1").text
        table = page.split('data-testid="thresholds"')[1].split("</details>")[0]
        links = [unescape(link) for link in re.findall(r'<th scope="row"><a href="([^"]*)"', table)]
        assert (
            "at the card's own thresholds those of the first three come from drawing whole groups"
            in text(table)
        )

        assert len(links) == 21
        for link in links:
            assert "prevalence=0.1" in link
            assert not banners(portal.client.get(link).text)

    def test_without_predictions_the_cards_points_remain(
        self, make_portal: Callable[..., Portal], tmp_path: Path
    ) -> None:
        alone = make_portal(write_checkpoints(tmp_path / "checkpoints", [KEY]))
        page = alone.client.get(f"/study/{KEY}?point=high-sensitivity&prevalence=0.2").text
        (banner,) = banners(page)

        assert "Only the two thresholds of the card" in banner
        assert 'data-point="high-sensitivity"' in page
        assert "at a prevalence of 0.2" in text(page)
        assert 'id="threshold"' not in page

        refused = alone.client.get(f"/study/{KEY}?threshold=0.37").text
        assert len(banners(refused)) == 2


class TestTable:
    def test_every_head_is_a_link_that_sorts(self, portal: Portal) -> None:
        page = portal.client.get("/study").text
        links = re.findall(r'<th scope="col"[^>]*><a href="([^"]*)"', page)

        assert "aria-sort" not in page
        assert len(links) == 8
        for link in links:
            answer = portal.client.get(unescape(link))
            assert not banners(answer.text)
            assert answer.text.count("aria-sort=") == 1
            assert sorted(models_listed(answer.text)) == sorted(str(key) for key in model_keys())

    def test_rows_come_in_the_order_asked_for(self, portal: Portal) -> None:
        up = models_listed(portal.client.get("/study?sort=model").text)
        down = models_listed(portal.client.get("/study?sort=-model").text)
        titles = {str(key): key.backbone.title for key in model_keys()}

        assert [titles[slug] for slug in up] == sorted(titles.values())
        assert [titles[slug] for slug in down] == sorted(titles.values(), reverse=True)

    @pytest.mark.parametrize("kind", MODALITIES)
    def test_one_kind_of_image_keeps_its_order_and_the_order_its_kind(
        self, portal: Portal, kind: str
    ) -> None:
        page = portal.client.get(f"/study?kind={kind}&sort=-f1").text
        listed = models_listed(page)

        assert sorted(listed) == sorted(str(k) for k in model_keys() if k.modality.key == kind)
        assert current(page) == [f"/study?kind={kind}&amp;sort=-f1"]
        assert f'aria-sort="descending"><a href="/study?kind={kind}&amp;sort=f1"' in page

    @pytest.mark.parametrize("query", ["sort=worst", "kind=none", "sort=%00", "sort=--f1"])
    def test_a_choice_that_does_not_exist_is_said_above_the_whole_table(
        self, portal: Portal, query: str
    ) -> None:
        answer = portal.client.get(f"/study?{query}")

        assert answer.status_code == 200
        assert len(banners(answer.text)) == 1
        assert len(models_listed(answer.text)) == len(model_keys())


class TestReport:
    @pytest.fixture
    def docs(self, tmp_path: Path) -> Path:
        folder = tmp_path / "docs"
        (folder / "figures").mkdir(parents=True)
        (folder / "report.md").write_text(REPORT, "utf-8")
        (folder / "secret.svg").write_text("<svg/>", "utf-8")
        (folder / "figures" / "roc.svg").write_text("<svg xmlns='x'/>", "utf-8")
        (folder / "figures" / "notes.txt").write_text("words", "utf-8")
        return folder

    @pytest.fixture
    def reading(self, make_portal: Callable[..., Portal], installed: Path, docs: Path) -> Portal:
        plain = make_portal(installed)
        services = replace(Services.of(plain.settings), report=ReportReader(docs))
        return make_portal(installed, services)

    def test_the_report_is_a_page_with_its_figures(self, reading: Portal) -> None:
        answer = reading.client.get("/study/report")

        assert answer.status_code == 200
        assert '<h2 id="ultrasound">Ultrasound</h2>' in answer.text
        assert '<a href="#ultrasound">Ultrasound</a>' in answer.text
        assert 'src="/study/figures/roc.svg"' in answer.text
        assert "style=" not in answer.text

    def test_a_figure_is_served_as_a_picture(self, reading: Portal) -> None:
        with reading.client.get("/study/figures/roc.svg") as answer:
            assert answer.status_code == 200
            assert answer.mimetype == "image/svg+xml"
            assert answer.text == "<svg xmlns='x'/>"

    @pytest.mark.parametrize(
        "name",
        [
            "absent.svg",
            "notes.txt",
            "notes.txt.svg",
            "../secret.svg",
            "..%2Fsecret.svg",
            "%2e%2e/secret.svg",
            "%2e%2e%2fsecret.svg",
            "..%5Csecret.svg",
            "....//secret.svg",
            "%00.svg",
            ".svg",
            "roc.svg/",
            "",
        ],
    )
    def test_nothing_else_is_served(self, reading: Portal, name: str) -> None:
        assert reading.client.get(f"/study/figures/{name}").status_code == 404

    def test_without_a_report_the_page_says_so(self, reading: Portal, docs: Path) -> None:
        (docs / "report.md").unlink()
        answer = reading.client.get("/study/report")

        assert answer.status_code == 200
        assert "No report is written yet" in answer.text
        assert not banners(answer.text)

    def test_a_report_that_cannot_be_read_is_a_banner(self, reading: Portal, docs: Path) -> None:
        (docs / "report.md").write_bytes(b"\xff\xfe")
        answer = reading.client.get("/study/report")

        assert answer.status_code == 200
        assert len(banners(answer.text)) == 1

    def test_the_projects_own_report_has_all_its_figures(self, portal: Portal) -> None:
        page = portal.client.get("/study/report").text
        for source in re.findall(r'<img src="([^"]*)"', page):
            with portal.client.get(source) as answer:
                assert answer.status_code == 200, source

    def test_readers_find_the_report(self, portal: Portal) -> None:
        for url in ("/", "/study", "/about", f"/{KEY}"):
            assert 'href="/study/report"' in portal.client.get(url).text


@pytest.mark.parametrize("kind", ["", *MODALITIES])
def test_the_f1_of_calling_all_positive_is_told_of_each_kind_that_is_shown(
    portal: Portal, kind: str
) -> None:
    page = text(portal.client.get("/study", query_string={"kind": kind} if kind else {}).text)
    (told,) = re.findall(r"Calling every test image positive has an F1 of (.*?)\. A column", page)
    share = no_skill_f1(fake_card(KEY).data)
    shown = [spec for spec in MODALITIES.values() if kind in ("", spec.key)]
    assert told == ", ".join(f"{share:.3f} in {spec.title.lower()}" for spec in shown)
