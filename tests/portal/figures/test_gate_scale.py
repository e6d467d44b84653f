from dataclasses import replace

import pytest

from models.gate import Reading
from portal.figures.gate_scale import gate_scales
from tests.fakes import fake_gate

GATE = fake_gate("ultrasound", coloured=(0.0, 0.05))
PASSES = Reading(finding=None, distance=0.5, profile="image", coloured=0.0, side=224)


def test_an_image_within_the_limit_stands_left_of_it() -> None:
    (scale,) = gate_scales(GATE, PASSES)
    assert (scale.value.x, scale.limit.x) == ("16.7%", "33.3%")
    assert scale.passing == scale.limit.x
    assert (scale.band, scale.banded) == ("1.3%", "24.0%")
    assert not scale.beyond
    assert "0.50, within the limit of 1.00" in scale.alt


@pytest.mark.parametrize(
    ("distance", "beyond"), [(1.0, False), (3.0, False), (3.01, True), (80.0, True)]
)
def test_an_image_beyond_the_limit_never_leaves_the_drawing(distance: float, beyond: bool) -> None:
    (scale,) = gate_scales(GATE, replace(PASSES, finding="unlike", distance=distance))
    assert float(scale.value.x.rstrip("%")) <= 100.0
    assert scale.beyond == beyond
    assert f"{distance:.2f}, farther than the limit" in scale.alt


def test_colour_is_drawn_where_colour_is_the_reason() -> None:
    reading = replace(PASSES, finding="coloured", coloured=0.63)
    colour, _distance = gate_scales(GATE, reading)
    assert colour.title == "Share of the image that has colour"
    assert (colour.value.x, colour.limit.x) == ("63.0%", "5.0%")
    assert "63\u00a0%, above the limit of 5\u00a0%" in colour.alt


def test_a_lack_of_colour_has_its_limit_on_the_left() -> None:
    gate = replace(GATE, coloured=(0.4, 1.0))
    colour, _distance = gate_scales(gate, replace(PASSES, finding="colourless", coloured=0.1))
    assert (colour.passes, colour.passing) == ("40.0%", "60.0%")
    assert "below the limit of 40" in colour.alt


def test_a_share_of_colour_is_not_written_as_the_limit_that_it_misses() -> None:
    colour, _ = gate_scales(GATE, replace(PASSES, finding="coloured", coloured=0.0503))
    assert (colour.value.text, colour.limit.text) == ("5.03\u00a0%", "5.00\u00a0%")
    assert "5.03\u00a0%, above the limit of 5.00\u00a0%" in colour.alt
    gate = replace(GATE, coloured=(0.4, 1.0))
    colour, _ = gate_scales(gate, replace(PASSES, finding="colourless", coloured=0.396))
    assert "39.6\u00a0%, below the limit of 40.0\u00a0%" in colour.alt
