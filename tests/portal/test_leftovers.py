import fcntl
import logging
from pathlib import Path

import pytest

from portal.leftovers import new_name, remove, sweep


def left(folder: Path, name: str | None = None) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / (name or new_name())
    path.write_bytes(b"left over")
    return path


def test_every_folder_is_swept_of_uploads_and_of_nothing_else(tmp_path: Path) -> None:
    places = [tmp_path / "memory", tmp_path / "disk", tmp_path / "not there"]
    files = [left(place) for place in places[:2]]
    own = [left(tmp_path / "disk", name) for name in ("notes.txt", "upload-holiday.png", "upload-")]
    names = [new_name(), new_name()]
    (tmp_path / "disk" / names[0]).mkdir()
    (tmp_path / "disk" / names[1]).symlink_to(own[0])
    sweep(places)
    assert not any(file.exists() for file in files)
    assert all((tmp_path / "disk" / name).exists() for name in (*names, *(it.name for it in own)))


def test_what_another_process_is_reading_stays(tmp_path: Path) -> None:
    path = left(tmp_path / "uploads")
    with path.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        sweep([path.parent])
        assert path.exists()
    sweep([path.parent])
    assert not path.exists()


def test_a_folder_behind_a_link_is_not_swept(tmp_path: Path) -> None:
    path = left(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    sweep([tmp_path / "link"])
    assert path.exists()


def test_one_that_cannot_be_deleted_is_logged_and_the_rest_goes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = [left(tmp_path) for _ in range(2)]

    def delete(path: Path) -> None:
        if path == files[0]:
            raise PermissionError(path)
        path.unlink()

    with caplog.at_level(logging.ERROR):
        sweep([tmp_path], delete=delete)
    assert [file.exists() for file in files] == [True, False]
    assert "could not be deleted" in caplog.text


def test_one_that_is_gone_is_no_failure(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    remove(tmp_path / "gone")
    assert caplog.text == ""
