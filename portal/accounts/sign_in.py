"""SignIn: a name and a password, tried slowly."""

import threading
import time
from collections import Counter

from portal.accounts.accounts import PATIENCE, Accounts, no_turn
from portal.errors import NoTurn, TooManyTries, WrongPassword
from portal.throttle import Throttle, network_of

_MINUTES = 300.0  # seconds
_TRIES_PER_NAME = 10  # at once, and in every five minutes
_TRIES_PER_ADDRESS = 30


class SignIn:
    """Checks passwords, by name and by address no faster than a person mistypes them.

    Only wrong ones are counted, and for an address those that found no turn. A name that does not
    exist is treated as one that does.
    """

    def __init__(self, accounts: Accounts, *, patience: float = PATIENCE) -> None:
        self._accounts = accounts
        self._patience = patience
        self._in_flight: Counter[str] = Counter()  # by name
        self._changed = threading.Condition()
        self._names = Throttle(most=_TRIES_PER_NAME, seconds=_MINUTES)
        self._addresses = Throttle(most=_TRIES_PER_ADDRESS, seconds=_MINUTES)

    def check(self, name: str, password: str, address: str | None) -> None:
        """Return if it is right.

        Raises:
            WrongPassword: there is no such account, or its password is another.
            TooManyTries: there were too many wrong ones for this name or from this address.
            NoTurn: too many are being tried at this moment.
        """
        network = network_of(address)
        # Counted before it is checked, so that many at once are as slow as one by one.
        wait = self._addresses.take(network)
        if not wait and (wait := self._begin(name)):
            self._addresses.give_back(network)  # no password of this address was tried
        if wait:
            raise TooManyTries(
                expected="a few tries", received="too many, for this name or here", wait=wait
            )
        is_counted = True
        try:
            is_counted = not self._accounts.is_right(name, password)
        except NoTurn:  # a crowd must not keep the name's owner out
            is_counted = False
            raise
        finally:
            self._end(name, is_counted=is_counted)
        if is_counted:
            raise WrongPassword(
                expected="the name and password of an account",
                received="a name and a password that do not belong together here",
            )
        self._addresses.give_back(network)

    def wrong(self, name: str, password: str, address: str | None) -> WrongPassword | None:
        """What a form says of a name and a password: None where they are right.

        Raises:
            TooManyTries: there were too many wrong ones for this name or from this address.
            NoTurn: too many are being tried at this moment.
        """
        try:
            self.check(name, password, address)
        except WrongPassword as refusal:
            return refusal
        return None

    def _begin(self, name: str) -> float:
        """Count a try for a name: 0, or the seconds to wait, and then nothing is counted.

        Tries in flight may be right, and then they do not count: they are waited for.

        Raises:
            NoTurn: they took too long.
        """
        until = time.monotonic() + self._patience
        with self._changed:
            while (wait := self._names.take(name)) and self._in_flight[name]:
                if not self._changed.wait(until - time.monotonic()):
                    raise no_turn()
            if not wait:
                self._in_flight[name] += 1
        return wait

    def _end(self, name: str, *, is_counted: bool) -> None:
        with self._changed:
            if not is_counted:
                self._names.give_back(name)
            self._in_flight[name] -= 1
            if not self._in_flight[name]:
                del self._in_flight[name]  # names are whatever is sent
            self._changed.notify_all()
