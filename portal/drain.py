"""Reading on after a refusal: a browser that is cut off while it sends shows no page."""

import socket
from contextlib import suppress
from threading import Timer

from flask import request

_PATIENCE = 30  # seconds; whoever sends more slowly is cut off, and gives its place to others
_PIECE = 2**20  # bytes


def drain(limit: int, patience: float = _PATIENCE) -> None:
    """Read and throw away what the request still brings, up to ``limit`` bytes, for a while."""
    client: socket.socket | None = request.environ.get("gunicorn.socket")
    end = Timer(patience, _read_no_more, (client,))
    end.start()
    try:
        with suppress(OSError):  # the client has left: nobody is there to see a page
            _read(limit if request.content_length is None else min(limit, request.content_length))
    finally:
        end.cancel()


def _read(left: int) -> None:
    stream = request.environ["wsgi.input"]
    while left > 0 and (piece := stream.read(min(left, _PIECE))):
        left -= len(piece)


def _read_no_more(client: socket.socket | None) -> None:
    if client is not None:
        with suppress(OSError):
            client.shutdown(socket.SHUT_RD)
