import hashlib
import subprocess
from pathlib import Path

import pytest

from models import checkpoint
from models.catalogue import model_keys
from pipelines import splitting
from pipelines.data_module import DataModule
from pipelines.errors import NotEvaluated
from pipelines.publication import publish
from tests.fakes import write_checkpoints
from tests.pipelines.conftest import Run


@pytest.fixture
def checkpoints(initial_run: Run, tmp_path: Path) -> Path:
    """A folder with one older checkpoint, to which a new one is published."""
    other = next(key for key in model_keys() if key != initial_run.config.key)
    folder = write_checkpoints(tmp_path / "models" / "checkpoints", [other])
    data = DataModule(initial_run.config, initial_run.work)
    publish(initial_run.config.key, data, initial_run.folder, folder)
    return folder


def test_the_model_lies_where_the_portal_finds_it(checkpoints: Path, initial_run: Run) -> None:
    key = initial_run.config.key
    path = checkpoint.verify(checkpoints, key.checkpoint, checkpoint.read_sums(checkpoints))
    assert path.read_bytes() == (initial_run.folder / "model.h5").read_bytes()
    assert checkpoint.read_card(path).key == key


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


def test_the_split_is_the_one_that_the_card_names(checkpoints: Path, initial_run: Run) -> None:
    card = checkpoint.read_card(checkpoints / initial_run.config.key.checkpoint)
    path = checkpoints.parent.parent / card.data.split_file
    assert hashlib.sha256(path.read_bytes()).hexdigest() == card.data.split_sha256
    data = DataModule(initial_run.config, initial_run.work)
    assert set(splitting.read(path)) == set(data.split)


def test_nothing_half_written_is_left(checkpoints: Path) -> None:
    assert not list(checkpoints.parent.rglob("*.part"))


def test_a_run_that_was_not_evaluated_is_refused(finetuned_run: Run, tmp_path: Path) -> None:
    key = finetuned_run.config.key
    data = DataModule(finetuned_run.config, finetuned_run.work)
    with pytest.raises(NotEvaluated, match=f"pipelines evaluate {key.slug}` first"):
        publish(key, data, finetuned_run.folder, tmp_path / "checkpoints")
    assert not (tmp_path / "checkpoints").exists()


def test_a_damaged_model_is_not_published(initial_run: Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    whole = (initial_run.folder / "model.h5").read_bytes()
    (run / "model.h5").write_bytes(whole[: len(whole) // 2])
    data = DataModule(initial_run.config, initial_run.work)
    with pytest.raises(checkpoint.DamagedCheckpoint):
        publish(initial_run.config.key, data, run, tmp_path / "checkpoints")
    assert not (tmp_path / "checkpoints").exists()
