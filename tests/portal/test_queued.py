import socket
from dataclasses import dataclass

import pytest
from werkzeug.datastructures import MultiDict

from portal.client import Client, ClientLeft
from portal.errors import PortalBusy
from portal.prediction_queue import PredictionQueue
from portal.queued import Queued
from portal.reports import Reports
from portal.seal import Seal
from portal.upload import Upload
from portal.upload_page import UploadPage


@dataclass(frozen=True, kw_only=True)
class Noted(UploadPage):
    """A page that says how many predictions ran when it was made."""

    running: int


class Counting:
    """A service that can be told to fail."""

    def __init__(self, queue: PredictionQueue) -> None:
        self.queue = queue
        self.fails = False

    def page(self) -> Noted:
        return Noted(running=self.queue.running)

    def answer(self, _upload: Upload) -> Noted:
        if self.fails:
            raise ZeroDivisionError
        return Noted(running=self.queue.running)


@pytest.fixture
def queue() -> PredictionQueue:
    return PredictionQueue(running=1, waiting=0)


@pytest.fixture
def counting(queue: PredictionQueue) -> Counting:
    return Counting(queue)


@pytest.fixture
def service(queue: PredictionQueue, counting: Counting) -> Queued[Noted]:
    return Queued(service=counting, queue=queue, reports=Reports(seal=Seal("a key")))


def test_an_answer_takes_a_turn_and_an_empty_page_none(service: Queued[Noted]) -> None:
    assert service.answer(Upload(files=MultiDict())).running == 1
    assert service.page().running == 0


def test_an_answer_says_how_long_it_waited(service: Queued[Noted]) -> None:
    assert service.answer(Upload(files=MultiDict())).stages["wait"] >= 0


def test_without_a_turn_the_service_is_not_asked(
    service: Queued[Noted], counting: Counting, queue: PredictionQueue
) -> None:
    counting.fails = True
    with queue.turn():
        assert service.page().running == 1
        with pytest.raises(PortalBusy):
            service.answer(Upload(files=MultiDict()))


def test_a_failure_gives_the_turn_back(service: Queued[Noted], counting: Counting) -> None:
    counting.fails = True
    with pytest.raises(ZeroDivisionError):
        service.answer(Upload(files=MultiDict()))
    counting.fails = False
    assert service.answer(Upload(files=MultiDict())).running == 1


def test_nobody_is_answered_who_left_before_the_turn_came(
    service: Queued[Noted], counting: Counting
) -> None:
    counting.fails = True  # if it is asked
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(ClientLeft):
        service.answer(Upload(files=MultiDict(), client=Client(ours)))
    counting.fails = False
    assert service.answer(Upload(files=MultiDict())).running == 1
