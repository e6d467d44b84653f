import os
import shutil
from pathlib import Path

import pytest

from models.catalogue import model_keys
from models.checkpoint import (
    ForeignCheckpoint,
    MissingCheckpoint,
    TamperedCheckpoint,
    UnlistedCheckpoint,
)
from portal.checkpoint_store import CheckpointStore
from tests.sums import write_sums

KEY, OTHER = model_keys()[:2]


@pytest.fixture
def store(installed: Path, tmp_path: Path) -> CheckpointStore:
    folder = tmp_path / "checkpoints"
    (folder / KEY.checkpoint).parent.mkdir(parents=True)
    shutil.copy(installed / KEY.checkpoint, folder / KEY.checkpoint)
    write_sums(folder)
    return CheckpointStore(folder)


def test_a_checkpoint_is_found_with_its_card(store: CheckpointStore) -> None:
    found = store.find(KEY)
    assert found.card.model == KEY.slug
    assert found.path == store.path(KEY)
    assert store.card(KEY) == found.card


def test_a_known_checkpoint_is_not_read_again(store: CheckpointStore) -> None:
    assert store.find(KEY) is store.find(KEY)


def test_a_missing_one_is_refused(store: CheckpointStore) -> None:
    with pytest.raises(MissingCheckpoint):
        store.find(OTHER)
    assert store.card(OTHER) is None


def test_a_changed_one_is_refused_although_it_was_known(store: CheckpointStore) -> None:
    store.find(KEY)
    with store.path(KEY).open("ab") as file:
        file.write(b"x")
    with pytest.raises(TamperedCheckpoint):
        store.find(KEY)


def test_one_that_was_changed_in_place_and_dated_back_is_refused(store: CheckpointStore) -> None:
    store.find(KEY)
    path = store.path(KEY)
    before = path.stat()
    with path.open("r+b") as file:
        file.write(b"x")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)
    with pytest.raises(TamperedCheckpoint):
        store.find(KEY)


def test_one_that_is_no_longer_listed_is_refused(store: CheckpointStore) -> None:
    store.find(KEY)
    (store.folder / "SHA256SUMS").write_text("")
    with pytest.raises(UnlistedCheckpoint):
        store.find(KEY)


def test_another_models_file_is_refused(store: CheckpointStore) -> None:
    shutil.copy(store.path(KEY), store.path(OTHER))
    write_sums(store.folder)
    with pytest.raises(ForeignCheckpoint, match=OTHER.slug):
        store.find(OTHER)


def test_the_fingerprint_follows_the_list(store: CheckpointStore, tmp_path: Path) -> None:
    before = store.fingerprint()
    assert before is not None
    assert len(before) == 16
    with store.path(KEY).open("ab") as file:
        file.write(b"x")
    write_sums(store.folder)
    assert store.fingerprint() != before
    assert CheckpointStore(tmp_path).fingerprint() is None


def test_the_list_names_files(store: CheckpointStore) -> None:
    assert store.listed() == {str(KEY.checkpoint)}


NOWHERE = "n" * 300  # a link to it cannot be followed, by root neither


def test_a_list_that_cannot_be_read_is_none(store: CheckpointStore) -> None:
    listing = store.folder / "SHA256SUMS"
    listing.unlink()
    listing.symlink_to(NOWHERE)
    assert store.listed() == frozenset()
    assert store.fingerprint() is None
    assert store.card(KEY) is None


def test_a_file_that_cannot_be_looked_at_is_not_there(store: CheckpointStore) -> None:
    assert store.is_there(KEY)
    assert not store.is_there(OTHER)
    store.path(OTHER).parent.mkdir(parents=True, exist_ok=True)
    store.path(OTHER).symlink_to(NOWHERE)
    assert not store.is_there(OTHER)
