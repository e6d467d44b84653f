import os
from pathlib import Path

import pytest

from portal.scoring.image_folder import FolderRefused, ImageFolder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "images"
    (made / "b").mkdir(parents=True)
    for name in ("b/1.png", "b/.hidden.png", "a.png", "c.png"):
        (made / name).touch()
    return made


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results.csv"


def too_deep(folder: Path) -> None:
    """Make folders in folders, until the system refuses to read the innermost by its path."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("n" * 250, dir_fd=here)
        inner = os.open("n" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def test_files_are_found_by_name_but_hidden_ones(folder: Path, results: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git/1.png").touch()
    found = ImageFolder.of(folder, results)
    assert found == ImageFolder(files=("a.png", "b/1.png", "c.png"), links=())


def test_pipes_and_devices_are_told_and_not_read(folder: Path, results: Path) -> None:
    os.mkfifo(folder / "b/pipe.png")
    (folder / "zero.png").symlink_to("/dev/zero")
    found = ImageFolder.of(folder, results)
    assert found.devices == ("b/pipe.png", "zero.png")
    assert found.files == ("a.png", "b/1.png", "c.png")


def test_a_folder_above_may_be_hidden(folder: Path, results: Path) -> None:
    hidden = folder.rename(folder.with_name(".images"))
    assert len(ImageFolder.of(hidden, results).files) == 3


def test_linked_folders_are_told_and_not_followed(
    folder: Path, results: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/1.png").touch()
    (folder / "b/linked").symlink_to(tmp_path / "elsewhere")
    (folder / "around").symlink_to(folder)
    (folder / ".hidden").symlink_to(folder)
    found = ImageFolder.of(folder, results)
    assert found.links == ("around", "b/linked")
    assert found.files == ("a.png", "b/1.png", "c.png")


def test_a_linked_folder_that_is_named_itself_is_read(
    folder: Path, results: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert ImageFolder.of(tmp_path / "link", results) == ImageFolder.of(folder, results)


def test_linked_files_are_followed_and_those_that_lead_nowhere_are_rows(
    folder: Path, results: Path, tmp_path: Path
) -> None:
    (tmp_path / "1.png").touch()
    (folder / "d.png").symlink_to(tmp_path / "1.png")
    (folder / "e.png").symlink_to("absent")
    (folder / "f.png").symlink_to("f.png")
    os.mkfifo(folder / "pipe")
    assert ImageFolder.of(folder, results).files[3:] == ("d.png", "e.png", "f.png")


def test_the_results_are_no_image_whatever_they_are_called(folder: Path) -> None:
    (folder / "link.csv").symlink_to("results.csv")
    for name in ("results.csv", "link.csv"):
        assert ImageFolder.of(folder, folder / name).files == ("a.png", "b/1.png", "c.png")
    (folder / "results.csv").touch()
    assert ImageFolder.of(folder, folder / "b/../link.csv").files == ("a.png", "b/1.png", "c.png")


def test_a_folder_that_cannot_be_read_is_refused(folder: Path, results: Path) -> None:
    too_deep(folder / "b")
    with pytest.raises(FolderRefused, match=r"n/n+'; received .*too long.*Nothing was scored"):
        ImageFolder.of(folder, results)


@pytest.mark.skipif(os.getuid() == 0, reason="root may read every folder")
def test_a_folder_of_somebody_else_is_refused(folder: Path, results: Path) -> None:
    (folder / "b").chmod(0)
    with pytest.raises(FolderRefused, match="b'; received Permission denied"):
        ImageFolder.of(folder, results)
    (folder / "b").chmod(0o700)


def test_a_hidden_folder_that_cannot_be_read_stops_nothing(folder: Path, results: Path) -> None:
    (folder / ".cache").mkdir()
    too_deep(folder / ".cache")
    assert len(ImageFolder.of(folder, results).files) == 3


@pytest.mark.parametrize(("name", "reason"), [("absent", "No such file"), ("a.png", "Not a dir")])
def test_what_is_no_folder_is_refused(folder: Path, results: Path, name: str, reason: str) -> None:
    with pytest.raises(FolderRefused, match=f"{name}'; received {reason}"):
        ImageFolder.of(folder / name, results)
