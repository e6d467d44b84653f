"""Gunicorn's threaded worker, which no idle client can hold up."""

import socket
import time
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

_LEAVING = 2  # seconds in which a client may take its answer and close
_MOST_LEFT = 65536  # bytes of what such a client still sends that are read and thrown away


class PortalWorker(ThreadWorker):  # type: ignore[misc] # gunicorn publishes no types
    """Gives a thread to a request only, not to a client that says nothing or does not leave.

    Gunicorn waits five seconds in a thread for the first byte of a connection, and two seconds in
    its only accepting thread for a client to close; health pages would wait with it.
    """

    def enqueue_req(self, conn: TConn) -> None:
        """Have a request answered; a connection without one waits beside the kept-alive ones."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: TConn) -> Any:
        """Answer in a thread, and wait there for a client whose connection is not kept."""
        kept = super().handle(conn)
        if kept is False:
            _see_off(conn.sock)
        return kept


def _see_off(client: socket.socket) -> None:
    """Let a client read its answer to the end; closed at once, what it still sends would cut it."""
    end, left = time.monotonic() + _LEAVING, _MOST_LEFT
    with suppress(OSError):
        client.shutdown(socket.SHUT_WR)
        while left > 0 and (patience := end - time.monotonic()) > 0:
            client.settimeout(patience)
            received = client.recv(4096)
            if not received:
                break
            left -= len(received)
    with suppress(OSError):
        client.shutdown(socket.SHUT_RD)  # so that nobody waits for it again
