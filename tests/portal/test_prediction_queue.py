import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from portal.errors import PortalBusy
from portal.prediction_queue import PredictionQueue


@contextmanager
def in_line(queue: PredictionQueue, name: str, turns: list[str]) -> Iterator[None]:
    """Somebody who waits for a turn in a thread, and is known to wait when the block begins."""

    def wait() -> None:
        with queue.turn():
            turns.append(name)

    before = queue.waiting
    thread = threading.Thread(target=wait)
    thread.start()
    while queue.waiting == before:
        thread.join(0.001)
    yield
    thread.join()


def test_turns_are_taken_at_once_where_there_is_room() -> None:
    queue = PredictionQueue(running=2, waiting=0)
    with queue.turn() as first, queue.turn():
        assert (queue.running, queue.waiting) == (2, 0)
        assert first >= 0
    assert queue.running == 0


def test_who_comes_when_the_line_is_full_is_refused_at_once() -> None:
    queue = PredictionQueue(running=1, waiting=1)
    with ExitStack() as waiting, queue.turn():
        waiting.enter_context(in_line(queue, "second", []))
        with pytest.raises(PortalBusy, match="at most 1 images to wait"), queue.turn():
            pass
        assert (queue.running, queue.waiting) == (1, 1)


def test_turns_come_in_the_order_of_arrival() -> None:
    queue, turns = PredictionQueue(running=1, waiting=5), []
    with ExitStack() as waiting, queue.turn():
        for name in "abcde":
            waiting.enter_context(in_line(queue, name, turns))
    assert turns == list("abcde")
    assert (queue.running, queue.waiting) == (0, 0)


def test_a_turn_ends_with_a_failure_too() -> None:
    queue = PredictionQueue(running=1, waiting=0)
    with pytest.raises(ZeroDivisionError), queue.turn():
        raise ZeroDivisionError
    with queue.turn():
        assert queue.running == 1


def test_never_more_run_than_allowed() -> None:
    queue, most, guard = PredictionQueue(running=2, waiting=30), [0], threading.Lock()

    def ask() -> None:
        for _ in range(50):
            with queue.turn(), guard:
                most.append(queue.running)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) <= 2
    assert len(most) == 401
    assert (queue.running, queue.waiting) == (0, 0)


def test_who_gives_way_lets_all_go_first_who_wait_by_then() -> None:
    queue, turns = PredictionQueue(running=1, waiting=3), []
    with ExitStack() as waiting, queue.turn():
        queue.give_way()  # nobody waits: nothing happens
        for name in "abc":
            waiting.enter_context(in_line(queue, name, turns))
        queue.give_way()
        assert turns == list("abc")
        assert (queue.running, queue.waiting) == (1, 0)
    assert queue.running == 0


def test_two_who_give_way_take_turns() -> None:
    queue, turns = PredictionQueue(running=1, waiting=1), []

    def ask(name: str) -> None:
        for _ in range(20):
            queue.give_way()
            turns.append(name)

    def second() -> None:
        with queue.turn():
            ask("b")

    with queue.turn():
        thread = threading.Thread(target=second)
        thread.start()
        while not queue.waiting:
            thread.join(0.001)
        ask("a")
    thread.join()
    assert "".join(turns) == "ab" * 20
    assert (queue.running, queue.waiting) == (0, 0)
