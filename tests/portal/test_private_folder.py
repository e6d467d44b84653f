import os
import stat
from pathlib import Path

import pytest

from portal.errors import SettingRefused
from portal.private_folder import claim, warn_if_open


def test_a_new_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = claim(tmp_path / "a" / "b")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    tmp_path.chmod(0o700)
    assert claim(tmp_path) == tmp_path
    assert (tmp_path / "file").exists()


def test_an_open_folder_is_used_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tmp_path.chmod(0o755)
    assert claim(tmp_path) == tmp_path
    warn_if_open(tmp_path)
    assert "others may look into" in caplog.text
    caplog.clear()
    tmp_path.chmod(0o700)
    warn_if_open(tmp_path)
    assert caplog.text == ""


@pytest.mark.skipif(os.getuid() == 0, reason="root may read and write every folder")
@pytest.mark.parametrize("mode", [0o300, 0o500, 0o600])
def test_a_folder_that_may_not_be_used_is_refused(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    with pytest.raises(SettingRefused, match="may not be read or written"):
        claim(tmp_path)


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(SettingRefused, match="UPLOAD_DIR"):
        claim(tmp_path / "taken")


def test_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(SettingRefused, match="a link or a file"):
        claim(tmp_path / "link")
