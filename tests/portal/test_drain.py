"""Reading on after a refusal, from a real connection."""

import socket

from flask import Flask

from portal.drain import drain

Ends = tuple[socket.socket, socket.socket]


def drained(server: socket.socket, limit: int, patience: float = 60.0, **environ: str) -> None:
    app = Flask(__name__)
    with server.makefile("rb") as stream:
        overrides = {"wsgi.input": stream, "gunicorn.socket": server, **environ}
        with app.test_request_context(method="POST", environ_overrides=overrides):
            drain(limit, patience)


def test_what_was_said_to_come_is_read_and_no_more(ends: Ends) -> None:
    server, client = ends
    client.sendall(bytes(1000))
    client.shutdown(socket.SHUT_WR)
    drained(server, 10_000, CONTENT_LENGTH="1000")
    assert server.recv(1) == b""


def test_no_more_than_the_limit_is_waited_for(ends: Ends) -> None:
    server, client = ends
    client.sendall(bytes(1000))
    drained(server, 1000)


def test_whoever_sends_too_slowly_is_cut_off(ends: Ends) -> None:
    server, client = ends
    client.sendall(b"drop")
    drained(server, 1000, 0.05, CONTENT_LENGTH="1000")  # would wait for the rest for ever


def test_a_client_that_has_left_is_no_failure(ends: Ends) -> None:
    server, _client = ends

    class Reset:
        def read(self, _size: int) -> bytes:
            raise ConnectionResetError

    with Flask(__name__).test_request_context(
        method="POST", environ_overrides={"wsgi.input": Reset(), "gunicorn.socket": server}
    ):
        drain(1000)
