"""Accounts: whether a name and a password belong together, as the file says at this moment."""

import hashlib
import hmac
import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import Refusal
from models.files import Stamp, stamp
from portal.accounts import account_file, password
from portal.errors import NoTurn

PATIENCE = 2.0  # seconds for a turn; who waits holds a thread

_AT_A_TIME = 2  # hashes being computed; each takes 32 MiB and a core
_COME_BACK = 5.0  # seconds, for whoever got none
_REMEMBERED = 64  # right answers; a program that asks again and again need not wait each time
_log = logging.getLogger(__name__)

_Version = Stamp | None
_UNREAD: _Version = (0, 0, 0, 0)


class Accounts:
    """The accounts of a file, which is read again when it has changed.

    A file that has become unreadable lets nobody in.

    Args:
        path: of the file.
        patience: seconds for a turn.
        check: whether a password has a hash.
    """

    def __init__(
        self,
        path: Path,
        *,
        patience: float = PATIENCE,
        check: Callable[[str, str], bool] = password.is_right,
    ) -> None:
        self._path = path
        self._patience = patience
        self._check = check
        self._lock = threading.Lock()
        self._hashing = threading.BoundedSemaphore(_AT_A_TIME)
        self._version = _UNREAD
        self._told: tuple[_Version, str] | None = None
        self._hashes: account_file.Hashes = {}
        self._nobodys = password.hashed(secrets.token_hex())
        self._key = secrets.token_bytes()
        self._right: OrderedDict[bytes, None] = OrderedDict()

    def is_right(self, name: str, given: str) -> bool:
        """Whether this is an account's password; takes as long for a name that does not exist.

        Raises:
            NoTurn: too many passwords are being tried at this moment.
        """
        stored = self._current().get(name)
        seal = hmac.digest(self._key, repr((name, given, stored)).encode(), "sha256")
        if self._remembers(seal):
            return True
        with self._turn():
            if self._remembers(seal):  # somebody with the same password had a turn meanwhile
                return True
            right = self._check(given, stored or self._nobodys)
            if stored is None or not right:
                return False
            self._remember(seal)
        return True

    def stamp(self, name: str) -> str | None:
        """What tells an account from others and from itself with another password, or None."""
        stored = self._current().get(name)
        return None if stored is None else hashlib.sha256(stored.encode()).hexdigest()[:32]

    def _remembers(self, seal: bytes) -> bool:
        with self._lock:
            if seal not in self._right:
                return False
            self._right.move_to_end(seal)
            return True

    def _remember(self, seal: bytes) -> None:
        with self._lock:
            self._right[seal] = None
            if len(self._right) > _REMEMBERED:
                self._right.popitem(last=False)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._hashing.acquire(timeout=self._patience):
            raise no_turn()
        try:
            yield
        finally:
            self._hashing.release()

    def _current(self) -> account_file.Hashes:
        version = self._found()
        with self._lock:
            if version != self._version:
                try:
                    self._version, self._hashes = version, account_file.read(self._path)
                    self._told = None
                except Refusal as refusal:
                    self._version, self._hashes = _UNREAD, {}  # read again: it may pass
                    self._tell((version, str(refusal)))
            return self._hashes

    def _found(self) -> _Version:
        try:
            return stamp(self._path)
        except OSError:
            return None

    def _tell(self, failure: tuple[_Version, str]) -> None:
        if failure != self._told:
            _log.error("nobody can sign in: %s", failure[1])
        self._told = failure


def no_turn() -> NoTurn:
    """What is told to whoever has waited in vain."""
    return NoTurn(
        expected="few passwords to try at a time", received="more of them", wait=_COME_BACK
    )
