"""Eight threads at once get what they would get one after another; a checkpoint opens once."""

import io
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.catalogue import cohorts, model_keys
from portal.engine import Network, open_network
from portal.prediction_queue import PredictionQueue
from tests.conftest import Portal
from tests.fakes import png
from tests.functional.composed import composed
from tests.functional.pages import ShownVerdict, verdicts

THREADS = 8
Question = tuple[str, int]


class CountingOpener:
    """The real opener, counting how often it is asked for a file."""

    def __init__(self) -> None:
        self.opened: Counter[Path] = Counter()

    def __call__(self, path: Path) -> Network:
        self.opened[path] += 1
        return open_network(path)


@pytest.fixture
def opener() -> CountingOpener:
    return CountingOpener()


@pytest.fixture
def counted(
    make_portal: Callable[..., Portal],
    installed: Path,
    gates: Path,
    tmp_path: Path,
    opener: CountingOpener,
) -> Portal:
    queue = PredictionQueue(running=THREADS, waiting=0)
    services = composed(installed, gates, tmp_path, opener=opener, queue=queue)
    return make_portal(installed, services)


def ask(portal: Portal, question: Question) -> list[ShownVerdict]:
    route, seed = question
    answer = portal.client.post(route, data={"image": (io.BytesIO(png(seed)), "a.png")})
    assert answer.status_code == 200
    return verdicts(answer.text)


def ask_at_once(portal: Portal, questions: Sequence[Question]) -> list[list[ShownVerdict]]:
    start = threading.Barrier(THREADS)

    def work(part: Sequence[Question]) -> list[list[ShownVerdict]]:
        start.wait()
        return [ask(portal, question) for question in part]

    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(work, [questions[first::THREADS] for first in range(THREADS)]))
    return [parts[index % THREADS][index // THREADS] for index in range(len(questions))]


QUESTIONS = {
    "one route": [(f"/{model_keys()[7]}", seed % 5) for seed in range(40)],
    "all single routes": [(f"/{key}", seed) for key in model_keys() for seed in (1, 2)],
    "all routes": [(f"/{place}", 3) for place in (*model_keys(), *cohorts()) for _ in range(2)],
}


@pytest.mark.parametrize("questions", QUESTIONS.values(), ids=QUESTIONS)
def test_threads_get_the_same_answers_and_open_each_file_once(
    portal: Portal,
    counted: Portal,
    opener: CountingOpener,
    tmp_path: Path,
    questions: list[Question],
) -> None:
    expected = [ask(portal, question) for question in questions]
    assert ask_at_once(counted, questions) == expected
    models = {verdict.model for answer in expected for verdict in answer}
    assert len(opener.opened) == len(models)
    assert set(opener.opened.values()) == {1}
    assert not list((tmp_path / "uploads").iterdir())
