import os
import stat
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.accounts import account_file
from portal.accounts.password import hashed
from portal.errors import SettingRefused


@pytest.fixture(scope="module")
def one() -> str:
    return hashed("a long password")


def test_what_is_written_is_read(tmp_path: Path, one: str) -> None:
    path = tmp_path / "accounts"
    account_file.write(path, {"b@example.org": one, "a": one})
    assert path.read_text("ascii") == f"a:{one}\nb@example.org:{one}\n"
    assert account_file.read(path) == {"a": one, "b@example.org": one}


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, 0o600), (0o600, 0o600), (0o604, 0o600), (0o640, 0o640), (0o400, 0o600), (0o777, 0o640)],
)
def test_nobody_may_read_it_but_its_owner_and_a_group_that_could_before(
    tmp_path: Path, one: str, before: int | None, after: int
) -> None:
    path = tmp_path / "accounts"
    if before is not None:
        path.touch()
        path.chmod(before)
    account_file.write(path, {"a": one})
    assert stat.S_IMODE(path.stat().st_mode) == after
    assert [found.name for found in tmp_path.iterdir()] == ["accounts"]


def test_a_file_that_cannot_be_written_is_left_as_it_was(tmp_path: Path, one: str) -> None:
    path = tmp_path / "accounts"
    path.mkdir()
    with pytest.raises(SettingRefused, match="is a directory"):
        account_file.write(path, {"a": one})
    assert [found.name for found in tmp_path.iterdir()] == ["accounts"]
    with pytest.raises(SettingRefused, match="no such file"):
        account_file.write(tmp_path / "absent" / "accounts", {"a": one})


def test_changes_at_once_are_all_kept(tmp_path: Path, one: str) -> None:
    path = tmp_path / "accounts"

    def add(name: str) -> None:
        with account_file.changing(path) as accounts:
            time.sleep(0.005)  # as long as others may come between
            accounts[name] = one

    names = [f"reader{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, names))
    assert sorted(account_file.read(path)) == sorted(names)
    assert [found.name for found in tmp_path.iterdir()] == ["accounts"]


def test_a_change_that_ends_in_an_error_changes_nothing(tmp_path: Path, one: str) -> None:
    path = tmp_path / "accounts"
    account_file.write(path, {"a": one})
    with pytest.raises(KeyError), account_file.changing(path) as accounts:
        del accounts["b"]
    assert account_file.read(path) == {"a": one}
    with (
        pytest.raises(SettingRefused, match="no such file"),
        account_file.changing(tmp_path / "absent" / "accounts"),
    ):
        pass


@pytest.mark.skipif(os.getuid() != 0, reason="only root may write for others")
def test_it_stays_its_owners(tmp_path: Path, one: str) -> None:
    path = tmp_path / "accounts"
    account_file.write(path, {"a": one})
    os.chown(path, 10001, 10001)
    account_file.write(path, {"b": one})
    assert (path.stat().st_uid, path.stat().st_gid) == (10001, 10001)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a:",
        "a:secret",
        "a:plain$salt$secret",
        ":{one}",
        "a b:{one}",
        "-a:{one}",
        "a:{one}x",
        "a:{one}\n\nb:{one}",
        "a:{one}\na:{one}",
        "ä:{one}",
    ],
)
def test_a_line_that_is_no_account_is_refused(tmp_path: Path, one: str, text: str) -> None:
    path = tmp_path / "accounts"
    path.write_text(text.format(one=one), "utf-8")
    path.chmod(0o600)
    with pytest.raises(SettingRefused) as why:
        account_file.read(path)
    assert one not in str(why.value)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    os.mkfifo(path, 0o600)
    with pytest.raises(SettingRefused, match="something that is no file"):
        account_file.read(path)
    with pytest.raises(SettingRefused, match="something that is no file"):
        account_file.read(Path("/dev/null"))
    with pytest.raises(SettingRefused, match="is a directory"):
        account_file.read(tmp_path)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may be another user")
@pytest.mark.parametrize(("owner", "is_read"), [(0, True), (10001, True), (10002, False)])
def test_a_file_of_another_user_is_refused_but_roots(one: str, owner: int, is_read: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "accounts"
        account_file.write(path, {"a": one})
        path.chmod(0o644)
        os.chown(path, owner, 0)
        assert account_file.read(path) == {"a": one}  # root may read each
        os.seteuid(10001)
        try:
            if is_read:
                assert account_file.read(path) == {"a": one}
            else:
                with pytest.raises(SettingRefused, match="one of another user"):
                    account_file.read(path)
        finally:
            os.seteuid(0)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may be another user")
def test_a_file_that_the_portal_may_not_read_is_to_be_made_its_own(one: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "accounts"
        account_file.write(path, {"a": one})
        os.seteuid(10001)
        try:
            with pytest.raises(SettingRefused, match="may not read") as why:
                account_file.read(path)
        finally:
            os.seteuid(0)
    assert f"chown 10001 {path}" in why.value.action


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_refused(tmp_path: Path, one: str, mode: int) -> None:
    path = tmp_path / "accounts"
    account_file.write(path, {"a": one})
    path.chmod(mode)
    with pytest.raises(SettingRefused, match="others may write"):
        account_file.read(path)
