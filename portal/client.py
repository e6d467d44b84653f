"""Client: whether whoever sent a request still waits for the answer."""

import select
import socket
from contextlib import suppress
from weakref import WeakSet

_given_up: WeakSet[socket.socket] = WeakSet()


class ClientLeft(Exception):
    """The client hung up: nobody is there to be refused, and its turn goes to the next."""


class Client:
    """The other end of a connection.

    Args:
        connection: of the request, as gunicorn hands it out; None where a server hands out none,
            and then the client is taken to be there.
    """

    def __init__(self, connection: socket.socket | None = None) -> None:
        self._connection = connection

    def require(self) -> None:
        """Go on only for somebody.

        A client that has closed its own direction alone counts as gone, as for most proxies.

        Raises:
            ClientLeft: the connection was closed.
        """
        if self._connection is not None and _is_closed(self._connection):
            raise ClientLeft


def give_up(connection: socket.socket) -> None:
    """Read no more of a client that is too slow: its reader finds an end, as if it had left."""
    _given_up.add(connection)
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)


def is_given_up(connection: socket.socket | None) -> bool:
    """Whether the end that was found was made here, and the client waits for an answer."""
    return connection in _given_up


def _is_closed(connection: socket.socket) -> bool:
    try:
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        # Only what can be read at once is read: the socket itself would wait for its timeout.
        return bool(poll.poll(0)) and not connection.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):  # reset, or closed here
        return True
