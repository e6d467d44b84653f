"""Paced: a connection from which the rest of a request has to come in time."""

import socket
import time

PACE = 32  # KiB; for each so many of a body it has a second more
SILENCE = 30  # seconds without a byte, after which a client is given up


class Paced:
    """What gunicorn reads a body from in place of the connection itself.

    Args:
        connection: it reads from; what is sent there has ``SILENCE`` to go, too.
        seconds: in which all that is read has to be there.
    """

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._end = time.monotonic() + seconds

    def recv(self, size: int) -> bytes:
        """Up to ``size`` bytes; none at the end.

        Raises:
            TimeoutError: no byte came for long, or the time for all of them is over.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(min(left, SILENCE))
        try:
            return self._connection.recv(size)
        finally:
            self._connection.settimeout(SILENCE)
