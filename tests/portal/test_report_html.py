import re

import pytest

from portal.report_html import report_html


def html(source: str) -> str:
    return str(report_html(source)[0])


def test_a_figure_of_the_report_is_drawn_on_its_own_paper() -> None:
    drawn = html("![ROC curves of ultrasound](figures/roc_ultrasound-1.svg)")

    assert '<img src="/study/figures/roc_ultrasound-1.svg" alt="ROC curves of ultrasound">' in drawn
    assert 'class="scroll paper" tabindex="0" role="region" aria-label="Figure 1"' in drawn


@pytest.mark.parametrize(
    "source",
    [
        "https://elsewhere.example/a.svg",
        "//elsewhere.example/a.svg",
        "/study/figures/a.svg",
        "figures/../report.md",
        "figures/../../app.svg",
        "../figures/a.svg",
        "figures/sub/a.svg",
        "figures/a.png",
        "figures/a.svg.html",
        "figures/a.svg?x=1",
        "figures/%2e%2e/a.svg",
        "figures/.svg",
        "data:image/svg+xml;base64,AAAA",
    ],
)
def test_of_any_other_picture_only_the_words_are_left(source: str) -> None:
    drawn = html(f"before ![the words]({source}) after")

    assert "<img" not in drawn
    assert "the words" in drawn


def test_the_words_of_a_picture_cannot_break_out() -> None:
    drawn = html('![a "b" <c>](figures/a.svg)')

    assert 'alt="a &#34;b&#34; &lt;c&gt;"' in drawn


def test_tables_and_figures_scroll_and_have_different_names() -> None:
    table = "| a |\n|---|\n| 1 |\n"
    names = re.findall(
        r'aria-label="([^"]*)"',
        html(f"{table}\n![x](figures/x.svg)\n\n{table}\n![y](figures/y.svg)"),
    )

    assert names == ["Table 1", "Figure 1", "Table 2", "Figure 2"]


def test_code_scrolls_too() -> None:
    drawn = html("```python\nx = '<pre>'\n```\n\n```\ny\n```\n")

    assert re.findall(r"<pre ([^>]*)>", drawn) == [
        f'class="scroll" tabindex="0" role="region" aria-label="Code {number}"' for number in (1, 2)
    ]
    assert "&lt;pre&gt;" in drawn


def test_a_table_is_closed_inside_its_region() -> None:
    drawn = html("| a |\n|---|\n| 1 |\n\nWords.")

    assert drawn.count("<div") == drawn.count("</div>") == 1
    assert drawn.index("</table>") < drawn.index("</div>") < drawn.index("Words")


def test_headings_have_anchors_and_chapters_are_those_of_the_second_level() -> None:
    source = "# Report\n\n## Ultrasound: `six` models\n\n### Curves\n\n## Next\n\n### Curves\n"
    drawn, chapters = report_html(source)

    assert "<h1" not in drawn
    assert "Report" not in drawn
    assert [(each.anchor, each.title) for each in chapters] == [
        ("ultrasound-six-models", "Ultrasound: six models"),
        ("next", "Next"),
    ]
    assert re.findall(r'<h3 id="([^"]*)"', drawn) == ["curves", "curves-1"]


def test_links_within_and_elsewhere_are_kept_and_links_to_files_are_not() -> None:
    drawn = html("[a](#next) [b](https://doi.example/1) [c](other.md) [d](../README.md) end")

    assert re.findall(r'href="([^"]*)"', drawn) == ["#next", "https://doi.example/1"]
    assert drawn.count("<a ") == drawn.count("</a>") == 2
    for word in ("c", "d", "end"):
        assert word in drawn


def test_links_between_documents_lead_to_their_pages() -> None:
    drawn = html("[a](method.md#input-gate) [b](report.md) [c](api.md)")

    assert re.findall(r'href="([^"]*)"', drawn) == [
        "/about/method#input-gate",
        "/study/report",
        "/api",
    ]


def test_html_in_the_report_is_text() -> None:
    assert "<script" not in html("<script>alert(1)</script>")
    assert 'href="javascript' not in html("[a](javascript:alert(1))")
