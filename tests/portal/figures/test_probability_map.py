from dataclasses import replace

import pytest

from models.catalogue import model_keys
from models.imaging import decode
from portal.figures.probability_map import probability_map
from portal.grid import Grid
from portal.sweep import Sweep, Tile
from tests.fakes import encoded, fake_card, film, with_own_numbers

KEY = next(key for key in model_keys() if key.modality.region)
CARD = fake_card(KEY, threshold=0.4)
SPEC = KEY.modality.region
assert SPEC is not None


def sweep(*probabilities: float) -> Sweep:
    """A map of the first squares of a film."""
    grid = Grid.of(decode(encoded(film())), SPEC)
    tiles = tuple(
        Tile(region=region, probability=probability)
        for region, probability in zip(grid.regions, probabilities, strict=False)
    )
    unlike = len(grid.regions) - len(tiles)
    return Sweep(card=CARD, spec=SPEC, grid=grid, tiles=tiles, unlike=unlike, picture="data:,")


def test_hues_meet_at_the_threshold() -> None:
    cells = probability_map(sweep(0.0, 0.2, 0.399, 0.4, 0.7, 1.0)).cells
    assert [cell.side for cell in cells] == ["below"] * 3 + ["above"] * 3
    assert [cell.opacity for cell in cells] == [0.8, 0.55, 0.301, 0.3, 0.55, 0.8]


def test_the_scale_runs_from_0_to_1_and_marks_the_threshold() -> None:
    drawn = probability_map(sweep(0.5))
    assert [piece.side for piece in drawn.slices].index("above") == 16
    assert (drawn.slices[0].x, drawn.slices[-1].x) == ("0.00%", "97.50%")
    assert (drawn.threshold.x, drawn.threshold.text) == ("40.0%", "0.40")


def test_words_say_what_is_seen() -> None:
    alt = probability_map(sweep(0.1, 0.93, 0.4)).alt
    assert "2 of 3 squares reach the threshold 0.40; the highest, 0.93, is the square of" in alt
    assert "1 of 1 square reaches the threshold 0.40; the" in probability_map(sweep(0.5)).alt


def test_a_sweep_counts_and_expects() -> None:
    found = sweep(0.1, 0.93, 0.4, 0.93)
    assert found.reaching == 3
    assert found.highest is found.tiles[1]
    assert found.false_share.value == pytest.approx(0.10)
    assert found.false_alarms == (0, 0, 1)  # of 4 at 10 %, 4 to 19


def test_a_sweep_has_all_squares_of_its_grid() -> None:
    with pytest.raises(ValueError, match="left out"):
        Sweep(card=CARD, spec=SPEC, grid=sweep(0.5).grid, tiles=(), unlike=1, picture="data:,")


def test_a_sweep_says_what_it_means() -> None:
    found = sweep(0.5, 0.1)
    about, least, most = found.false_alarms
    assert SPEC.name in found.meaning
    assert f"If none of these 2 squares showed anything, about {about} ({least} to {most})" in (
        found.meaning
    )
    assert sweep(0.5).meaning.endswith(
        "If this one square showed nothing, it might reach the threshold all the same."
    )


def test_a_sweep_says_where_its_ranges_rest_on_too_few_groups() -> None:
    found = sweep(0.5, 0.1)
    assert found.meaning.endswith("reach the threshold all the same.")
    few = replace(CARD, data=replace(CARD.data, groups={"test": 2}))
    said = "Both ranges rest on 2 patients only, and are likely too narrow."
    assert replace(found, card=few).meaning == f"{found.meaning} {said}"
    assert replace(sweep(0.5), card=few).meaning.endswith(
        "The interval rests on 2 patients only, and is likely too narrow."
    )


def test_false_alarms_are_those_of_negative_test_images() -> None:
    card = with_own_numbers(CARD)
    alarms = replace(sweep(0.5), card=card).false_share
    assert alarms.value == pytest.approx(1 - card.metrics["test"]["specificity"].value)
