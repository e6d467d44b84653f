"""Files that are written whole or not at all."""

import os
from pathlib import Path

import pytest

from models.files import put_in_place, replace_file


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
