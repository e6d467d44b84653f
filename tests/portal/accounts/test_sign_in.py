import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.accounts import account_file
from portal.accounts.accounts import Accounts
from portal.accounts.password import hashed
from portal.accounts.sign_in import SignIn
from portal.errors import NoTurn, TooManyTries, WrongPassword

PASSWORD = "correct horse battery"


@pytest.fixture
def sign_in(tmp_path: Path) -> SignIn:
    account_file.write(tmp_path / "accounts", {"anna": hashed(PASSWORD)})
    return SignIn(Accounts(tmp_path / "accounts"))


def wrong(sign_in: SignIn, name: str, address: str) -> type[Exception]:
    with pytest.raises((WrongPassword, TooManyTries)) as why:
        sign_in.check(name, "x" * 300, address)  # too long to be hashed
    return why.type


def test_wrong_passwords_of_a_name_are_counted_wherever_they_come_from(sign_in: SignIn) -> None:
    tries = [wrong(sign_in, "anna", f"192.0.2.{number}") for number in range(11)]
    assert tries == [WrongPassword] * 10 + [TooManyTries]
    with pytest.raises(TooManyTries) as why:
        sign_in.check("anna", PASSWORD, "192.0.2.99")
    assert 0 < why.value.wait <= 30


def test_wrong_passwords_of_an_address_are_counted_whatever_the_name(sign_in: SignIn) -> None:
    tries = [wrong(sign_in, f"name{number}", "192.0.2.1") for number in range(31)]
    assert tries == [WrongPassword] * 30 + [TooManyTries]
    with pytest.raises(TooManyTries):
        sign_in.check("anna", PASSWORD, "192.0.2.1")
    sign_in.check("anna", PASSWORD, "192.0.2.2")


def test_who_is_told_to_wait_for_a_name_does_not_use_up_the_address(sign_in: SignIn) -> None:
    for number in range(10):
        wrong(sign_in, "ben", f"192.0.2.{number}")
    assert {wrong(sign_in, "ben", "192.0.2.99") for _ in range(40)} == {TooManyTries}
    sign_in.check("anna", PASSWORD, "192.0.2.99")


def test_a_form_hears_of_a_wrong_password_and_is_held_up_by_too_many(sign_in: SignIn) -> None:
    assert sign_in.wrong("anna", PASSWORD, "192.0.2.1") is None
    tries = [sign_in.wrong("anna", "x" * 300, "192.0.2.1") for _ in range(10)]
    assert {type(refusal) for refusal in tries} == {WrongPassword}
    with pytest.raises(TooManyTries):
        sign_in.wrong("anna", PASSWORD, "192.0.2.1")


class Crowded(Accounts):
    """Accounts at which nobody gets a turn as long as they are crowded."""

    crowded = True

    def is_right(self, name: str, given: str) -> bool:
        if self.crowded:
            raise NoTurn(expected="a turn", received="none", wait=1)
        return super().is_right(name, given)


def test_who_finds_no_turn_uses_up_the_address_and_not_the_name(tmp_path: Path) -> None:
    account_file.write(tmp_path / "accounts", {"anna": hashed(PASSWORD)})
    accounts = Crowded(tmp_path / "accounts")
    sign_in = SignIn(accounts)
    for _ in range(30):
        with pytest.raises(NoTurn, match="received none"):
            sign_in.check("anna", "x", "192.0.2.1")
    with pytest.raises(TooManyTries, match="received too many"):
        sign_in.check("anna", "x", "192.0.2.1")
    accounts.crowded = False
    sign_in.check("anna", PASSWORD, "192.0.2.2")


def test_an_unknown_name_is_refused_as_a_known_one(sign_in: SignIn) -> None:
    tries = [wrong(sign_in, "nobody", f"192.0.2.{number}") for number in range(11)]
    assert tries == [WrongPassword] * 10 + [TooManyTries]


def test_right_passwords_are_not_counted(sign_in: SignIn) -> None:
    for _ in range(50):
        sign_in.check("anna", PASSWORD, "192.0.2.1")


class Slow(Accounts):
    """Accounts that take their time, and longer while they are told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.go_on = threading.Event()
        self.go_on.set()
        self.tried: list[str] = []

    def is_right(self, name: str, given: str) -> bool:
        self.tried.append(name)
        time.sleep(0.05)
        self.go_on.wait(60)
        return given == PASSWORD


@pytest.fixture
def slow(tmp_path: Path) -> Slow:
    account_file.write(tmp_path / "accounts", {"anna": hashed(PASSWORD)})
    return Slow(tmp_path / "accounts")


def at_once(sign_in: SignIn, password: str, count: int) -> list[str]:
    """What a name is told that signs in so many times at once, from as many addresses, sorted."""

    def told(number: int) -> str:
        try:
            sign_in.check("anna", password, f"192.0.2.{number}")
        except (WrongPassword, TooManyTries, NoTurn) as refusal:
            return type(refusal).__name__
        return "welcome"

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(told, range(count)))


def test_right_passwords_at_once_are_all_right(slow: Slow) -> None:
    sign_in = SignIn(slow, patience=60.0)
    assert at_once(sign_in, PASSWORD, 25) == ["welcome"] * 25


def test_a_program_that_begins_with_many_requests_is_let_in(tmp_path: Path) -> None:
    account_file.write(tmp_path / "accounts", {"anna": hashed(PASSWORD)})
    sign_in = SignIn(Accounts(tmp_path / "accounts", patience=60.0), patience=60.0)
    assert at_once(sign_in, PASSWORD, 16) == ["welcome"] * 16


def test_wrong_passwords_at_once_are_as_many_as_one_by_one(slow: Slow) -> None:
    sign_in = SignIn(slow, patience=60.0)
    told = at_once(sign_in, "wrong", 25)
    assert told == ["TooManyTries"] * 15 + ["WrongPassword"] * 10
    assert len(slow.tried) == 10
    assert at_once(sign_in, PASSWORD, 1) == ["TooManyTries"]


def test_who_waits_in_vain_is_not_told_of_wrong_passwords(slow: Slow) -> None:
    sign_in = SignIn(slow, patience=0.0)
    slow.go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        ten = pool.submit(at_once, sign_in, PASSWORD, 10)
        while len(slow.tried) < 10:
            time.sleep(0.01)
        assert at_once(sign_in, PASSWORD, 1) == ["NoTurn"]
        slow.go_on.set()
        assert ten.result() == ["welcome"] * 10
    assert "wrong" not in NoTurn.title
    assert at_once(sign_in, PASSWORD, 1) == ["welcome"]
