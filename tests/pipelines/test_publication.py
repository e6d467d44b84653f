import hashlib
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import h5py
import pytest

from models import checkpoint, prediction_table
from models.catalogue import model_keys
from models.prediction_table import InvalidPredictions
from pipelines import splitting
from pipelines.data_module import DataModule
from pipelines.errors import NotEvaluated
from pipelines.first_weights import SPLITS
from pipelines.publication import is_published, of_other_splits, predictions_path, publish
from pipelines.turn import turn_in
from tests.fakes import write_checkpoints
from tests.pipelines.conftest import Run
from tests.pipelines.judged import CONFIG, Judged, judged, trained

KEY = CONFIG.key


@pytest.fixture(scope="module")
def run(prepared: Run, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judged(tmp_path_factory.mktemp("run"), prepared.work)


@pytest.fixture
def checkpoints(run: Judged, tmp_path: Path) -> Path:
    """A folder with one older checkpoint, to which a new one is published."""
    other = next(key for key in model_keys() if key != KEY)
    folder = write_checkpoints(tmp_path / "models" / "checkpoints", [other])
    publish(KEY, run.data, run.folder, folder)
    return folder


@pytest.fixture
def copy(run: Judged, tmp_path: Path) -> Path:
    """The folder of the run, to be changed."""
    return shutil.copytree(run.folder, tmp_path / "copy")


def test_the_model_lies_where_the_portal_finds_it(checkpoints: Path, run: Judged) -> None:
    path = checkpoint.verify(checkpoints, KEY.checkpoint, checkpoint.read_sums(checkpoints))
    assert path.read_bytes() == (run.folder / "model.h5").read_bytes()
    assert checkpoint.read_card(path).key == KEY


def test_its_predictions_lie_beside_it(checkpoints: Path, run: Judged) -> None:
    path = checkpoints.parent / "predictions" / KEY.modality.key / "vgg_initial.csv"
    assert path == predictions_path(KEY, checkpoints.parent / "predictions")
    assert path.read_bytes() == (run.folder / "predictions.csv").read_bytes()


def test_the_checksums_are_those_that_sha256sum_accepts(checkpoints: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", checkpoint.SUMS],
        cwd=checkpoints,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == 2


def test_another_file_that_is_not_as_listed_is_not_vouched_for(
    checkpoints: Path, run: Judged
) -> None:
    other, gone = next(key for key in model_keys() if key != KEY), "nowhere/gone.h5"
    with (checkpoints / other.checkpoint).open("ab") as stream:
        stream.write(b"x")
    with (checkpoints / checkpoint.SUMS).open("a") as stream:
        stream.write(f"{'0' * 64}  {gone}\n")
    publish(KEY, run.data, run.folder, checkpoints)
    sums = checkpoint.read_sums(checkpoints)
    assert checkpoint.verify(checkpoints, KEY.checkpoint, sums).is_file()
    with pytest.raises(checkpoint.TamperedCheckpoint):
        checkpoint.verify(checkpoints, other.checkpoint, sums)
    assert gone not in sums


def test_the_split_is_the_one_that_the_card_names(checkpoints: Path, run: Judged) -> None:
    card = checkpoint.read_card(checkpoints / KEY.checkpoint)
    path = checkpoints.parent.parent / card.data.split_file
    assert hashlib.sha256(path.read_bytes()).hexdigest() == card.data.split_sha256
    assert set(splitting.read(path)) == set(run.data.split)


def test_a_model_is_not_published_with_another_split(
    run: Judged, prepared: Run, tmp_path: Path
) -> None:
    other = DataModule(CONFIG.changed(seed=5), prepared.work)
    with pytest.raises(NotEvaluated, match="another by now"):
        publish(KEY, other, run.folder, tmp_path / "models" / "checkpoints")
    assert list(tmp_path.iterdir()) == []


def test_the_file_tells_what_it_learnt_from(checkpoints: Path, run: Judged) -> None:
    summary = run.data.summary()
    with h5py.File(checkpoints / KEY.checkpoint, "r") as file:
        assert json.loads(file.attrs[SPLITS]) == {summary.name: summary.split_sha256}


def test_nothing_half_written_is_left(checkpoints: Path) -> None:
    assert not list(checkpoints.parent.rglob("*.part"))


def test_what_is_published_is_known_as_such(checkpoints: Path, run: Judged, copy: Path) -> None:
    assert is_published(KEY, run.data, run.folder, checkpoints)
    (copy / "predictions.csv").write_bytes(b"others")
    assert not is_published(KEY, run.data, copy, checkpoints)
    (checkpoints / KEY.checkpoint).write_bytes(b"another one")
    assert not is_published(KEY, run.data, run.folder, checkpoints)


def test_models_of_another_split_are_known(run: Judged, tmp_path: Path) -> None:
    peers = [key for key in model_keys() if key.modality == KEY.modality and key != KEY][:3]
    stranger = next(key for key in model_keys() if key.modality != KEY.modality)
    folder = write_checkpoints(tmp_path / "models" / "checkpoints", [*peers, stranger])
    (folder / peers[1].checkpoint).write_bytes(b"no card")
    publish(KEY, run.data, run.folder, folder)
    assert of_other_splits(KEY.modality.key, folder) == [peers[0], peers[2]]


def test_a_run_that_was_not_evaluated_is_refused(run: Judged, tmp_path: Path) -> None:
    trained(tmp_path / "trained", run.data)
    with pytest.raises(NotEvaluated, match=f"pipelines evaluate {KEY.slug} --work .*` first"):
        publish(KEY, run.data, tmp_path / "trained", tmp_path / "checkpoints")
    assert not (tmp_path / "checkpoints").exists()


def test_a_damaged_model_is_not_published(run: Judged, copy: Path, tmp_path: Path) -> None:
    whole = (copy / "model.h5").read_bytes()
    (copy / "model.h5").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(checkpoint.DamagedCheckpoint):
        publish(KEY, run.data, copy, tmp_path / "checkpoints")
    assert not (tmp_path / "checkpoints").exists()


def test_a_model_without_its_predictions_is_not_published(
    run: Judged, copy: Path, tmp_path: Path
) -> None:
    (copy / "predictions.csv").unlink()
    with pytest.raises(InvalidPredictions, match="no such file"):
        publish(KEY, run.data, copy, tmp_path / "checkpoints")
    assert not (tmp_path / "checkpoints").exists()


def test_a_model_with_the_predictions_of_another_is_not_published(
    run: Judged, copy: Path, tmp_path: Path
) -> None:
    found = prediction_table.read(copy / "predictions.csv")
    upside_down = replace(found["test"], probabilities=1 - found["test"].probabilities)
    prediction_table.write(copy / "predictions.csv", {**found, "test": upside_down})
    with pytest.raises(NotEvaluated, match=r"Expected the predictions of [0-9a-f]{16} "):
        publish(KEY, run.data, copy, tmp_path / "checkpoints")
    assert not (tmp_path / "checkpoints").exists()


def test_nobody_else_writes_there_meanwhile(run: Judged, tmp_path: Path) -> None:
    """The list of checksums is read and written anew: of two at a time, one would be lost."""
    folder = tmp_path / "models" / "checkpoints"
    with ThreadPoolExecutor() as pool:
        with turn_in(folder):
            published = pool.submit(publish, KEY, run.data, run.folder, folder)
            with pytest.raises(TimeoutError):
                published.result(timeout=2)
            assert not (folder.parent / "splits").exists()
        assert published.result(timeout=60) == run.card
    assert checkpoint.read_sums(folder).keys() == {str(KEY.checkpoint)}
