"""Paced over a real pair of sockets."""

import socket
from collections.abc import Iterator

import pytest

from portal.paced import SILENCE, Paced

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """The portal's end of a connection, and the client's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_what_comes_in_time_is_read_as_from_the_connection(pair: Pair) -> None:
    ours, theirs = pair
    theirs.sendall(b"body")
    theirs.close()
    paced = Paced(ours, 60)
    assert paced.recv(3) == b"bod"
    assert paced.recv(3) == b"y"
    assert paced.recv(3) == b""


def test_whoever_falls_silent_is_given_up(pair: Pair) -> None:
    ours, _theirs = pair
    with pytest.raises(TimeoutError):
        Paced(ours, 0.05).recv(1)
    assert ours.gettimeout() == SILENCE  # what is sent has its own time


def test_whoever_is_late_is_given_up_however_much_has_come(pair: Pair) -> None:
    ours, theirs = pair
    theirs.sendall(b"body")
    with pytest.raises(TimeoutError):
        Paced(ours, 0).recv(1)
