"""SignIn: a name and a password, tried slowly."""

from portal.accounts.accounts import Accounts
from portal.errors import TooManyTries, WrongPassword
from portal.throttle import Throttle, network_of

_MINUTES = 300.0  # seconds
_TRIES_PER_NAME = 10  # at once, and in every five minutes
_TRIES_PER_ADDRESS = 30


class SignIn:
    """Checks passwords, by name and by address no faster than a person mistypes them.

    Only wrong ones are counted, and for an address those that found no turn. A name that does not
    exist is treated as one that does.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._names = Throttle(most=_TRIES_PER_NAME, seconds=_MINUTES)
        self._addresses = Throttle(most=_TRIES_PER_ADDRESS, seconds=_MINUTES)

    def check(self, name: str, password: str, address: str | None) -> None:
        """Return if it is right.

        Raises:
            WrongPassword: there is no such account, or its password is another.
            TooManyTries: there were too many wrong ones for this name or from this address, or
                too many are being tried at this moment.
        """
        network = network_of(address)
        # Counted before it is checked, so that many at once are as slow as one by one.
        wait = self._addresses.take(network)
        if not wait and (wait := self._names.take(name)):
            self._addresses.give_back(network)  # no password of this address was tried
        if wait:
            raise TooManyTries(
                expected="a few tries", received="too many, for this name or here", wait=wait
            )
        try:
            is_right = self._accounts.is_right(name, password)
        except TooManyTries:  # a crowd must not keep the name's owner out
            self._names.give_back(name)
            raise
        if not is_right:
            raise WrongPassword(
                expected="the name and password of an account",
                received="a name and a password that do not belong together here",
            )
        self._addresses.give_back(network)
        self._names.give_back(name)
