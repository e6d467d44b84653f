import base64
import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from pipelines.contact_sheet import contact_sheet
from pipelines.display import COLOURS, Picture, Table


@pytest.fixture
def figure() -> Figure:
    figure = Figure(figsize=(3, 2))
    figure.subplots().plot([0, 1], [1, 0])
    return figure


def test_a_picture_is_a_png_with_its_words(figure: Figure) -> None:
    forms, metadata = Picture(figure, "A falling line.")._repr_mimebundle_(include=None)
    assert forms["text/plain"] == "A falling line."
    assert metadata == {"image/png": {"alt": "A falling line."}}
    image = Image.open(io.BytesIO(base64.b64decode(forms["image/png"])))
    assert (image.format, image.size) == ("PNG", (300, 200))


def test_a_picture_has_few_colours_and_a_white_ground(figure: Figure) -> None:
    image = Image.open(io.BytesIO(Picture(figure, "A falling line.").png())).convert("RGB")
    assert len(image.getcolors()) <= COLOURS
    assert min(image.getpixel((0, 0))) >= 254


def test_a_table_is_markdown_and_readable_as_it_is() -> None:
    text = "| a |\n| --- |\n| 1 |"
    assert Table(text)._repr_mimebundle_() == {"text/markdown": text, "text/plain": text}


def test_a_contact_sheet_has_rows_and_columns() -> None:
    dark, bright = np.zeros((8, 8, 3)), np.full((4, 6, 3), 300.0)
    figure = contact_sheet({"before": [dark, bright], "after": [bright, dark]}, ["one", "two"])
    axes = figure.axes
    assert [item.get_title() for item in axes] == ["one", "two", "", ""]
    assert [item.get_ylabel() for item in axes] == ["before", "", "after", ""]
    shown = axes[1].images[0].get_array()
    assert (shown.dtype, int(shown.max())) == (np.uint8, 255)


@pytest.mark.parametrize("count", [1, 3])
def test_a_contact_sheet_needs_a_caption_for_every_column(count: int) -> None:
    with pytest.raises(ValueError, match="zip"):
        contact_sheet({"before": [np.zeros((8, 8, 3))] * count}, ["one", "two"])
