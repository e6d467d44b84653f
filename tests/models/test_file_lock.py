import fcntl
from pathlib import Path

from models.file_lock import in_use, unused


def test_a_locked_file_is_in_use_until_its_writer_is_done(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as stream:
        assert not in_use(path)
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert in_use(path)
    assert not in_use(path)


def test_a_file_that_is_not_there_is_not_in_use(tmp_path: Path) -> None:
    assert not in_use(tmp_path / "absent")


def test_a_file_that_is_unused_stays_so_until_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with unused(path) as free:
        assert free
        assert in_use(path)
    assert not in_use(path)
