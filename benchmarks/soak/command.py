"""The soak as a command: starts a portal, loads it, kills its worker, and tells what grew."""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from benchmarks.serving.errors import BenchmarkRefused
from benchmarks.serving.server import Server, free_port, started
from benchmarks.serving.stopping import orderly_end
from benchmarks.soak.bounds import MEBIBYTE, findings
from benchmarks.soak.clients import ROUND, ask, keep_asking, questions
from benchmarks.soak.health import health_asked
from benchmarks.soak.minutes import minutes_table
from benchmarks.soak.record import Record, Sample
from models.errors import Refusal

SAMPLES = 120  # of a whole soak, at most one a second
QUIET = 8  # seconds after the load, in which kept connections end


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description="Keep the portal at full load, kill its worker half-way, and watch memory, "
        "descriptors, temporary files and answers. Exit status 1: something is beyond its bound.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="of load")
    parser.add_argument("--clients", type=int, default=16, help="that upload all the time")
    parser.add_argument("--checkpoints", type=Path, default=Path("models/checkpoints"))
    parser.add_argument(
        "--portal-python", type=Path, default=Path(sys.executable), help="serves the portal"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Soak and tell.

    Returns:
        The exit status: 1 when something is beyond its bound, 2 when there is no portal to soak.
    """
    options = parse(arguments)
    try:
        with orderly_end(), tempfile.TemporaryDirectory(prefix="soak-") as folder:
            record = _soaked(options, Path(folder))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2
    found = findings(record)
    print(minutes_table(record))
    print("\n" + ("\n".join(f"Beyond its bound: {each}." for each in found) or "All is in bounds."))
    return 1 if found else 0


def _soaked(options: argparse.Namespace, folder: Path) -> Record:
    folders = [folder / "uploads", folder / "temporary"]
    folders[1].mkdir()
    port = free_port()
    environment = {
        "PORT": str(port),
        "CHECKPOINTS": str(options.checkpoints.absolute()),
        "CACHE_DIR": str(folder / "cache"),
        "UPLOAD_DIR": str(folders[0]),
        "TMPDIR": str(folders[1]),
        "KERAS_BACKEND": "openvino",
    }
    command = (str(options.portal_python.absolute()), "-m", "portal")
    with started(command, environment, port) as server:
        server.wait()
        _warm(port)
        seconds = options.minutes * 60
        idle = _sample(server, folders, time.perf_counter())
        if idle is None:
            raise BenchmarkRefused(expected="a portal that runs", received="none")
        record = Record(idle=idle, killed=seconds / 2, dead=seconds)
        _load(server, folders, record, seconds, options.clients)
        time.sleep(QUIET)
        record.left = _sample(server, folders, time.perf_counter())
    return record


def _warm(port: int) -> None:
    """Ask every question once: models are opened, and images made, before the load begins."""
    for question in islice(questions(), ROUND):
        ask(port, question)


def _load(
    server: Server, folders: Sequence[Path], record: Record, seconds: float, clients: int
) -> None:
    """Fill the record with what comes of clients that ask for so many seconds."""
    began, stop = time.perf_counter(), threading.Event()
    with (
        health_asked(server.port, began) as health,
        ThreadPoolExecutor(clients) as pool,
        _set_at_last(stop),
    ):
        uploads = [
            pool.submit(keep_asking, server.port, questions(first), began, stop)
            for first in range(clients)
        ]
        alive = True
        while (now := time.perf_counter() - began) < seconds:
            if alive and now >= record.killed:
                _kill_worker(server)
                record.killed, record.dead = now, time.perf_counter() - began
                alive = False
            if (sample := _sample(server, folders, began)) is not None:
                _tell_minute(record.samples[-1:], sample, seconds)
                record.samples.append(sample)
            time.sleep(min(seconds / SAMPLES, 5.0))
        stop.set()
        record.uploads = [answer for each in uploads for answer in each.result()]
        record.health = health()


def _tell_minute(before: Sequence[Sample], now: Sample, seconds: float) -> None:
    """A line on standard error for each minute that begins, as a soak is long."""
    if before and before[-1].at // 60 == now.at // 60:
        return
    print(
        f"{now.at // 60:.0f} of {seconds / 60:.3g} minutes: {now.resident / MEBIBYTE:.0f} MiB, "
        f"{now.descriptors} descriptors, {now.entries} temporary files",
        file=sys.stderr,
        flush=True,
    )


@contextmanager
def _set_at_last(stop: threading.Event) -> Iterator[None]:
    try:
        yield
    finally:
        stop.set()


def _kill_worker(server: Server) -> None:
    import psutil

    workers = psutil.Process(server.process.pid).children()
    for worker in workers:
        worker.kill()
    psutil.wait_procs(workers)


def _sample(server: Server, folders: Sequence[Path], began: float) -> Sample | None:
    """What the server holds now; None where a process of it has just ended."""
    import psutil

    try:
        process = psutil.Process(server.process.pid)
        family = [process, *process.children(recursive=True)]
        return Sample(
            at=time.perf_counter() - began,
            resident=sum(int(each.memory_info().rss) for each in family),
            descriptors=sum(int(each.num_fds()) for each in family),
            entries=sum(1 for folder in folders for _ in folder.rglob("*")),
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
        return None
