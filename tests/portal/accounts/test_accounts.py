import resource
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.accounts import account_file
from portal.accounts.accounts import Accounts
from portal.accounts.password import MOST, hashed, is_right
from portal.errors import NoTurn

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def one() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def path(tmp_path: Path, one: str) -> Path:
    account_file.write(tmp_path / "accounts", {"anna": one})
    return tmp_path / "accounts"


def test_a_password_is_hashed_with_memory_and_salt(one: str) -> None:
    assert one.startswith("scrypt:32768:8:3$")
    assert one != hashed(PASSWORD)


def test_only_the_right_pair_is_right(path: Path) -> None:
    accounts = Accounts(path)
    assert accounts.is_right("anna", PASSWORD)
    assert accounts.is_right("anna", PASSWORD)
    assert not accounts.is_right("anna", PASSWORD + " ")
    assert not accounts.is_right("Anna", PASSWORD)
    assert not accounts.is_right("", "")
    assert not accounts.is_right("anna", "x" * (MOST + 1))


def test_a_right_answer_is_remembered_and_a_wrong_one_is_not(path: Path) -> None:
    accounts = Accounts(path)
    assert accounts.is_right("anna", PASSWORD)
    began = time.thread_time()
    assert all(accounts.is_right("anna", PASSWORD) for _ in range(100))
    hundred_right = time.thread_time() - began
    began = time.thread_time()
    assert not accounts.is_right("anna", "wrong")
    assert hundred_right < time.thread_time() - began


def test_an_unknown_name_takes_as_long_as_a_known_one(path: Path) -> None:
    accounts = Accounts(path)

    def seconds(name: str) -> float:
        began = time.thread_time()
        assert not accounts.is_right(name, "wrong")
        return time.thread_time() - began

    known = min(seconds("anna") for _ in range(3))
    unknown = min(seconds("nobody") for _ in range(3))
    assert 0.5 < unknown / known < 2


def test_who_gets_no_turn_in_time_is_told_so_and_keeps_no_thread(path: Path) -> None:
    accounts = Accounts(path, patience=0.0)
    at_once = threading.Barrier(8)

    def tried(number: int) -> str:
        at_once.wait()
        try:
            return str(accounts.is_right("anna", f"wrong {number}"))
        except NoTurn as refusal:
            return f"come back in {refusal.wait} s"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(tried, range(8)))
    assert set(told) == {"False", "come back in 5.0 s"}
    assert accounts.is_right("anna", PASSWORD)


def test_a_password_that_many_send_at_once_is_not_hashed_for_each(path: Path) -> None:
    hashes = []

    def slow(given: str, _stored: str) -> bool:
        hashes.append(given)
        time.sleep(0.1)
        return True

    accounts = Accounts(path, patience=60.0, check=slow)
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(accounts.is_right, ["anna"] * 16, [PASSWORD] * 16))
    assert len(hashes) <= 2


def test_a_change_of_the_file_holds_at_once(path: Path, one: str) -> None:
    accounts = Accounts(path)
    stamp = accounts.stamp("anna")
    assert accounts.is_right("anna", PASSWORD)
    account_file.write(path, {"anna": hashed("another password"), "ben": one})
    assert not accounts.is_right("anna", PASSWORD)
    assert accounts.is_right("ben", PASSWORD)
    assert accounts.stamp("anna") not in {stamp, None, accounts.stamp("ben")}
    account_file.write(path, {"ben": one})
    assert accounts.stamp("anna") is None


@pytest.mark.parametrize("how", ["removed", "damaged", "open to others"])
def test_a_file_that_cannot_be_used_lets_nobody_in(
    path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    accounts = Accounts(path)
    assert accounts.is_right("anna", PASSWORD)
    if how == "removed":
        path.unlink()
    elif how == "damaged":
        path.write_text("anna")
    else:
        path.chmod(0o666)
        path.write_text(path.read_text() + "\n")
    assert not accounts.is_right("anna", PASSWORD)
    assert accounts.stamp("anna") is None
    assert "nobody can sign in" in caplog.text


@contextmanager
def no_more_open_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_failure_that_passes_keeps_nobody_out_after_it(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    accounts = Accounts(path)
    for failures in (1, 2):
        path.touch()  # is read again
        with no_more_open_files():
            assert [accounts.stamp("anna") for _ in range(5)] == [None] * 5
        assert caplog.text.count("too many open files") == failures
        assert accounts.stamp("anna") is not None


def test_a_file_that_others_may_write_by_now_lets_nobody_in(path: Path) -> None:
    accounts = Accounts(path)
    assert accounts.is_right("anna", PASSWORD)
    path.chmod(0o666)
    assert not accounts.is_right("anna", PASSWORD)


def test_a_password_that_is_too_long_is_none_even_where_it_has_the_hash() -> None:
    long = "x" * (MOST + 1)
    assert is_right(long[1:], hashed(long[1:]))
    assert not is_right(long, hashed(long))


def test_only_so_many_right_answers_are_remembered(path: Path, one: str) -> None:
    names = [f"reader{number}" for number in range(70)]
    account_file.write(path, dict.fromkeys(names, one))
    accounts = Accounts(path, check=lambda _given, _stored: True)
    assert all(accounts.is_right(name, PASSWORD) for name in names)
    assert len(accounts._right) == 64
