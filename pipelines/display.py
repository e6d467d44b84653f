"""What a notebook shows: figures with their words, and tables."""

import base64
import io
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

RESOLUTION = 100  # pixels per inch
COLOURS = 128  # a palette makes the file a third as large, and hardly anybody sees it


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure and the words for those who do not see it."""

    figure: Figure
    words: str

    def png(self) -> bytes:
        """The figure as a PNG of few colours."""
        drawn, reduced = io.BytesIO(), io.BytesIO()
        self.figure.savefig(drawn, format="png", dpi=RESOLUTION, facecolor="white")
        image = Image.open(drawn).convert("RGB")
        few = image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(reduced, format="png", optimize=True)
        return reduced.getvalue()

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """The forms Jupyter chooses from, and their metadata."""
        encoded = base64.b64encode(self.png()).decode("ascii")
        forms = {"image/png": encoded, "text/plain": self.words}
        return forms, {"image/png": {"alt": self.words}}


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or any other text, in Markdown."""

    markdown: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """The forms Jupyter chooses from."""
        return {"text/markdown": self.markdown, "text/plain": self.markdown}
