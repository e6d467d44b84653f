from pathlib import Path

import numpy as np
import pytest

from models.checkpoint import read_card
from models.layers import read_layers
from models.precision import LOWER
from pipelines.precisions import measure, outcome
from pipelines.quantisation import answers
from tests.networks import KEY, SmallNetwork, images

NETWORK = SmallNetwork.made()
TRAINING, HELD_OUT = images(6), images(9, first=50)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return NETWORK.write(tmp_path_factory.mktemp("checkpoints"))


def test_a_record_tells_how_far_held_out_answers_move(checkpoint: Path) -> None:
    record = measure(checkpoint, TRAINING, HELD_OUT[:4], HELD_OUT)
    card, layers = read_card(checkpoint), read_layers(checkpoint)
    assert record.fingerprint == card.fingerprint
    exact = answers(layers, "f32", HELD_OUT)
    for precision in LOWER:
        moved = answers(layers, precision, HELD_OUT, record.quantisation)
        moves = record.moves[precision]
        assert moves.images == len(HELD_OUT)
        assert moves.largest == pytest.approx(np.abs(moved - exact).max(), rel=1e-4, abs=1e-7)
        sides = [found >= card.threshold.value for found in (exact, moved)]
        assert moves.changed == int(np.sum(sides[0] != sides[1]))
    assert record.moves["int8"].largest > 0


def test_it_is_told_in_a_line(checkpoint: Path) -> None:
    told = outcome(KEY, measure(checkpoint, TRAINING, HELD_OUT[:4], HELD_OUT))
    assert told.startswith(f"{KEY.slug}: bf16 moves by at most 0.0")
    assert "of 9 decisions: " in told
