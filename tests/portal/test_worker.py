import errno
import logging
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn

from portal.client import Client
from portal.worker import PortalWorker


class Threads:
    """A pool that notes what it is to do, and does none of it."""

    def __init__(self) -> None:
        self.given: list[object] = []

    def submit(self, _work: Callable[..., object], conn: object) -> Future[bool]:
        self.given.append(conn)
        return Future()


@pytest.fixture
def worker() -> Iterator[PortalWorker]:
    app, log = SimpleNamespace(max_upload_bytes=2 * 2**20), logging.getLogger("tests")
    made = PortalWorker(1, os.getpid(), [], app, 30, Config(), log)
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
        while conn not in worker._heads:
            assert not answer.done()
        worker.murder_pending()
        assert not answer.done()
        worker._heads[conn] = 0.0
        worker.murder_pending()
        client.shutdown(socket.SHUT_WR)
        assert answer.result(60) is False
    assert not worker._heads


def test_a_body_that_comes_too_slowly_is_given_up(worker: PortalWorker, ends: Ends) -> None:
    server, client = ends
    reading = threading.Event()

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        reading.set()
        with pytest.raises(TimeoutError):
            environ["wsgi.input"].read()
        start_response("408 Request Timeout", [("Content-Length", "0")])
        return []

    worker.wsgi, worker.log = app, Logger(worker.cfg)
    client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
    conn = connection(worker, server)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(worker.handle, conn)
        assert reading.wait(60)
        conn.parser.unreader.sock._end = 0.0
        client.sendall(b"x")
        assert client.recv(4096).startswith(b"HTTP/1.1 408")
        client.shutdown(socket.SHUT_WR)
        assert answer.result(60) is False


@pytest.mark.parametrize(
    "body",
    [b"Content-Length: 4\r\n\r\nbody", b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"],
    ids=["of a length", "in chunks"],
)
def test_whoever_has_sent_all_waits_for_an_answer_as_long_as_it_takes(
    worker: PortalWorker, ends: Ends, body: bytes
) -> None:
    server, client = ends
    reading, go_on = threading.Event(), threading.Event()

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        assert environ["wsgi.input"].read() == b"body"
        reading.set()
        assert go_on.wait(60)
        Client(environ["gunicorn.socket"]).require()
        start_response("200 OK", [("Content-Length", "0")])
        return []

    worker.wsgi, worker.log = app, Logger(worker.cfg)
    client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n" + body)
    conn = connection(worker, server)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(worker.handle, conn)
        assert reading.wait(60)
        conn.parser.unreader.sock._end = 0.0
        worker.murder_pending()
        go_on.set()
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
        client.shutdown(socket.SHUT_WR)
        answer.result(60)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("", 30),
        (f"Content-Length: {2**20}\r\n", 62),
        (f"Content-Length: {2**40}\r\n", 94),
        (f"Content-Length: {'9' * 400}\r\n", 94),
        ("Transfer-Encoding: chunked\r\n", 94),
    ],
)
def test_a_body_has_time_by_the_length_it_says_but_not_for_more_than_an_upload_may_have(
    worker: PortalWorker, ends: Ends, said: str, seconds: int
) -> None:
    server, client = ends
    given: list[float] = []

    def app(_environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        given.append(conn.parser.unreader.sock._end - time.monotonic())
        start_response("200 OK", [("Content-Length", "0"), ("Connection", "close")])
        return []

    worker.wsgi, worker.log = app, Logger(worker.cfg)
    client.sendall(f"POST / HTTP/1.1\r\nHost: a\r\n{said}\r\n".encode())
    client.shutdown(socket.SHUT_WR)
    conn = connection(worker, server)
    worker.handle(conn)
    assert seconds - 5 < given[0] <= seconds


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x89PNG pixels\r\n\r\n", b"400 Bad Request"),
        (b"GET /" + b"p" * 5000 + b" HTTP/1.1\r\n\r\n", b"414 URI Too Long"),
        (b"GET / HTTP/1.1\r\npixels\xff\r\n\r\n", b"400 Bad Request"),
    ],
)
def test_what_is_no_http_is_neither_logged_nor_sent_back(
    worker: PortalWorker,
    ends: Ends,
    caplog: pytest.LogCaptureFixture,
    sent: bytes,
    status: bytes,
) -> None:
    server, client = ends
    client.sendall(sent)
    client.shutdown(socket.SHUT_WR)
    worker.handle(connection(worker, server))
    answer = client.recv(4096)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"pixels" not in answer
    assert "Invalid request from ip=127.0.0.1" in caplog.text
    assert "pixels" not in caplog.text


class Full:
    """A listener that lets nobody in."""

    def __init__(self, number: int) -> None:
        self._number = number

    def accept(self) -> None:
        raise OSError(self._number, os.strerror(self._number))


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_a_client_for_whom_there_is_no_room_waits_outside(
    worker: PortalWorker, number: int
) -> None:
    worker.accept(Full(number))
    assert worker.nr_conns == 0


def test_another_failure_to_let_a_client_in_is_one(worker: PortalWorker) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        worker.accept(Full(errno.EBADF))


def test_an_answer_is_sent_in_pieces_that_have_time_each(worker: PortalWorker) -> None:
    large, closed = os.urandom(300_000), threading.Event()

    class Answer(list[bytes]):
        def close(self) -> None:
            closed.set()

    worker.app.wsgi = lambda: lambda _environ, _start: Answer([b"", large, b"end"])
    worker.load_wsgi()
    answer = worker.wsgi({}, None)
    pieces = list(answer)
    assert b"".join(pieces) == large + b"end"
    assert max(map(len, pieces)) == 128 * 1024
    assert not closed.is_set()
    answer.close()
    assert closed.is_set()
