"""The closed form is compared with automatic gradients in tests/pipelines/test_explanation.py."""

from pathlib import Path

import numpy as np
import pytest

from models.catalogue import model_keys
from models.checkpoint import MissingCheckpoint
from models.explanation import Explainer
from models.field_grid import FieldGrid, Fields
from models.head import Dense, Head


def explainer(*kernel: float) -> Explainer:
    """One linear unit on features of 2 x 3 fields in an image of 4 x 6 pixels."""
    head = Dense(kernel=np.array(kernel)[:, None], bias=np.zeros(1), rectified=False)
    rows = Fields(count=2, side=4, first=0.5, step=2)
    columns = Fields(count=3, side=6, first=0.5, step=2)
    return Explainer(head=Head(layers=(head,)), grid=FieldGrid(rows=rows, columns=columns))


def features(*rows: list[list[float]]) -> np.ndarray:
    return np.array(rows, np.float32)


FIRST = [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
SECOND = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.5]]


def test_what_speaks_for_one_label_does_not_for_the_other() -> None:
    found = explainer(2.0, -2.0)
    both = features(FIRST, SECOND)
    assert found.evidence(both).tolist() == [[2, 0, 0], [0, 0, -1]]
    for positive, place, dark in ((True, (0, 0), (3, 5)), (False, (2, 4), (0, 0))):
        heat = found.heat_map(both, positive=positive)
        assert heat.strongest == place
        assert heat.pixels.shape == (4, 6)
        assert (heat.pixels.max(), heat.pixels[dark]) == (1.0, 0.0)
        assert heat.fields == (2, 3)
        assert not heat.silent


def test_a_map_is_empty_where_nothing_spoke_for_the_label() -> None:
    heat = explainer(2.0, 2.0).heat_map(features(FIRST, SECOND), positive=False)
    assert heat.silent
    assert heat.strongest is None
    assert not heat.pixels.any()


def test_the_mean_of_the_evidence_is_the_logit_of_a_linear_head() -> None:
    found = explainer(2.0, -3.0)
    both = features(FIRST, SECOND)
    logit = found.evidence(both).mean()
    assert found.probability(both) == pytest.approx(1 / (1 + np.exp(-logit)))


def test_features_of_another_network_are_refused() -> None:
    with pytest.raises(ValueError, match=r"features of \(1, 2, 3\), received \(2, 2, 3\)"):
        explainer(1.0).heat_map(features(FIRST, SECOND), positive=True)


def test_it_is_read_from_a_checkpoint(installed: Path, tmp_path: Path) -> None:
    found = Explainer.read(installed / model_keys()[0].checkpoint)
    assert (found.head.channels, found.grid.shape) == (4, (28, 28))
    with pytest.raises(MissingCheckpoint):
        Explainer.read(tmp_path / "absent.h5")
