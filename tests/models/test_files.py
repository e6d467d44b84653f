"""Files that are written whole or not at all."""

import os
import time
from pathlib import Path

import pytest

from models.files import put_in_place, replace_file, stamp


def test_a_file_is_replaced_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.json"
    for content in (b"old", b"new"):
        replace_file(path, content)
        assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partial, path = tmp_path / "part-a", tmp_path / "a"
    partial.write_bytes(b"new")
    path.write_bytes(b"old")
    seen = []
    monkeypatch.setattr(os, "fsync", lambda _handle: seen.append(path.read_bytes()))
    put_in_place(partial, path)
    assert seen == [b"old"]
    assert path.read_bytes() == b"new"
    assert not partial.exists()


def test_a_stamp_changes_with_the_content_although_size_and_time_are_set_back(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    before, found = stamp(path), path.stat()
    assert stamp(path) == before
    time.sleep(0.02)  # a file system tells times no finer than its clock ticks
    path.write_bytes(b"two")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert stamp(path) != before
    with pytest.raises(FileNotFoundError):
        stamp(tmp_path / "absent")
