import errno
import fcntl
import io
import logging
import os
import shutil
import stat
import threading
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage, MultiDict

from portal.errors import NoImageChosen, NoImageSent, NoRoomForUpload, TooManyImages, WrongSuffix
from portal.file_manager import FileManager, Files, display_name, only_image
from portal.leftovers import new_name, sweep


def form(*names: str, field: str = "image", content: bytes = b"content") -> Files:
    files = [FileStorage(io.BytesIO(content), filename=name, name=field) for name in names]
    return MultiDict([(field, file) for file in files])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
def manager(folder: Path) -> FileManager:
    return FileManager(folder)


def test_an_upload_lies_on_disk_only_while_it_is_read(manager: FileManager, folder: Path) -> None:
    with manager.received(form("lesion.png")) as path:
        assert path.read_bytes() == b"content"
        assert path.parent == folder
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "lesion" not in path.name
    assert list(folder.iterdir()) == []


def test_an_upload_is_gone_after_any_failure(manager: FileManager, folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), manager.received(form("a.png")):
        raise ZeroDivisionError
    assert list(folder.iterdir()) == []


def test_an_upload_is_taken_where_the_file_system_has_no_locks(
    manager: FileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_file: object, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with manager.received(form("a.png")) as path:
        assert path.read_bytes() == b"content"


def test_two_uploads_of_one_name_do_not_meet(manager: FileManager) -> None:
    with (
        manager.received(form("a.png", content=b"1")) as first,
        manager.received(form("a.png", content=b"2")) as second,
    ):
        assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")


def test_a_failed_delete_is_logged_and_harms_nobody(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(path)

    manager = FileManager(folder, delete=refuse)
    with caplog.at_level(logging.ERROR), manager.received(form("a.png")):
        pass
    assert "could not be deleted" in caplog.text


def test_a_file_that_vanished_by_itself_is_no_failure(
    manager: FileManager, caplog: pytest.LogCaptureFixture
) -> None:
    with manager.received(form("a.png")) as path:
        path.unlink()
    assert caplog.text == ""


def test_a_folder_that_vanished_is_made_again(manager: FileManager, folder: Path) -> None:
    folder.rmdir()
    with manager.received(form("a.png")) as path:
        assert path.read_bytes() == b"content"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_again_is_a_refusal(
    manager: FileManager, folder: Path
) -> None:
    folder.rmdir()
    folder.symlink_to(folder.parent / "nowhere")
    with pytest.raises(NoRoomForUpload), manager.received(form("a.png")):
        pass


def test_a_full_disk_is_a_refusal_and_leaves_nothing(manager: FileManager, folder: Path) -> None:
    class Full(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(28, "No space left on device", size)

    files: Files = MultiDict([("image", FileStorage(Full(), filename="a.png"))])
    with pytest.raises(NoRoomForUpload), manager.received(files):
        pass
    assert list(folder.iterdir()) == []


def test_it_knows_whether_there_is_room_for_the_largest_upload(folder: Path) -> None:
    assert FileManager(folder, largest=1).has_room()
    assert not FileManager(folder, largest=2**62).has_room()


def test_a_folder_that_is_not_there_has_no_room(manager: FileManager, folder: Path) -> None:
    folder.rmdir()
    assert not manager.has_room()


def test_a_sweep_takes_only_what_nobody_is_reading(manager: FileManager, folder: Path) -> None:
    with manager.received(form("a.png")) as path:
        left = folder / new_name()
        left.write_bytes(b"left over")
        sweep([folder])
        assert (path.read_bytes(), left.exists()) == (b"content", False)


def test_a_sweep_takes_nothing_that_is_just_being_made(manager: FileManager, folder: Path) -> None:
    done = threading.Event()

    def keep_sweeping() -> None:
        while not done.is_set():
            sweep([folder])

    sweeper = threading.Thread(target=keep_sweeping)
    sweeper.start()
    try:
        for number in range(2000):
            content = str(number).encode()
            with manager.received(form("a.png", content=content)) as path:
                assert path.read_bytes() == content
    finally:
        done.set()
        sweeper.join()


@pytest.mark.parametrize("kind", ["link", "of another user"])
def test_a_folder_that_another_put_in_its_place_is_not_written_to(
    manager: FileManager, folder: Path, kind: str
) -> None:
    folder.rmdir()
    place = folder.with_name("theirs")
    place.mkdir()
    if kind == "link":
        folder.symlink_to(place)
    else:
        place.rename(folder)
        folder.chmod(0o500)
        if os.getuid() == 0:
            os.chown(folder, 65534, 65534)
    with pytest.raises(NoRoomForUpload), manager.received(form("a.png")):
        pass
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "a.png",
        "a.JPG",
        "a.jpeg",
        "a.TiFf",
        "a.tif",
        "a.bmp",
        ".png",
        "../../a.png",
        "C:\\scans\\a.png",
        "снимок.png",
        "n" * 296 + ".png",
        "a.b.c.png",
        "a\x00.png",
    ],
)
def test_a_name_with_an_accepted_suffix_is_taken(name: str) -> None:
    assert only_image(form(name)).filename == name


@pytest.mark.parametrize(
    "name", ["a", "a.gif", "png", "a.png.exe", "a.png/", "a.png\\b", "a.", "a.dicom", "a.png "]
)
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(WrongSuffix, match="Save the image as PNG"):
        only_image(form(name))


def test_no_file_is_refused() -> None:
    with pytest.raises(NoImageSent, match="a form without a file"):
        only_image(MultiDict())


def test_a_file_in_another_field_is_named() -> None:
    with pytest.raises(NoImageSent, match="the field 'photo'"):
        only_image(form("a.png", field="photo"))


def test_a_file_without_a_name_is_refused() -> None:
    with pytest.raises(NoImageChosen):
        only_image(form(""))


def test_a_file_in_another_field_does_not_stand_in_for_one_without_a_name() -> None:
    files = form("")
    files.update(form("a.png", field="photo"))
    with pytest.raises(NoImageChosen):
        only_image(files)


def test_a_part_without_a_file_beside_the_image_is_passed_over() -> None:
    assert only_image(form("", "a.png")).filename == "a.png"


def test_two_files_are_refused() -> None:
    with pytest.raises(TooManyImages, match="2 files"):
        only_image(form("a.png", "b.png"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a.gif", "a.gif"),
        ("../../etc/passwd", "etc_passwd"),
        ("<b>.gif", "b.gif"),
        ("снимок.gif", "gif"),
    ],
)
def test_a_name_is_shown_tamed(name: str, shown: str) -> None:
    assert display_name(name) == shown


def test_a_long_name_is_shown_by_its_end() -> None:
    shown = display_name("n" * 300 + ".gif")
    assert len(shown) == 60
    assert shown.endswith("n.gif")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.gif", "a name that ends in .gif"),
        ("a.<b>", "a name that ends in .b"),
        ("scan", "a name without an ending"),
        ("scan.", "a name without an ending"),
        ("a.b/снимок", "a name without an ending"),
        ("a.снимок", "a name that ends otherwise"),
    ],
)
def test_a_refused_name_is_described_by_its_ending(name: str, said: str) -> None:
    with pytest.raises(WrongSuffix) as why:
        only_image(form(name))
    assert why.value.received == said


def test_the_room_of_uploads_in_hand_counts_as_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = FileManager(tmp_path, largest=100)
    usage = shutil.disk_usage(tmp_path)._replace(total=100, used=60, free=40)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    assert not manager.has_room()
    (tmp_path / new_name()).write_bytes(bytes(59))
    assert not manager.has_room()
    (tmp_path / new_name()).write_bytes(bytes(1))
    assert manager.has_room()


def test_the_room_of_other_uploads_counts_although_one_is_read_by_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(total=100, used=60, free=40)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    gone: list[Path] = []

    def first_is_gone(path: Path) -> bool:
        """Asked last of what is known of an upload; deletes the first at that moment."""
        if not gone:
            gone.append(path)
            path.unlink()
        return False

    for _ in range(3):
        (tmp_path / new_name()).write_bytes(bytes(30))
    monkeypatch.setattr(Path, "is_symlink", first_is_gone)
    assert FileManager(tmp_path, largest=100).has_room()
    assert len(list(tmp_path.iterdir())) == 2
