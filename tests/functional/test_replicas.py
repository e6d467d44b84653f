"""Three portals behind the reverse proxy of `compose.yaml`: same answers, also when one dies."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.catalogue import model_keys
from tests.fakes import png
from tests.functional.pages import ShownVerdict, verdicts
from tests.functional.serving import ROOT, Start, ask, free_port, is_answered, upload, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed"),
]
PLACES = [f"/{key}" for key in model_keys()[::6]]
QUESTIONS = [(place, seed) for place in PLACES for seed in range(8)]


@pytest.fixture
def replicas(start: Start, installed: Path, tmp_path: Path) -> dict[int, subprocess.Popen[str]]:
    """Portals by their ports, each with a folder for uploads of its own."""
    made = {}
    for number in range(3):
        port, uploads = free_port(), tmp_path / f"uploads-{number}"
        made[port] = start(PORT=port, CHECKPOINTS=installed, UPLOAD_DIR=uploads, QUEUE=64)
    for process in made.values():
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Ready")
    return made


@pytest.fixture
def proxy(replicas: dict[int, subprocess.Popen[str]], tmp_path: Path) -> Iterator[int]:
    """The port of a proxy with the configuration of `compose.yaml`, but for its addresses."""
    port = free_port()
    servers = " ".join(f"server 127.0.0.1:{replica} max_fails=0;" for replica in replicas)
    text = (ROOT / "nginx.conf").read_text("utf-8")
    text, changed = re.subn(r"server portal:8000 max_fails=0;", servers, text)
    assert changed == 1
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};").replace(
        " /tmp/", f" {tmp_path}/"
    )
    configuration = tmp_path / "nginx.conf"
    user = "" if os.getuid() else "user root;"  # root's folders are closed to nginx's own user
    configuration.write_text(f"daemon off; {user}\n{text}")
    process = subprocess.Popen(["nginx", "-e", "stderr", "-c", configuration])
    wait_until(lambda: is_answered(lambda: ask(port, "GET", "/healthz")))
    yield port
    process.send_signal(signal.SIGQUIT)
    process.wait(timeout=60)


def answers(port: int) -> list[list[ShownVerdict]]:
    """What is said to all questions, asked by eight clients at a time."""

    def answer(question: tuple[str, int]) -> list[ShownVerdict]:
        return verdicts(upload(port, question[0], png(question[1])).page)

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(answer, QUESTIONS))


def given(port: int) -> float:
    """How many verdicts a portal has given."""
    counts = re.findall(
        r"^portal_predictions_total\{.*\} (.*)$", ask(port, "GET", "/metrics").page, re.MULTILINE
    )
    return sum(float(count) for count in counts)


def test_answers_hold_whoever_gives_them_and_when_one_dies(
    replicas: dict[int, subprocess.Popen[str]], proxy: int
) -> None:
    expected = answers(next(iter(replicas)))
    assert all(len(answer) == 1 for answer in expected)
    before = {port: given(port) for port in replicas}
    assert answers(proxy) == expected
    after = {port: given(port) for port in replicas}
    assert all(after[port] > before[port] for port in replicas)
    assert sum(after.values()) - sum(before.values()) == len(QUESTIONS)
    assert ask(proxy, "GET", "/metrics").status == 403
    os.killpg(next(iter(replicas.values())).pid, signal.SIGKILL)
    assert answers(proxy) == expected
