import json
from pathlib import Path

import pytest

from pipelines.errors import OtherRun
from pipelines.run_folder import INPUTS, FolderRefused, claim, forget, make, refuse_other

FIRST = {"split": "abc", "first weights": "random"}


def has_learnt(folder: Path) -> None:
    """Leave the weights after an epoch, as a run does."""
    state = folder / "backup_1" / "000001.weights.h5"
    state.parent.mkdir()
    state.touch()


def test_where_nothing_was_learnt_other_inputs_are_taken(tmp_path: Path) -> None:
    claim(tmp_path, FIRST)
    other = {**FIRST, "first weights": "imagenet"}
    refuse_other(tmp_path, other)
    claim(tmp_path, other)
    assert json.loads((tmp_path / INPUTS).read_text("utf-8")) == other


def test_a_model_alone_is_protected_too(tmp_path: Path) -> None:
    claim(tmp_path, FIRST)
    (tmp_path / "model.h5").touch()
    with pytest.raises(OtherRun):
        claim(tmp_path, {**FIRST, "first weights": "imagenet"})


def test_a_folder_is_claimed_again_with_the_same_inputs_only(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    claim(folder, FIRST)
    claim(folder, FIRST)
    has_learnt(folder)
    for other in ({**FIRST, "split": "xyz"}, {"split": "abc"}, {**FIRST, "more": "1"}):
        with pytest.raises(OtherRun, match=r"--restart"):
            claim(folder, other)
    assert json.loads((folder / INPUTS).read_text("utf-8")) == FIRST


def test_the_refusal_names_what_is_another(tmp_path: Path) -> None:
    claim(tmp_path, FIRST)
    has_learnt(tmp_path)
    with pytest.raises(OtherRun, match=r"Expected the same first weights as before") as refusal:
        claim(tmp_path, {**FIRST, "first weights": "imagenet"})
    assert "split" not in str(refusal.value)


def test_some_inputs_can_be_asked_for_without_a_claim(tmp_path: Path) -> None:
    refuse_other(tmp_path, {"split": "abc"})
    assert list(tmp_path.iterdir()) == []
    claim(tmp_path, FIRST)
    refuse_other(tmp_path, {"split": "abc"})
    has_learnt(tmp_path)
    with pytest.raises(OtherRun, match="the same split as before"):
        refuse_other(tmp_path, {"split": "xyz"})


def test_a_folder_without_a_note_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    claim(tmp_path, FIRST)
    assert (tmp_path / INPUTS).is_file()


def test_a_forgotten_run_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    claim(folder, FIRST)
    half = tmp_path / "run.forgotten"  # of a kill while an earlier one was forgotten
    half.mkdir()
    (half / "left").write_text("over")
    forget(folder)
    assert list(tmp_path.iterdir()) == []
    forget(folder)


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "run"
    make(folder)
    make(folder)
    assert folder.is_dir()


@pytest.mark.parametrize("place", ["file", "file/run"])
def test_a_folder_that_cannot_be_made_is_told(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(FolderRefused, match=rf"where .*{place} can be made.*--work"):
        make(tmp_path / place)
