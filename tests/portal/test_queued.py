from contextlib import suppress

import pytest
from werkzeug.datastructures import MultiDict

from portal.errors import PortalBusy
from portal.file_manager import Files
from portal.prediction_queue import PredictionQueue
from portal.queued import Queued


class Counting:
    """A service that says how many predictions run while it answers."""

    def __init__(self, queue: PredictionQueue) -> None:
        self.queue = queue
        self.fails = False

    def page(self) -> int:
        return self.queue.running

    def answer(self, _files: Files) -> int:
        if self.fails:
            raise ZeroDivisionError
        return self.queue.running


@pytest.fixture
def queue() -> PredictionQueue:
    return PredictionQueue(running=1, waiting=0)


def test_an_answer_takes_a_turn_and_an_empty_page_none(queue: PredictionQueue) -> None:
    service = Queued(service=Counting(queue), queue=queue)
    assert service.answer(MultiDict()) == 1
    assert service.page() == 0
    with queue.turn():
        assert service.page() == 1


def test_without_a_turn_the_service_is_not_asked(queue: PredictionQueue) -> None:
    counting = Counting(queue)
    counting.fails = True
    with queue.turn(), pytest.raises(PortalBusy):
        Queued(service=counting, queue=queue).answer(MultiDict())


def test_a_failure_gives_the_turn_back(queue: PredictionQueue) -> None:
    counting = Counting(queue)
    service = Queued(service=counting, queue=queue)
    counting.fails = True
    with suppress(ZeroDivisionError):
        service.answer(MultiDict())
    counting.fails = False
    assert service.answer(MultiDict()) == 1
