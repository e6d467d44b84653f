import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.metrics import f1_score

from models import checkpoint, prediction_table
from models.card import ModelCard
from models.files import file_sha256
from models.prediction_table import Predictions
from pipelines.batches import EvaluationBatches
from pipelines.data_module import CHOICE, DataModule
from pipelines.errors import InitUnavailable
from pipelines.evaluation import evaluate_run, init_name
from pipelines.evaluator import Evaluator, Judgement
from pipelines.sparsity import prunable, rounded, zero_share
from tests.pipelines.conftest import Run
from tests.pipelines.judged import CONFIG, Judged, judged, network, trained
from tests.pipelines.small import config


@pytest.fixture(scope="module")
def run(prepared: Run, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judged(tmp_path_factory.mktemp("run"), prepared.work)


@pytest.fixture(scope="module")
def card(run: Judged) -> ModelCard:
    return checkpoint.read_card(run.folder / "model.h5")


@pytest.fixture(scope="module")
def model(run: Judged) -> keras.Model:
    """The network as the portal would open it."""
    return checkpoint.open_model(run.folder / "model.h5")


@pytest.fixture(scope="module")
def told(run: Judged) -> Mapping[str, Predictions]:
    return prediction_table.read(run.folder / "predictions.csv")


class Watched(DataModule):
    """Notes which parts are opened; at ``breaks`` the power fails."""

    def watch(self, breaks: str = "") -> "Watched":
        self.opened: list[str] = []
        self.breaks = breaks
        return self

    def evaluation(self, part: str, pixels: int = 224) -> EvaluationBatches:
        self.opened.append(part)
        if part == self.breaks:
            raise KeyboardInterrupt
        return super().evaluation(part, pixels)


def test_the_card_tells_which_model_it_is(card: ModelCard, run: Judged) -> None:
    assert card == run.card
    assert card.key == CONFIG.key
    assert card.labels == CONFIG.key.modality.labels
    assert dt.date.fromisoformat(card.created).year >= 2025
    assert {"python", "keras", "numpy", "keras backend"} <= card.versions.keys()


def test_the_card_s_fingerprint_is_that_of_the_file(card: ModelCard, model: keras.Model) -> None:
    assert checkpoint.fingerprint(model) == card.fingerprint


def test_the_file_answers_as_the_network_that_was_judged(
    model: keras.Model, run: Judged, told: Mapping[str, Predictions]
) -> None:
    for part, found in told.items():
        answers = Evaluator.probabilities(model, run.data.evaluation(part))
        assert found.probabilities == pytest.approx(answers, abs=1e-6)
        assert np.ptp(answers) > 0.1


def test_every_judged_image_has_its_row(run: Judged, told: Mapping[str, Predictions]) -> None:
    for part, found in told.items():
        assert found.names == run.data.names(part)
        assert found.groups.tolist() == run.data.groups(part).tolist()
        assert found.labels.tolist() == run.data.labels(part).tolist()


def test_the_card_s_numbers_follow_from_the_predictions(
    card: ModelCard, told: Mapping[str, Predictions]
) -> None:
    evaluator = Evaluator(CONFIG.seed)
    choices = evaluator.choose(told["validation"])
    found = evaluator.judge(choices, told["validation"], told["test"])
    written = {item.name: getattr(card, item.name, None) for item in dataclasses.fields(Judgement)}
    written["dense_f1"] = card.training.dense_f1
    assert {name: getattr(found, name) for name in written} == written


def test_the_network_before_compaction_is_judged_beside_it(
    card: ModelCard, run: Judged, told: Mapping[str, Predictions]
) -> None:
    dense = network()
    dense.set_weights(run.dense)
    for part, found in told.items():
        answers = Evaluator.probabilities(dense, run.data.evaluation(part))
        assert found.dense == pytest.approx(answers, abs=1e-6)
        assert found.dense != pytest.approx(found.probabilities, abs=1e-3)
    validation, test = told["validation"], told["test"]
    cut = Evaluator.threshold(validation.labels, validation.dense).value
    expected = f1_score(test.labels, test.dense >= cut)
    assert card.training.dense_f1 == pytest.approx(expected, abs=1e-4)


def test_without_compaction_there_is_nothing_to_set_beside_it(
    prepared: Run, tmp_path: Path
) -> None:
    found = judged(tmp_path, prepared.work, dense=False)
    assert found.card.training.dense_f1 is None
    assert prediction_table.read(tmp_path / "predictions.csv")["test"].dense is None


def test_test_images_are_opened_once_after_all_others(prepared: Run, tmp_path: Path) -> None:
    data = Watched(CONFIG, prepared.work).watch()
    made = trained(tmp_path, data)
    data.watch()
    evaluate_run(CONFIG, data, made, tmp_path)
    assert data.opened == [CHOICE, "test"]


def test_an_evaluation_that_was_broken_off_leaves_no_model(prepared: Run, tmp_path: Path) -> None:
    data = Watched(CONFIG, prepared.work).watch()
    (tmp_path / "model.h5").write_bytes(b"an older one")
    made = trained(tmp_path, data)
    with pytest.raises(KeyboardInterrupt):
        evaluate_run(CONFIG, data.watch(breaks="test"), made, tmp_path)
    assert not (tmp_path / "model.h5").exists()
    evaluate_run(CONFIG, data.watch(), made, tmp_path)
    assert checkpoint.read_card(tmp_path / "model.h5").key == CONFIG.key
    assert {path.name for path in tmp_path.iterdir()} == {
        "figures",
        "history.json",
        "model.h5",
        "predictions.csv",
    }


def test_the_network_is_rounded_and_keeps_its_zeros(card: ModelCard, model: keras.Model) -> None:
    assert zero_share(model) == pytest.approx(0.5, abs=0.02)
    assert card.training.sparsity == round(zero_share(model), 4)
    for kernel in prunable(model):
        values = keras.ops.convert_to_numpy(kernel)
        normal = np.abs(values) > 1e-4  # smaller ones have fewer bits in float16
        np.testing.assert_array_equal(rounded(values, CONFIG.mantissa_bits)[normal], values[normal])


def test_the_card_tells_how_the_weights_came_about(card: ModelCard) -> None:
    training = card.training
    assert training.init == "random"
    assert training.config == CONFIG.to_dict()
    assert training.config_fingerprint == CONFIG.fingerprint
    assert training.epochs == len(training.history["val_auc"]) == 2
    assert training.stages == {"all layers": 1}
    assert training.seconds == 3.0


def test_the_card_counts_every_weight(card: ModelCard) -> None:
    assert card.training.parameters == 8 * 8 * 3 * 64 + 64 + 64 + 1


def test_the_card_describes_the_data(card: ModelCard, run: Judged) -> None:
    assert card.data == run.data.summary()
    assert sum(map(sum, card.data.counts.values())) == len(run.data.split)


def test_limits_and_figures_are_there(card: ModelCard, run: Judged) -> None:
    assert any("calibrated probability was fitted on" in each for each in card.limitations)
    assert (run.folder / "figures" / "roc.svg").is_file()


def test_the_command_tells_what_came_out(initial_run: Run) -> None:
    card = checkpoint.read_card(initial_run.folder / "model.h5")
    assert f"{card.model}: test F1 {card.metrics['test']['f1'].value:.3f}" in initial_run.told
    assert f"Next: python -m pipelines publish {card.model}" in initial_run.told


def test_a_first_file_is_named_with_its_checksum(tmp_path: Path) -> None:
    path = tmp_path / "ultrasound" / "first.h5"
    path.parent.mkdir()
    path.write_bytes(b"weights")
    name = f"ultrasound/first.h5, SHA-256 {file_sha256(path)[:16]}"
    assert init_name(config(init=str(path))) == name
    assert init_name(config(init="imagenet")) == "imagenet"


def test_a_first_file_that_is_elsewhere_by_now_says_how_to_go_on() -> None:
    with pytest.raises(InitUnavailable, match=r"run the command that began the run again with"):
        init_name(config(init="nowhere/first.h5"))
