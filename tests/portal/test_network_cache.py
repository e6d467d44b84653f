import fcntl
import os
import shutil
import stat
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PosixPath

import pytest

from portal.network_cache import Blob, NetworkCache

CONTENT = memoryview(bytes(range(256)) * 100)
MONTHS_AGO = time.time() - 60 * 24 * 3600


def content(blob: Blob | None) -> bytes:
    """What a blob holds, once its pages are given back."""
    assert blob is not None
    blob.give_back()
    return bytes(blob.pages[: blob.size])


@pytest.fixture
def cache(tmp_path: Path) -> NetworkCache:
    return NetworkCache(tmp_path / "a" / "cache")


@pytest.fixture
def kept(cache: NetworkCache) -> Path:
    """The file of a network that was kept under the name `one`."""
    assert content(cache.write("one", CONTENT)) == CONTENT
    (file,) = cache.folder.iterdir()
    return file


@pytest.mark.usefixtures("kept")
def test_what_is_kept_is_read(cache: NetworkCache) -> None:
    assert content(cache.read("one")) == CONTENT
    assert cache.read("two") is None


def test_it_is_for_its_owner_only(cache: NetworkCache, kept: Path) -> None:
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_network_can_be_read_after_its_pages_are_given_back_and_its_file_is_gone(
    cache: NetworkCache, kept: Path
) -> None:
    blob = cache.read("one")
    assert blob is not None
    kept.unlink()
    assert content(blob) == CONTENT


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)


def truncate(file: Path) -> None:
    os.truncate(file, 5000)


def shorten_to_the_digest(file: Path) -> None:
    file.write_bytes(file.read_bytes()[-32:])


def empty(file: Path) -> None:
    os.truncate(file, 0)


def open_to_others(file: Path) -> None:
    file.chmod(0o666)


def link(file: Path) -> None:
    file.symlink_to(file.rename(file.with_name("elsewhere")))


def become_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    "spoil",
    [flip, truncate, shorten_to_the_digest, empty, open_to_others, link, become_a_folder],
)
def test_what_is_not_whole_and_ours_is_not_read(
    cache: NetworkCache, kept: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(kept)
    assert cache.read("one") is None


def open_folder(folder: Path) -> None:
    folder.chmod(0o770)


def link_folder(folder: Path) -> None:
    folder.symlink_to(folder.rename(folder.with_name("elsewhere")))


def remove_folder(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("spoil", [open_folder, link_folder, remove_folder])
def test_nothing_is_read_from_a_folder_that_is_no_longer_ours(
    cache: NetworkCache, spoil: Callable[[Path], None]
) -> None:
    spoil(cache.folder)
    assert cache.read("one") is None


@pytest.mark.parametrize("spoil", [flip, truncate, empty, open_to_others, link])
def test_it_is_written_anew_over_what_is_spoilt(
    cache: NetworkCache, kept: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(kept)
    assert content(cache.write("one", CONTENT)) == CONTENT
    assert content(cache.read("one")) == CONTENT


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records]


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_may_write_holds_nothing_and_says_so_once(
    cache: NetworkCache, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    cache.folder.chmod(mode)
    open_cache = NetworkCache(cache.folder)
    assert open_cache.read("one") is None
    assert open_cache.write("two", CONTENT) is None
    (complaint,) = complaints(caplog)
    assert "only this user may write" in complaint


@pytest.mark.usefixtures("kept")
def test_a_link_in_its_place_is_not_used(
    cache: NetworkCache, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "link").symlink_to(cache.folder)
    assert NetworkCache(tmp_path / "link").read("one") is None
    assert len(complaints(caplog)) == 1


@pytest.mark.parametrize("place", ["taken", "taken/below"])
def test_a_folder_that_cannot_be_made_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    (tmp_path / "taken").touch()
    cache = NetworkCache(tmp_path / place)
    assert cache.write("one", CONTENT) is None
    assert cache.read("one") is None
    assert len(complaints(caplog)) == 1


def test_a_folder_that_is_deleted_in_use_is_made_again(
    cache: NetworkCache, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept.unlink()
    cache.folder.rmdir()
    assert cache.read("one") is None
    assert content(cache.write("one", CONTENT)) == CONTENT
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert complaints(caplog) == []


class Fleeting(PosixPath):
    """A folder that somebody deletes once, right after it was made or looked at."""

    after = ""

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        super().mkdir(mode, parents, exist_ok)
        self._delete("mkdir")

    def lstat(self) -> os.stat_result:
        found = super().lstat()
        self._delete("lstat")
        return found

    def _delete(self, step: str) -> None:
        if self.after == step:
            self.after = ""
            self.rmdir()


@pytest.mark.parametrize("step", ["mkdir", "lstat"])
def test_a_folder_that_is_deleted_while_it_is_made_is_made_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, step: str
) -> None:
    folder = Fleeting(tmp_path / "cache")
    folder.after = step
    cache = NetworkCache(folder)
    assert cache.usable
    assert folder.after == ""
    assert content(cache.write("one", CONTENT)) == CONTENT
    assert complaints(caplog) == []


@pytest.mark.parametrize("step", ["mkdir", "lstat"])
def test_a_folder_that_is_deleted_during_a_write_is_made_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, step: str
) -> None:
    folder = Fleeting(tmp_path / "cache")
    cache = NetworkCache(folder)
    folder.after = step
    assert content(cache.write("one", CONTENT)) == CONTENT
    assert folder.after == ""
    assert complaints(caplog) == []


def test_a_folder_that_is_deleted_while_it_is_looked_through_does_no_harm(tmp_path: Path) -> None:
    folder, done = tmp_path / "cache", threading.Event()

    def delete() -> None:
        while not done.is_set():
            with suppress(OSError):
                folder.rmdir()

    deleting = threading.Thread(target=delete)
    deleting.start()
    try:
        for _ in range(2000):
            NetworkCache(folder)
    finally:
        done.set()
        deleting.join()


def test_a_folder_that_cannot_be_made_again_is_said_once(
    cache: NetworkCache, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept.unlink()
    cache.folder.rmdir()
    cache.folder.touch()
    assert cache.read("one") is None
    assert cache.write("one", CONTENT) is None
    assert cache.write("two", CONTENT) is None
    assert len(complaints(caplog)) == 1


class TestStart:
    def test_it_sweeps_what_a_killed_one_left(self, cache: NetworkCache, kept: Path) -> None:
        (cache.folder / "part-0123").touch()
        NetworkCache(cache.folder)
        assert list(cache.folder.iterdir()) == [kept]

    def test_it_leaves_what_is_being_written(self, cache: NetworkCache) -> None:
        part = cache.folder / "part-0123"
        with part.open("wb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            NetworkCache(cache.folder)
            assert part.exists()

    def test_it_sweeps_networks_that_nobody_opened_for_months(
        self, cache: NetworkCache, kept: Path
    ) -> None:
        os.utime(kept, (MONTHS_AGO, MONTHS_AGO))
        NetworkCache(cache.folder)
        assert not kept.exists()

    def test_a_network_that_is_opened_stays(self, cache: NetworkCache, kept: Path) -> None:
        os.utime(kept, (MONTHS_AGO, MONTHS_AGO))
        assert content(cache.read("one")) == CONTENT
        NetworkCache(cache.folder)
        assert kept.exists()

    @pytest.mark.skipif(os.getuid() == 0, reason="root may list every folder")
    def test_a_folder_that_may_not_be_listed_is_not_swept(
        self, cache: NetworkCache, kept: Path
    ) -> None:
        cache.folder.chmod(0o300)
        assert content(NetworkCache(cache.folder).read("one")) == CONTENT
        cache.folder.chmod(0o700)
        assert kept.exists()

    def test_it_touches_nothing_that_is_not_its_own(self, cache: NetworkCache) -> None:
        other = cache.folder / "notes.txt"
        other.touch()
        os.utime(other, (MONTHS_AGO, MONTHS_AGO))
        NetworkCache(cache.folder)
        assert other.exists()
