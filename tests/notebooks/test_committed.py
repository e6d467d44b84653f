"""The notebooks as they are committed: whole, clean, and of today."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from models.catalogue import MODALITIES, model_keys
from models.checkpoint import read_card
from pipelines.command_line import parse
from pipelines.report import overview

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

Cell = dict[str, Any]


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def code_cells(path: Path) -> list[Cell]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def outputs(path: Path) -> Iterator[Cell]:
    for cell in code_cells(path):
        yield from cell.outputs


def cell_with(path: Path, text: str) -> Cell:
    (found,) = (cell for cell in code_cells(path) if text in cell.source)
    return found


def texts(path: Path) -> Iterator[str]:
    """All that is written in a notebook: sources, and outputs but for the pictures' bytes."""
    yield from (cell.source for cell in read(path).cells)
    for output in outputs(path):
        yield output.get("text", "")
        data = output.get("data", {})
        yield from (value for kind, value in data.items() if kind.startswith("text/"))


def test_every_notebook_is_of_a_modality() -> None:
    assert NOTEBOOKS
    assert {path.stem for path in NOTEBOOKS} <= set(MODALITIES)


@each_notebook
def test_it_is_a_valid_notebook(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nbformat.validate(read(path))


@each_notebook
def test_it_ran_from_top_to_bottom(path: Path) -> None:
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_nothing_failed_and_nothing_warned(path: Path) -> None:
    for output in outputs(path):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"


@each_notebook
def test_the_metrics_are_there(path: Path) -> None:
    output = cell_with(path, "metrics_table(").outputs[-1]
    for metric in ("Recall", "Specificity", "F1", "ROC AUC"):
        assert f"| {metric} |" in output.data["text/markdown"]


@each_notebook
def test_every_picture_has_words(path: Path) -> None:
    pictures = [output for output in outputs(path) if "image/png" in output.get("data", {})]
    assert len(pictures) >= 6
    for picture in pictures:
        assert picture.data["text/plain"].endswith(".")
        assert picture.metadata["image/png"]["alt"] == picture.data["text/plain"]


@each_notebook
def test_nothing_tells_of_the_machine(path: Path) -> None:
    assert read(path).metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert all(cell.metadata == {} for cell in read(path).cells)
    folders = re.compile(r"(?<![\w.])/(home|root|tmp|var|opt|usr|mnt|work|Users)/|[A-Z]:\\")
    for text in texts(path):
        assert not folders.search(text)


@each_notebook
def test_it_is_small(path: Path) -> None:
    assert path.stat().st_size < 400_000


@each_notebook
def test_its_commands_exist(path: Path) -> None:
    lines = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    commands = re.findall(r"^python -m pipelines (.+)$", lines, re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        assert callable(parse(command.split()).command)


@each_notebook
def test_its_published_metrics_are_those_of_the_cards(path: Path) -> None:
    """After a model is published the notebooks run again: `make notebooks`."""
    (output,) = cell_with(path, "overview(").outputs
    files = {key: ROOT / "models" / "checkpoints" / key.checkpoint for key in model_keys()}
    cards = {key: read_card(file) for key, file in files.items() if file.is_file()}
    expected = overview(MODALITIES[path.stem], cards)
    assert output.data["text/markdown"] == expected
