"""Paced over a real pair of sockets."""

import socket

import pytest

from portal.paced import SILENCE, Paced

Ends = tuple[socket.socket, socket.socket]


def test_what_comes_in_time_is_read_as_from_the_connection(ends: Ends) -> None:
    server, client = ends
    client.sendall(b"body")
    client.close()
    paced = Paced(server, 60)
    assert paced.recv(3) == b"bod"
    assert paced.recv(3) == b"y"
    assert paced.recv(3) == b""


def test_whoever_falls_silent_is_given_up(ends: Ends) -> None:
    server, _client = ends
    with pytest.raises(TimeoutError):
        Paced(server, 0.05).recv(1)
    assert server.gettimeout() == SILENCE  # what is sent has its own time


def test_whoever_is_late_is_given_up_however_much_has_come(ends: Ends) -> None:
    server, client = ends
    client.sendall(b"body")
    with pytest.raises(TimeoutError):
        Paced(server, 0).recv(1)
