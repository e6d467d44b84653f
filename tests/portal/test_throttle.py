import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.throttle import Throttle, network_of


class Clock:
    """A time that is set by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(most=3, seconds=60, clock=clock)


def test_a_few_are_let_through_at_once_and_then_one_by_one(
    throttle: Throttle, clock: Clock
) -> None:
    assert [throttle.take("a") for _ in range(3)] == [0, 0, 0]
    assert throttle.take("a") == pytest.approx(20)
    clock.now += 19
    assert throttle.take("a") == pytest.approx(1)
    clock.now += 1
    assert throttle.take("a") == 0
    assert throttle.take("a") > 0


def test_a_refused_one_is_not_counted(throttle: Throttle, clock: Clock) -> None:
    for _ in range(100):
        throttle.take("a")
    clock.now += 60
    assert [throttle.take("a") for _ in range(3)] == [0, 0, 0]


def test_one_that_is_given_back_was_not_counted(throttle: Throttle) -> None:
    for _ in range(100):
        assert throttle.take("a") == 0
        throttle.give_back("a")


def test_never_more_than_allowed_in_any_stretch_of_time(throttle: Throttle, clock: Clock) -> None:
    taken = []
    for _ in range(400):
        if throttle.take("a") == 0:
            taken.append(clock.now)
        clock.now += 1
    # Within any minute: what was saved up, and what the minute itself brings.
    assert all(sum(start <= time < start + 60 for time in taken) <= 6 for start in taken)
    assert len(taken) == 3 + 400 // 20 - 1


def test_memory_stays_as_it_was_however_many_ask(throttle: Throttle) -> None:
    before = throttle._paid_off.buffer_info()
    for number in range(50_000):
        throttle.take(f"stranger {number}")
    assert throttle._paid_off.buffer_info() == before


def test_threads_do_not_take_more_than_there_is() -> None:
    throttle, together = Throttle(most=50, seconds=3600), threading.Barrier(8)

    def take(_number: int) -> int:
        together.wait()
        return sum(throttle.take("a") == 0 for _ in range(100))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 50


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2::1", "2001:0db8:0001:0002"),
        ("192.0.2.7:51234", "192.0.2.7"),
        ("[2001:db8:1:2::1]:51234", "2001:0db8:0001:0002"),
        ("[2001:db8:1:2::1]", "2001:0db8:0001:0002"),
        ("[2001:db8", "[2001:db8"),
        (None, ""),
        ("unix", "unix"),
    ],
)
def test_a_client_counts_by_what_it_can_ask_from(address: str | None, network: str) -> None:
    assert network_of(address) == network
