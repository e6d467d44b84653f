import json
from pathlib import Path
from typing import Any

import h5py
import pytest

from models.catalogue import BACKBONES
from pipelines.data_module import DataModule
from pipelines.errors import InitUnavailable, LeakingStart
from pipelines.first_weights import SPLITS, note_splits, refuse_known_images, splits_behind
from pipelines.options import FIRST_WEIGHTS, find_first_weights
from tests.fakes import write_checkpoints
from tests.pipelines.conftest import Run


def trunk(path: Path, splits: dict[str, str]) -> str:
    """A file that says what it learnt from, and nothing else."""
    with h5py.File(path, "w") as file:
        file.attrs[SPLITS] = json.dumps(splits)
    return str(path)


def data(run: Run, **fields: Any) -> DataModule:
    return DataModule(run.config.changed(**fields), run.work)


@pytest.mark.parametrize("init", FIRST_WEIGHTS)
def test_first_weights_that_are_no_files_need_none(init: str, prepared: Run) -> None:
    assert find_first_weights(init, "vgg") == init
    refuse_known_images(init, data(prepared))


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_folder_gives_each_backbone_its_own_file(backbone: str, tmp_path: Path) -> None:
    file = tmp_path / f"{backbone}.h5"
    with pytest.raises(InitUnavailable, match=rf"{backbone}\.h5, which does not exist"):
        find_first_weights(str(tmp_path), backbone)
    file.touch()
    assert find_first_weights(str(tmp_path), backbone) == file.as_posix()
    assert find_first_weights(str(file), backbone) == file.as_posix()


def test_a_trunk_of_the_same_split_is_welcome(prepared: Run, tmp_path: Path) -> None:
    summary = data(prepared).summary()
    file = trunk(tmp_path / "a.h5", {summary.name: summary.split_sha256, "Others": "1"})
    refuse_known_images(file, data(prepared))


@pytest.mark.parametrize("fields", [{"seed": 12}, {"test_share": 0.3}, {"limit": 12}])
def test_a_trunk_of_another_split_would_know_test_images(
    fields: dict[str, Any], prepared: Run, tmp_path: Path
) -> None:
    summary = data(prepared).summary()
    file = trunk(tmp_path / "a.h5", {summary.name: summary.split_sha256})
    with pytest.raises(LeakingStart, match=f"learnt with this split of {summary.name}"):
        refuse_known_images(file, data(prepared, **fields))


def test_what_learnt_from_other_data_cannot_know_these(prepared: Run, tmp_path: Path) -> None:
    refuse_known_images(trunk(tmp_path / "a.h5", {"Others": "1"}), data(prepared))


def test_a_checkpoint_s_card_tells_its_split(tmp_path: Path, prepared: Run) -> None:
    folder = write_checkpoints(tmp_path, [prepared.config.key])
    assert splits_behind(folder / prepared.config.key.checkpoint) == {"Made-up images": "0" * 64}


def test_a_file_tells_all_splits_that_lie_behind_it(prepared: Run, tmp_path: Path) -> None:
    one, summary = data(prepared), data(prepared).summary()
    file = tmp_path / "model.h5"
    trunk(file, {})
    note_splits(file, trunk(tmp_path / "trunk.h5", {"Others": "1", summary.name: "old"}), one)
    assert splits_behind(file) == {"Others": "1", summary.name: summary.split_sha256}
    note_splits(file, "random", one)
    assert splits_behind(file) == {summary.name: summary.split_sha256}


def test_a_file_that_tells_nothing_is_let_through(prepared: Run, tmp_path: Path) -> None:
    plain, text = tmp_path / "plain.h5", tmp_path / "text.h5"
    with h5py.File(plain, "w") as file:
        file.attrs["other"] = 1
    text.write_text("no HDF5")
    for path in (plain, text):
        assert splits_behind(path) == {}
        refuse_known_images(str(path), data(prepared))
