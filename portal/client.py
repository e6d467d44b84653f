"""Client: whether whoever sent a request still waits for the answer."""

import select
import socket


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


def _is_closed(connection: socket.socket) -> bool:
    try:
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        # Only what can be read at once is read: the socket itself would wait for its timeout.
        return bool(poll.poll(0)) and not connection.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):  # reset, or closed here
        return True
