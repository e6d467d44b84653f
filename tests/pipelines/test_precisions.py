from pathlib import Path

import numpy as np
import pytest

from models.checkpoint import read_card
from models.layers import read_layers
from models.precision import LOWER
from pipelines.precisions import answers, calibrate, measure, outcome
from tests.networks import KEY, SmallNetwork, images

NETWORK = SmallNetwork.made()
TRAINING, HELD_OUT = images(6), images(9, first=50)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return NETWORK.write(tmp_path_factory.mktemp("checkpoints"))


def test_the_ranges_are_those_of_the_training_images(checkpoint: Path) -> None:
    ranges = calibrate(read_layers(checkpoint), TRAINING).ranges
    read = [NETWORK.read_by(image) for image in TRAINING]
    for index, name in enumerate(("c1", "c2")):
        assert ranges[name][0] == 0.0
        assert ranges[name][1] == pytest.approx(max(one[index].max() for one in read), rel=1e-4)


def test_the_shift_gives_the_training_images_their_mean_logit_back(checkpoint: Path) -> None:
    layers = read_layers(checkpoint)
    quantisation = calibrate(layers, TRAINING)
    logits = [
        np.log(found / (1 - found))
        for found in (
            answers(layers, "f32", TRAINING),
            answers(layers, "int8", TRAINING, quantisation),
        )
    ]
    assert logits[1].mean() == pytest.approx(logits[0].mean(), abs=1e-4)


def test_a_record_tells_how_far_held_out_answers_move(checkpoint: Path) -> None:
    record = measure(checkpoint, TRAINING, HELD_OUT)
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
    told = outcome(KEY, measure(checkpoint, TRAINING, HELD_OUT))
    assert told.startswith(f"{KEY.slug}: bf16 moves by at most 0.0")
    assert "of 9 decisions: " in told
