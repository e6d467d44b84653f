"""Gunicorn's threaded worker, which no idle client can hold up."""

import errno
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from math import inf
from selectors import EVENT_READ
from typing import Any

from gunicorn import util
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.http.message import Request
from gunicorn.workers.gthread import TConn, ThreadWorker
from werkzeug.wsgi import ClosingIterator

from portal.paced import PACE, SILENCE, Paced

_HEAD = 5  # seconds for the head of a request, once it has begun
_BODY = 30  # seconds for its body
_PIECE = 128 * 1024  # bytes of an answer, for which its client has that long
_FULL = 0.1  # seconds after which to look again whether there is room
_LEAVING = 2  # seconds in which a client may take its answer and close
_MOST_LEFT = 65536  # bytes of what such a client still sends that are read and thrown away
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}  # which passes
_STATUSES = {
    LimitRequestLine: (414, "URI Too Long"),
    LimitRequestHeaders: (431, "Request Header Fields Too Large"),
}
_UNREADABLE = (400, "Bad Request")


class PortalWorker(ThreadWorker):  # type: ignore[misc] # gunicorn publishes no types
    """Gives a thread to a request only, not to a client that says nothing or does not leave.

    Gunicorn waits five seconds in a thread for the first byte of a connection, and two seconds in
    its only accepting thread for a client to close; health pages would wait with it. It waits for
    ever for a client that stops in the midst of a request, or sends it byte by byte.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._heads: dict[TConn, float] = {}  # by when the head of a request has to be there
        self._guard = threading.Lock()

    def load_wsgi(self) -> None:
        """Load the application, whose answers are sent in pieces."""
        super().load_wsgi()
        self.wsgi: Callable[..., Iterable[bytes]] = partial(_in_pieces, self.wsgi)

    def accept(self, listener: socket.socket) -> None:
        """Let a client in; while there is no room it waits outside, and the worker goes on."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            time.sleep(_FULL)  # the listener would be found readable again at once

    def enqueue_req(self, conn: TConn) -> None:
        """Have a request answered; a connection without one waits beside the kept-alive ones."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def set_accept_enabled(self, enabled: bool) -> None:
        """Let clients in or not; at the end also close the door, so that they ask elsewhere.

        Gunicorn closes it when the last request is answered: whoever came meanwhile would wait.
        """
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                listener.close()

    def handle(self, conn: TConn) -> Any:
        """Answer in a thread, and wait there for a client whose connection is not kept."""
        with self._guard:
            self._heads[conn] = time.monotonic() + _HEAD
        try:
            kept = super().handle(conn)
        finally:
            self._has_head(conn)
        if kept is False:
            _see_off(conn.sock)
        return kept

    def handle_request(self, req: Request, conn: TConn) -> Any:
        """Answer a request whose head is there; its body has time according to its length."""
        self._has_head(conn)
        length = min(_length(req), self.app.max_upload_bytes)  # more is read to be refused only
        unreader = conn.parser.unreader
        unreader.sock = Paced(conn.sock, _BODY + length / (PACE * 1024))
        conn.sock.settimeout(SILENCE)
        try:
            return super().handle_request(req, conn)
        finally:
            unreader.sock = conn.sock

    def murder_pending(self) -> None:
        """Close what says nothing, and wait for no head that is late; asked about once a second."""
        super().murder_pending()
        now = time.monotonic()
        with self._guard:
            for conn in [conn for conn, end in self._heads.items() if end < now]:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)  # its thread finds that no more comes

    def handle_error(self, req: Request | None, client: socket.socket, addr: Any, exc: Any) -> None:
        """Answer and log what is no HTTP; gunicorn would quote it, and it may be an image's bytes.

        Failures of the portal's own are gunicorn's to answer: they quote nothing.
        """
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        kind = type(exc).__name__
        self.log.warning("Invalid request from ip=%s: %s", addr[0] if addr else "", kind)
        with suppress(OSError):
            util.write_error(client, *_STATUSES.get(type(exc), _UNREADABLE), "")

    def _has_head(self, conn: TConn) -> None:
        with self._guard:
            self._heads.pop(conn, None)


def _in_pieces(app: Callable[..., Iterable[bytes]], *request: Any) -> ClosingIterator:
    """An answer cut up: a socket counts its time for the whole of what it is given to send."""
    answer = app(*request)
    pieces = (part[at : at + _PIECE] for part in answer for at in range(0, len(part), _PIECE))
    return ClosingIterator(pieces, getattr(answer, "close", None))


def _length(req: Request) -> float:
    """Bytes of the body; any number of them where it comes in chunks."""
    headers = dict(req.headers)
    return inf if "TRANSFER-ENCODING" in headers else int(headers.get("CONTENT-LENGTH", 0))


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
