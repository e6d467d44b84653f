import base64
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from models.catalogue import MODALITIES
from portal.errors import NotebookUnreadable
from portal.notebook_reader import Cell, NotebookReader

MODALITY = MODALITIES["ultrasound"]


def write(folder: Path, *cells: dict[str, Any]) -> NotebookReader:
    content = {"nbformat": 4, "metadata": {}, "cells": list(cells)}
    (folder / "ultrasound.ipynb").write_text(json.dumps(content), "utf-8")
    return NotebookReader(folder)


def read_one(folder: Path, cell: dict[str, Any]) -> Cell:
    (read,) = write(folder, cell).read("ultrasound")
    return read


def markdown(*lines: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": list(lines)}


def code(*outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": ["x = 1\n", "x"], "outputs": list(outputs)}


def test_markdown_becomes_html(tmp_path: Path) -> None:
    cell = read_one(tmp_path, markdown("## Part\n", "\n", "Some *words* and `code`."))
    assert cell.kind == "markdown"
    assert "<h2>Part</h2>" in cell.html
    assert "<em>words</em>" in cell.html


def test_the_title_is_left_to_the_page(tmp_path: Path) -> None:
    reader = write(tmp_path, markdown("# Title\n", "\n", "Words."), markdown("# Another"))
    first, second = reader.read("ultrasound")
    assert first.html == "<p>Words.</p>\n"
    assert second.html == "<h2>Another</h2>\n"


def test_links_to_documents_lead_to_their_pages(tmp_path: Path) -> None:
    text = "[a](../docs/method.md) [b](../docs/report.md#data) [c](../pyproject.toml) [d](#e)"
    html = read_one(tmp_path, markdown(text)).html
    assert '<a href="/about/method">a</a> <a href="/study/report#data">b</a> c' in html
    assert '<a href="#e">d</a>' in html


def test_tables_are_drawn(tmp_path: Path) -> None:
    assert "<table>" in read_one(tmp_path, markdown("| a |\n|---|\n| 1 |")).html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "![a](https://elsewhere.example/a.png)",
        "<svg onload=alert(1)>",
    ],
)
def test_nothing_in_markdown_runs_or_fetches(tmp_path: Path, text: str) -> None:
    html = read_one(tmp_path, markdown(text)).html
    for tag in ("<script", "<img", "<svg", 'href="javascript'):
        assert tag not in html


def test_code_keeps_its_lines(tmp_path: Path) -> None:
    cell = read_one(tmp_path, code())
    assert (cell.kind, cell.source, cell.outputs) == ("code", "x = 1\nx", ())


def test_empty_code_and_raw_cells_are_left_out(tmp_path: Path) -> None:
    reader = write(
        tmp_path,
        {"cell_type": "code", "source": " ", "outputs": []},
        {"cell_type": "raw", "source": "x"},
    )
    assert reader.read("ultrasound") == ()


def test_what_was_printed_is_text(tmp_path: Path) -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": ["a\n", "\x1b[31mred\x1b[0m"]}
    (output,) = read_one(tmp_path, code(stream)).outputs
    assert (output.kind, output.text) == ("text", "a\nred")


def test_an_error_shows_its_traceback(tmp_path: Path) -> None:
    failure = {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["one", "two"]}
    (output,) = read_one(tmp_path, code(failure)).outputs
    assert (output.kind, output.text) == ("error", "one\ntwo")


def test_a_png_is_an_image_with_its_text(tmp_path: Path) -> None:
    data = {"image/png": "aGVs\nbG8=\n", "text/plain": ["<Figure>"], "text/html": "<b>x</b>"}
    (output,) = read_one(tmp_path, code({"output_type": "display_data", "data": data})).outputs
    assert (output.kind, output.text) == ("image", "<Figure>")
    assert output.source == "data:image/png;base64,aGVsbG8="


def test_an_svg_is_an_image_and_so_cannot_run(tmp_path: Path) -> None:
    svg = "<svg onload='alert(1)'/>"
    data = {"image/svg+xml": [svg]}
    (output,) = read_one(tmp_path, code({"output_type": "display_data", "data": data})).outputs
    assert output.kind == "image"
    encoded = output.source.removeprefix("data:image/svg+xml;base64,")
    assert base64.b64decode(encoded).decode() == svg


def test_markdown_output_is_drawn_and_cannot_run(tmp_path: Path) -> None:
    data = {"text/markdown": ["| a |\n|---|\n| <b>1</b> |"], "text/plain": "a 1"}
    result = {"output_type": "execute_result", "data": data}
    (output,) = read_one(tmp_path, code(result)).outputs
    assert (output.kind, output.text) == ("markdown", "a 1")
    assert "<td>&lt;b&gt;1&lt;/b&gt;</td>" in output.html


def test_html_output_is_shown_as_its_text(tmp_path: Path) -> None:
    data = {"text/html": "<table/>", "text/plain": "a table"}
    result = {"output_type": "execute_result", "data": data}
    (output,) = read_one(tmp_path, code(result)).outputs
    assert (output.kind, output.text) == ("text", "a table")


def test_a_missing_notebook_is_a_calm_page(tmp_path: Path) -> None:
    page = NotebookReader(tmp_path).page(MODALITY)
    assert page.cells == ()
    assert page.banner is not None
    assert page.banner.received == "no such file"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"cells": 3}', '{"cells": [{}]}'])
def test_a_broken_notebook_is_a_calm_page(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "ultrasound.ipynb").write_text(content)
    with caplog.at_level(logging.ERROR):
        page = NotebookReader(tmp_path).page(MODALITY)
    assert page.banner is not None
    assert "could not be read" in caplog.text


def test_a_sound_notebook_has_no_banner(tmp_path: Path) -> None:
    page = write(tmp_path, markdown("words")).page(MODALITY)
    assert page.banner is None
    assert len(page.cells) == 1


def test_reading_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotebookUnreadable):
        NotebookReader(tmp_path).read("absent")
