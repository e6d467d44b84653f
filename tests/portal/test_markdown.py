import pytest

from portal import markdown


@pytest.mark.parametrize(
    "source", ["<script>alert(1)</script>", "<b>x</b>", "a <svg onload=alert(1)> b"]
)
def test_html_is_shown_as_text(source: str) -> None:
    html = markdown.html(source)

    assert "<script" not in html
    assert "<svg" not in html
    assert "&lt;" in html


def test_a_title_at_the_beginning_may_be_left_out() -> None:
    assert markdown.html("# Title\n\nWords.", title_apart=True) == "<p>Words.</p>\n"
    assert markdown.html("# Title\n\nWords.") == "<h2>Title</h2>\n<p>Words.</p>\n"


def test_columns_are_aligned_without_a_style() -> None:
    html = markdown.html("| a | b | c |\n|---|--:|:-:|\n| 1 | 2 | 3 |")

    assert "style" not in html
    assert '<th class="number">b</th>' in html
    assert '<td class="number">2</td>' in html
    assert "<td>1</td>" in html
    assert "<td>3</td>" in html


def test_pictures_are_drawn_only_where_it_is_said() -> None:
    source = "![a](figures/a.svg)"

    assert "<img" not in markdown.html(source)
    parser = markdown.parser(pictures=True)
    assert "<img" in markdown.render(parser, parser.parse(source))
