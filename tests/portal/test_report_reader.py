import logging
from pathlib import Path

import pytest

from portal.report_reader import ReportReader


def test_a_report_is_read(tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text("# Report\n\n## Part\n\nWords.", "utf-8")
    page = ReportReader(tmp_path).page()

    assert "Words." in page.html
    assert [chapter.title for chapter in page.chapters] == ["Part"]
    assert page.banner is None


def test_a_report_that_is_not_written_is_an_empty_page(tmp_path: Path) -> None:
    page = ReportReader(tmp_path).page()

    assert (str(page.html), page.chapters, page.banner) == ("", (), None)


def test_a_report_that_is_no_text_is_a_calm_page(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "report.md").write_bytes(b"\xff\xfe\xff")
    with caplog.at_level(logging.ERROR):
        page = ReportReader(tmp_path).page()

    assert page.banner is not None
    assert page.banner.title == "The report cannot be shown"
    assert "could not be read" in caplog.text


def test_figures_lie_beside_the_report(tmp_path: Path) -> None:
    assert ReportReader(tmp_path).figures == tmp_path / "figures"
