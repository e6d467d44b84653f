"""How often somebody may do something: a few times at once, then at a steady pace."""

import threading
import time
from array import array
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

_PLACES = 2**14


class Throttle:
    """Counts by key, in bounded memory, for this process.

    Source: the generic cell rate algorithm, ITU-T I.371: one time stands for each key, that at
    which all it did would be paid off. Keys that share a place by chance share its pace; to evict
    old keys instead would let a flood of new ones wipe out an attacker's own count.
    """

    def __init__(
        self, *, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Allow ``most`` at once, and as many again in every ``seconds``."""
        self._step = seconds / most
        self._slack = seconds
        self._clock = clock
        self._paid_off = array("d", bytes(8 * _PLACES))
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """Count one more for ``key``: 0, or the seconds to wait, and then nothing is counted."""
        place, now = self._place(key), self._clock()
        with self._lock:
            paid_off = max(self._paid_off[place], now) + self._step
            wait = paid_off - self._slack - now
            if wait > 1e-9:
                return wait
            self._paid_off[place] = paid_off
        return 0.0

    def give_back(self, key: str) -> None:
        """Take back one that was counted."""
        with self._lock:
            self._paid_off[self._place(key)] -= self._step

    @staticmethod
    def _place(key: str) -> int:
        return hash(key) % _PLACES  # Python salts it anew in every process


def network_of(address: str | None) -> str:
    """What one client can ask from: an IPv4 address, or the 64 bits of an IPv6 network."""
    try:
        parsed = _parsed(address or "")
    except ValueError:
        return address or ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return parsed.exploded[:19]


def _parsed(address: str) -> IPv4Address | IPv6Address:
    """An address, without the port that some proxies write after it.

    Raises:
        ValueError: it is none.
    """
    try:
        return ip_address(address)
    except ValueError:
        return ip_address(urlsplit(f"//{address}").hostname or "")
