import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal import start_checks
from portal.accounts import account_file
from portal.accounts.password import hashed
from portal.errors import CannotStart, SettingRefused
from portal.leftovers import new_name
from portal.private_folder import claim
from portal.settings import Settings


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(folder: Path, port: int) -> Settings:
    return Settings(port=port, checkpoints=folder, upload_dir=folder / "uploads")


def test_all_is_well(tmp_path: Path, free_port: int) -> None:
    start_checks.require(settings(tmp_path, free_port))


def test_a_start_removes_what_was_left_before_it_measures_room(
    tmp_path: Path, free_port: int
) -> None:
    left = claim(tmp_path / "uploads") / new_name()
    left.write_bytes(b"left over")
    start_checks.require(settings(tmp_path, free_port))
    assert not left.exists()


def test_a_taken_port_is_named_with_another(tmp_path: Path, taken_port: int) -> None:
    with pytest.raises(CannotStart) as why:
        start_checks.require(settings(tmp_path, taken_port))
    assert str(taken_port) in why.value.expected
    assert "PORT=" in why.value.action


@pytest.mark.parametrize("taken", ["127.0.0.1", "::1"])
def test_a_name_is_looked_at_wherever_it_leads(
    taken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser may take the address at which the portal would not listen."""
    found = socket.getaddrinfo
    listener = socket.socket(socket.AF_INET6 if ":" in taken else socket.AF_INET)
    try:
        listener.bind((taken, 0))
    except OSError:
        pytest.skip("no IPv6 here")
    listener.listen()

    def both(_host: str, port: int, family: int = 0, *rest: int, **more: int) -> list[object]:
        """What many machines say of localhost."""
        asked = [("::1", socket.AF_INET6), ("127.0.0.1", socket.AF_INET)]
        return [
            answer
            for host, of in asked
            if family in (0, of)
            for answer in found(host, port, of, *rest, **more)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    by_name = replace(settings(tmp_path, listener.getsockname()[1]), host="localhost")
    with listener, pytest.raises(CannotStart, match="to be free"):
        start_checks.require(by_name)
    start_checks.require(by_name)


def test_an_unknown_host_is_refused(tmp_path: Path, free_port: int) -> None:
    wrong = Settings(host="no-such-host.invalid", port=free_port, checkpoints=tmp_path)
    with pytest.raises(CannotStart, match=r"no-such-host\.invalid"):
        start_checks.require(wrong)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_nobody_is_let_in_from_elsewhere_by_mistake(
    tmp_path: Path, free_port: int, host: str
) -> None:
    open_to_all = replace(settings(tmp_path, free_port), host=host)
    with pytest.raises(CannotStart, match=f"HOST={host} and no accounts") as why:
        start_checks.require(open_to_all)
    assert "AUTH_FILE" in why.value.action
    assert "ALLOW_ANONYMOUS=1" in why.value.action
    start_checks.require(replace(open_to_all, allow_anonymous=1))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_this_machine_itself_needs_no_account(tmp_path: Path, free_port: int, host: str) -> None:
    start_checks.require(replace(settings(tmp_path, free_port), host=host))


def test_with_accounts_others_may_reach_it(tmp_path: Path, free_port: int) -> None:
    accounts = tmp_path / "accounts"
    guarded = replace(settings(tmp_path, free_port), host="0.0.0.0", auth_file=accounts)
    with pytest.raises(SettingRefused, match="no such file"):
        start_checks.require(guarded)
    account_file.write(accounts, {})
    with pytest.raises(CannotStart, match="at least one account"):
        start_checks.require(guarded)
    account_file.write(accounts, {"anna": hashed("correct horse battery")})
    start_checks.require(guarded)


def test_accounts_without_a_key_of_their_own_are_a_warning(installed: Path) -> None:
    guarded = replace(settings(installed, 8000), auth_file=installed / "accounts")
    (warning,) = start_checks.warnings(guarded)
    assert "SECRET_KEY is not set" in warning
    assert list(start_checks.warnings(replace(guarded, secret_key="k" * 32))) == []


def test_a_missing_folder_of_checkpoints_is_named(tmp_path: Path, free_port: int) -> None:
    with pytest.raises(CannotStart, match="CHECKPOINTS"):
        start_checks.require(settings(tmp_path / "absent", free_port))


def test_an_upload_folder_that_cannot_be_made_is_named(tmp_path: Path, free_port: int) -> None:
    (tmp_path / "uploads").touch()
    with pytest.raises(SettingRefused, match="UPLOAD_DIR"):
        start_checks.require(settings(tmp_path, free_port))


def test_a_folder_without_models_is_a_warning(tmp_path: Path, installed: Path) -> None:
    (warning,) = start_checks.warnings(settings(tmp_path, 8000))
    assert "No model is installed" in warning
    assert "python -m pipelines publish" in warning
    assert list(start_checks.warnings(settings(installed, 8000))) == []
