"""NotebookReader: a notebook file -> cells that a page can show without running anything."""

import json
import logging
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from markupsafe import Markup

from models.specs import ModalitySpec
from portal import markdown
from portal.errors import Banner, NotebookUnreadable
from portal.linked_documents import LinkedDocuments

_log = logging.getLogger(__name__)
_MARKDOWN = markdown.parser(renderer=LinkedDocuments)
_TERMINAL_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One output of a code cell."""

    kind: Literal["text", "markdown", "image", "error"]
    text: str = ""  # of a text or an error; an image's alternative text
    html: Markup = Markup()  # of markdown
    source: str = ""  # of an image: a data: address


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: markdown as safe HTML, or code with what it printed."""

    kind: Literal["markdown", "code"]
    html: Markup = Markup()
    source: str = ""
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NotebookPage:
    """What ``notebook.html`` shows; its fields are the template's names."""

    modality: ModalitySpec
    cells: tuple[Cell, ...] = ()
    banner: Banner | None = None


class NotebookReader:
    """Reads the notebooks of a folder. HTML in a notebook is shown as text, never as HTML."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def page(self, modality: ModalitySpec) -> NotebookPage:
        """The page of a modality's notebook; it says so when there is none to read."""
        try:
            return NotebookPage(modality=modality, cells=self.read(modality.key))
        except NotebookUnreadable as refusal:
            return NotebookPage(modality=modality, banner=Banner.of(refusal))

    def read(self, name: str) -> tuple[Cell, ...]:
        """The cells of ``<name>.ipynb``.

        Raises:
            NotebookUnreadable: there is no such file, or it holds no notebook.
        """
        path = self._folder / f"{name}.ipynb"
        if not path.is_file():
            raise NotebookUnreadable(expected=f"the notebook {path.name}", received="no such file")
        try:
            return tuple(_cells(json.loads(path.read_text("utf-8"))))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            _log.exception("the notebook %s could not be read", path.name)
            raise NotebookUnreadable(
                expected=f"a notebook in {path.name}", received="something else"
            ) from error


def _cells(notebook: Mapping[str, Any]) -> Iterable[Cell]:
    for number, cell in enumerate(notebook["cells"]):
        source = _joined(cell["source"])
        if cell["cell_type"] == "markdown":
            html = markdown.html(source, title_apart=number == 0, reader=_MARKDOWN)
            yield Cell(kind="markdown", html=html, source=source)
        elif cell["cell_type"] == "code" and source.strip():
            outputs = tuple(_outputs(cell.get("outputs", ())))
            yield Cell(kind="code", source=source, outputs=outputs)


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _outputs(raw: Iterable[Mapping[str, Any]]) -> Iterable[Output]:
    for output in raw:
        kind = output["output_type"]
        if kind == "stream":
            yield Output(kind="text", text=_plain(_joined(output["text"])))
        elif kind == "error":
            yield Output(kind="error", text=_plain("\n".join(output["traceback"])))
        elif "data" in output:
            yield from _display(output["data"])


def _display(data: Mapping[str, Any]) -> Iterable[Output]:
    """The richest form that is safe: PNG, SVG (both as images), Markdown, text."""
    text = _joined(data.get("text/plain", ""))
    if "image/png" in data:
        encoded = "".join(_joined(data["image/png"]).split())
        yield Output(kind="image", text=text, source=f"data:image/png;base64,{encoded}")
    elif "image/svg+xml" in data:
        encoded = b64encode(_joined(data["image/svg+xml"]).encode()).decode("ascii")
        yield Output(kind="image", text=text, source=f"data:image/svg+xml;base64,{encoded}")
    elif "text/markdown" in data:
        html = markdown.html(_joined(data["text/markdown"]), reader=_MARKDOWN)
        yield Output(kind="markdown", text=text, html=html)
    elif text:
        yield Output(kind="text", text=text)


def _plain(text: str) -> str:
    return _TERMINAL_COLOUR.sub("", text)
