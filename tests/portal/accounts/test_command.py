"""The command as it is typed, at a terminal."""

import os
import pty
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.accounts import account_file
from portal.accounts.password import hashed, is_right
from tests.functional.serving import ROOT

PASSWORD = "correct horse battery"


def account(
    *arguments: str,
    typed: tuple[str, ...] = (),
    meanwhile: Callable[[], object] = lambda: None,
    **environment: str,
) -> tuple[int, str]:
    """The exit status of the command and all that the terminal shows."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "portal", "account", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = b""
    waiting = list(typed)
    while True:
        try:
            shown += (part := os.read(controller, 4096))
        except OSError:  # the other end is closed
            break
        if part.endswith((b"Password: ", b"Again: ")):
            meanwhile()
            os.write(controller, waiting.pop(0).encode() + b"\n")
    os.close(controller)
    assert not waiting
    return process.wait(timeout=60), shown.decode()


def test_an_account_is_added_listed_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    status, shown = account("add", "anna", "--file", str(path), typed=(PASSWORD, PASSWORD))
    assert status == 0
    assert PASSWORD not in shown
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert is_right(PASSWORD, account_file.read(path)["anna"])
    assert account("list", AUTH_FILE=str(path)) == (0, "anna\r\n")
    assert account("remove", "anna", "--file", str(path)) == (0, "")
    assert account_file.read(path) == {}


def test_a_command_waits_until_another_process_has_written_its_change(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    account_file.write(path, {"bob": hashed(PASSWORD)})
    command = (sys.executable, "-m", "portal", "account", "remove", "bob", "--file", str(path))
    with account_file.changing(path) as accounts:
        process = subprocess.Popen(command, cwd=ROOT)
        with pytest.raises(subprocess.TimeoutExpired):  # alone it takes half a second
            process.wait(timeout=3)
        accounts["anna"] = hashed(PASSWORD)
    assert process.wait(timeout=60) == 0
    assert list(account_file.read(path)) == ["anna"]


def test_what_another_removes_while_a_password_is_typed_stays_removed(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    account_file.write(path, {"bob": hashed(PASSWORD), "carla": hashed(PASSWORD)})

    def remove_bob() -> None:
        left = {name: kept for name, kept in account_file.read(path).items() if name != "bob"}
        account_file.write(path, left)

    status, _ = account(
        "add", "anna", "--file", str(path), typed=(PASSWORD, PASSWORD), meanwhile=remove_bob
    )
    assert status == 0
    assert sorted(account_file.read(path)) == ["anna", "carla"]


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (("add", "anna"), ("short",), "a password of 12 to 256 characters"),
        (("add", "anna"), (PASSWORD, PASSWORD + "x"), "two different ones"),
        (("add", "a:b"), (), "a name of 1 to 64 letters"),
        (("remove", "anna"), (), "expected"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    tmp_path: Path, arguments: tuple[str, ...], typed: tuple[str, ...], words: str
) -> None:
    path = tmp_path / "accounts"
    status, shown = account(*arguments, "--file", str(path), typed=typed)
    assert status == 1
    assert words.lower() in shown.lower()
    assert "Traceback" not in shown
    assert not path.exists()


def test_a_file_has_to_be_named() -> None:
    status, shown = account("list", AUTH_FILE="")
    assert status == 1
    assert "--file FILE or AUTH_FILE" in shown
