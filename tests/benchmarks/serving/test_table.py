from markdown_it import MarkdownIt

from benchmarks.serving.table import Table, left_out

TABLE = Table(
    title="Times",
    heads=("asked", "p50, ms"),
    rows=(("this portal", "21.5"), *left_out([("Gradio", ("gradio",))], 2)),
    note="On one machine.",
)


def test_it_is_markdown() -> None:
    html = MarkdownIt("commonmark").enable("table").render(str(TABLE))
    assert "<h2>Times</h2>" in html
    assert html.count("<tr>") == 3
    assert "<p>On one machine.</p>" in html


def test_its_columns_are_straight_on_a_terminal() -> None:
    lines = [line for line in str(TABLE).splitlines() if line.startswith("|")]
    assert len(lines) == 4
    assert len({tuple(i for i, c in enumerate(line) if c == "|") for line in lines}) == 1


def test_what_is_not_installed_is_said_in_its_row() -> None:
    assert left_out([("Gradio", ("gradio", "tensorflow"))], 4) == [
        ("Gradio", "left out: no gradio, tensorflow", "", "")
    ]
