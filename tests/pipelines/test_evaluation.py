import csv
import datetime as dt
from pathlib import Path

import keras
import numpy as np
import pytest

from models import checkpoint
from models.card import METRICS, Estimate, ModelCard
from pipelines.data_module import DataModule
from pipelines.evaluation import _limitations, init_name
from pipelines.evaluator import Evaluator
from pipelines.sparsity import prunable, rounded, zero_share
from tests.pipelines.conftest import Run
from tests.pipelines.small import config


@pytest.fixture(scope="module")
def card(initial_run: Run) -> ModelCard:
    return checkpoint.read_card(initial_run.folder / "model.h5")


@pytest.fixture(scope="module")
def model(initial_run: Run) -> keras.Model:
    """The network as the portal would open it."""
    return checkpoint.open_model(initial_run.folder / "model.h5")


@pytest.fixture(scope="module")
def data(initial_run: Run) -> DataModule:
    return DataModule(initial_run.config, initial_run.work)


def predictions(run: Run) -> list[dict[str, str]]:
    with (run.folder / "predictions.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_card_tells_which_model_it_is(card: ModelCard, initial_run: Run) -> None:
    chosen = initial_run.config
    assert card.key == chosen.key
    assert card.labels == chosen.key.modality.labels
    assert dt.date.fromisoformat(card.created).year >= 2025
    assert {"python", "keras", "numpy", "keras backend"} <= card.versions.keys()


def test_the_card_s_fingerprint_is_that_of_the_file(card: ModelCard, model: keras.Model) -> None:
    assert checkpoint.weights_fingerprint(model.get_weights()) == card.fingerprint


def test_the_file_answers_as_the_network_that_was_judged(
    model: keras.Model, data: DataModule, initial_run: Run
) -> None:
    rows = predictions(initial_run)
    for part in ("validation", "test"):
        found = Evaluator.probabilities(model, data.evaluation(part))
        judged = [float(row["probability"]) for row in rows if row["part"] == part]
        assert found == pytest.approx(judged, abs=1.5e-5)


def test_every_judged_image_has_its_row(data: DataModule, initial_run: Run) -> None:
    rows = predictions(initial_run)
    for part in ("validation", "test"):
        mine = [row for row in rows if row["part"] == part]
        assert [row["image"] for row in mine] == list(data.names(part))
        assert [row["group"] for row in mine] == data.groups(part).tolist()
        assert [int(row["label"]) for row in mine] == data.labels(part).tolist()
    assert {row["part"] for row in rows} == {"validation", "test"}


def test_the_card_s_numbers_follow_from_the_predictions(card: ModelCard, initial_run: Run) -> None:
    rows = predictions(initial_run)
    by_part = {
        part: np.array(
            [(int(r["label"]), float(r["probability"])) for r in rows if r["part"] == part]
        )
        for part in ("validation", "test")
    }
    value, f1 = best_f1(by_part["validation"])
    called = by_part["validation"][:, 1] >= card.threshold.value
    hits = np.sum(called & (by_part["validation"][:, 0] == 1))
    assert card.threshold.validation_f1 == pytest.approx(f1, abs=1e-3)
    assert 2 * hits / (called.sum() + by_part["validation"][:, 0].sum()) == pytest.approx(f1)
    assert 0 < value < 1
    positive, called = by_part["test"][:, 0] == 1, by_part["test"][:, 1] >= card.threshold.value
    assert card.confusion.true_positive == np.sum(positive & called)
    assert card.confusion.false_positive == np.sum(~positive & called)
    assert card.metrics["test"]["accuracy"].value == pytest.approx(
        np.mean(positive == called), abs=1e-4
    )


def best_f1(pairs: np.ndarray) -> tuple[float, float]:
    """The first best threshold of a hundred and its F1, counted out."""
    positive = pairs[:, 0] == 1
    scores = {}
    for percent in range(1, 100):
        called = pairs[:, 1] >= percent / 100
        scores[percent / 100] = 2 * np.sum(called & positive) / (called.sum() + positive.sum())
    best = max(scores, key=lambda cut: scores[cut])
    return best, float(scores[best])


def test_the_network_is_rounded_and_keeps_its_zeros(
    card: ModelCard, model: keras.Model, initial_run: Run
) -> None:
    chosen = initial_run.config
    assert zero_share(model) == pytest.approx(chosen.sparsity, abs=1e-3)
    assert card.training.sparsity == round(zero_share(model), 4)
    for kernel in prunable(model):
        values = keras.ops.convert_to_numpy(kernel)
        normal = np.abs(values) > 1e-4  # smaller ones have fewer bits in float16
        np.testing.assert_array_equal(rounded(values, chosen.mantissa_bits)[normal], values[normal])


def test_the_card_tells_how_the_weights_came_about(card: ModelCard, initial_run: Run) -> None:
    training = card.training
    assert training.init == "random"
    assert training.config == initial_run.config.to_dict()
    assert training.config_fingerprint == initial_run.config.fingerprint
    assert training.epochs == len(training.history["val_auc"]) == 2
    assert training.stages == {"all layers": 1}
    assert training.seconds > 0


def test_the_card_counts_every_weight(card: ModelCard, model: keras.Model) -> None:
    assert card.training.parameters == model.count_params()


def test_the_card_describes_the_data(card: ModelCard, data: DataModule) -> None:
    assert card.data == data.summary()
    assert sum(map(sum, card.data.counts.values())) == len(data.split)


def test_both_parts_have_every_metric(card: ModelCard) -> None:
    for part in ("validation", "test"):
        assert set(card.metrics[part]) == set(METRICS)


def test_figures_and_result_are_told_and_drawn(card: ModelCard, initial_run: Run) -> None:
    figures = sorted(path.name for path in (initial_run.folder / "figures").iterdir())
    assert figures == ["confusion_matrix.svg", "learning_curves.svg", "roc.svg"]
    assert f"{card.model}: test F1 {card.metrics['test']['f1'].value:.3f}" in initial_run.told
    assert f"Next: python -m pipelines publish {card.model}" in initial_run.told


@pytest.mark.parametrize(("f1", "first"), [(0.699, "F1 on the test images is 0.70"), (0.7, "With")])
def test_what_falls_short_of_the_requirement_says_so_first(
    f1: float, first: str, data: DataModule
) -> None:
    found = _limitations(data, {"f1": Estimate(value=f1, low=f1, high=f1)})
    assert found[0].startswith(first)
    assert any("not calibrated" in sentence for sentence in found)


def test_a_first_file_is_named_with_its_checksum(tmp_path: Path) -> None:
    path = tmp_path / "ultrasound" / "first.h5"
    path.parent.mkdir()
    path.write_bytes(b"weights")
    name = f"ultrasound/first.h5, SHA-256 {checkpoint.file_sha256(path)[:16]}"
    assert init_name(config(init=str(path))) == name
    assert init_name(config(init="imagenet")) == "imagenet"
