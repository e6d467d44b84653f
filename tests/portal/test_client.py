"""Client over a real pair of sockets."""

import socket
import struct
from collections.abc import Iterator

import pytest

from portal.client import Client, ClientLeft

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """The portal's end of a connection, and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
    ours.settimeout(60)  # which a look must not wait for
    with ours, theirs:
        yield ours, theirs


def test_one_who_waits_in_silence_is_there(pair: Pair) -> None:
    Client(pair[0]).require()


def test_one_who_sends_the_next_request_is_there(pair: Pair) -> None:
    ours, theirs = pair
    theirs.sendall(b"GET / HTTP/1.1\r\n")
    ours.recv(1)  # so that the rest has arrived
    Client(ours).require()
    assert ours.recv(100) == b"ET / HTTP/1.1\r\n"  # nothing of it was taken


def test_one_who_closes_has_left(pair: Pair) -> None:
    ours, theirs = pair
    theirs.close()
    ours.recv(1)  # until the end has arrived
    with pytest.raises(ClientLeft):
        Client(ours).require()


def test_one_who_cuts_the_line_has_left(pair: Pair) -> None:
    ours, theirs = pair
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    with pytest.raises(ClientLeft):
        Client(ours).require()


def test_of_a_connection_that_is_closed_here_nobody_is_left(pair: Pair) -> None:
    pair[0].close()
    with pytest.raises(ClientLeft):
        Client(pair[0]).require()


def test_without_a_connection_everybody_is_there() -> None:
    Client().require()
