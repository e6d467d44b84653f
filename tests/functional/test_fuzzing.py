"""Many broken uploads over the loopback: no failure, nothing left, memory flat.

FUZZ_UPLOADS says how many; ten thousand take a few minutes on two cores.
"""

import os
import random
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from threading import Thread

import pytest

from models.catalogue import cohorts, model_keys
from tests.fakes import png
from tests.functional.pages import banners, verdicts
from tests.functional.serving import ask, form, upload
from tests.fuzzing import malformed, sound, spoiled

pytestmark = pytest.mark.slow

UPLOADS = int(os.environ.get("FUZZ_UPLOADS", "200"))
PLACES = [f"/{model_keys()[0]}", f"/{model_keys()[6]}", f"/{model_keys()[12]}", f"/{cohorts()[0]}"]
NAMES = ["a.png", "a.jpg", "a.TIF", "a.bmp", "\u4e73.png", "..\\..\\a.png"]
WRONG_NAMES = ["a.exe", "", "a", "%00", ".png.", '"; name="image']
MOST_GROWTH = 48 * 2**20  # bytes: what allocators keep back; one leaked image in ten would be more


def send(port: int, seed: int) -> tuple[int, str]:
    """The status of one broken upload, and what its page says: a verdict, a refusal, nothing."""
    chance = random.Random(seed)
    content = chance.choice(list(chance.choice([sound(), malformed()]).values()))
    if chance.random() < 0.8:
        content = spoiled(chance, content)
    body = form(content, chance.choice(NAMES if chance.random() < 0.9 else WRONG_NAMES))
    if chance.random() < 0.1:
        body = spoiled(chance, body)
    boundary = "x" if chance.random() < 0.97 else "y"
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = ask(port, "POST", chance.choice(PLACES), body, **kind)
    said = "verdict" if verdicts(answer.page) else "refusal" if banners(answer.page) else "nothing"
    return answer.status, said


def measured(port: int, name: str) -> float:
    """One number of /metrics."""
    (value,) = re.findall(rf"^{name} (\S+)$", ask(port, "GET", "/metrics").page, re.MULTILINE)
    return float(value)


def fuzz(port: int, seeds: range) -> Counter[tuple[int, str]]:
    with ThreadPoolExecutor(4) as pool:
        return Counter(pool.map(lambda seed: send(port, seed), seeds))


def test_broken_uploads_are_answered_and_leave_nothing(
    launch: Callable[..., tuple[subprocess.Popen[str], int]],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    process, port = launch()
    log: list[str] = []  # read all the while: a portal whose log nobody reads waits for that
    reader = Thread(target=log.extend, args=(process.stderr,))
    reader.start()
    for place in PLACES:
        assert verdicts(upload(port, place, png()).page)
    answers = fuzz(port, range(UPLOADS // 2))
    before = [measured(port, f"process_{name}") for name in ("resident_memory_bytes", "open_fds")]
    answers += fuzz(port, range(UPLOADS // 2, UPLOADS))
    after = [measured(port, f"process_{name}") for name in ("resident_memory_bytes", "open_fds")]
    record_property("answers", dict(answers))
    record_property("memory", (before[0], after[0]))
    print(answers, [round(value / 2**20) for value in (before[0], after[0])], "MiB")
    assert sum(answers.values()) == UPLOADS
    assert {status for status, _ in answers} <= {200, 400, 413}
    assert not [said for status, said in answers if said == "nothing" and status == 200]
    assert answers[200, "verdict"]
    assert answers[200, "refusal"]
    assert list((tmp_path / "uploads").iterdir()) == []
    assert after[0] - before[0] < MOST_GROWTH
    assert after[1] - before[1] <= 4
    os.killpg(process.pid, signal.SIGTERM)
    reader.join(timeout=60)
    assert len(log) > UPLOADS
    assert not [line for line in log if "Traceback" in line or "incident" in line]


def test_a_line_that_is_cut_anywhere_leaves_nothing(
    serve: Callable[..., int], tmp_path: Path
) -> None:
    port, body = serve(), form(png())
    head = {"Content-Type": "multipart/form-data; boundary=x"}
    for at in range(0, len(body), max(1, len(body) // 20)):
        cut = {**head, "Content-Length": str(at)}
        try:
            assert ask(port, "POST", PLACES[0], body[:at], **cut).status in {200, 400}
        except (OSError, HTTPException) as error:
            raise AssertionError(f"cut at {at}: {error}") from error
    assert list((tmp_path / "uploads").iterdir()) == []
