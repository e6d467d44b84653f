import logging
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn

from portal.worker import PortalWorker, _length


class Threads:
    """A pool that notes what it is to do, and does none of it."""

    def __init__(self) -> None:
        self.given: list[object] = []

    def submit(self, _work: Callable[..., object], conn: object) -> Future[bool]:
        self.given.append(conn)
        return Future()


@pytest.fixture
def worker() -> Iterator[PortalWorker]:
    made = PortalWorker(1, os.getpid(), [], None, 30, Config(), logging.getLogger("tests"))
    made.tpool, made.poller = Threads(), selectors.DefaultSelector()
    yield made
    made.poller.close()
    made.tmp.close()


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The server's and the client's end of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
        with client, server:
            yield server, client


Ends = tuple[socket.socket, socket.socket]


def connection(worker: PortalWorker, server: socket.socket) -> TConn:
    return TConn(worker.cfg, server, ("127.0.0.1", 1), ("127.0.0.1", 2))


def test_a_connection_has_a_thread_only_once_it_says_something(
    worker: PortalWorker, ends: Ends
) -> None:
    server, client = ends
    conn = connection(worker, server)
    worker.enqueue_req(conn)
    assert worker.tpool.given == []
    client.sendall(b"G")
    worker.wait_for_and_dispatch_events(timeout=60)
    assert worker.tpool.given == [conn]
    assert not worker.pending_conns


def test_a_silent_connection_is_closed_in_the_end(worker: PortalWorker, ends: Ends) -> None:
    server, client = ends
    conn = connection(worker, server)
    worker.enqueue_req(conn)
    worker.murder_pending()
    assert worker.pending_conns
    conn.timeout = 0.0
    worker.murder_pending()
    assert client.recv(1) == b""


def test_a_client_that_leaves_is_seen_off_in_its_own_thread(
    worker: PortalWorker, ends: Ends
) -> None:
    server, client = ends
    client.sendall(b"no request\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    conn = connection(worker, server)
    worker.nr_conns = 1
    assert worker.handle(conn) is False
    assert client.recv(4096).startswith(b"HTTP/1.1 400")
    assert client.recv(1) == b""
    done: Future[bool] = Future()
    done.set_result(False)
    worker.finish_request(conn, done)
    assert worker.nr_conns == 0
    assert server.fileno() == -1


def test_who_neither_leaves_nor_stops_sending_is_waited_for_once(
    worker: PortalWorker, ends: Ends
) -> None:
    server, client = ends
    client.sendall(b"no request\r\n\r\n" + bytes(100_000))
    assert worker.handle(connection(worker, server)) is False
    assert client.recv(4096).startswith(b"HTTP/1.1 400")
    server.setblocking(True)
    while server.recv(65536):  # what is left is there already; nothing more is waited for
        pass


def test_a_head_that_does_not_end_is_given_up(worker: PortalWorker, ends: Ends) -> None:
    server, client = ends
    client.sendall(b"GET / HTTP/1.1\r\nHost: ")
    conn = connection(worker, server)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(worker.handle, conn)
        while conn not in worker._ends:
            assert not answer.done()
        worker.murder_pending()
        assert not answer.done()
        worker._ends[conn] = 0.0
        worker.murder_pending()
        client.shutdown(socket.SHUT_WR)
        assert answer.result(60) is False
    assert not worker._ends


def test_a_body_that_comes_too_slowly_is_given_up(worker: PortalWorker, ends: Ends) -> None:
    server, client = ends
    reading, read = threading.Event(), Queue[bytes]()

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        reading.set()
        read.put(environ["wsgi.input"].read())
        start_response("400 Bad Request", [("Content-Length", "0")])
        return []

    worker.wsgi, worker.log = app, Logger(worker.cfg)
    client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
    conn = connection(worker, server)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(worker.handle, conn)
        assert reading.wait(60)
        assert worker._ends[conn] > time.monotonic() + 5
        worker._ends[conn] = 0.0
        worker.murder_pending()
        assert read.get(timeout=60) == b"half"
        client.shutdown(socket.SHUT_WR)
        answer.result(60)
    assert client.recv(4096).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(("said", "meant"), [("", 0), ("70", 70), ("9" * 400, 2**30)])
def test_a_body_has_time_by_the_length_it_says(said: str, meant: int) -> None:
    headers = [("HOST", "a"), *([("CONTENT-LENGTH", said)] if said else [])]
    assert _length(SimpleNamespace(headers=headers)) == meant
