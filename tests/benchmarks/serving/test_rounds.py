import time
from collections import Counter
from functools import partial

import numpy as np

from benchmarks.serving.rounds import Turn, in_turns


def counting(counter: Counter[str], name: str) -> float:
    counter[name] += 1
    return float(counter[name])


def test_every_turn_is_taken_once_a_round_and_once_before() -> None:
    counter: Counter[str] = Counter()
    turns = {name: Turn(measure=partial(counting, counter, name)) for name in "ab"}
    found = in_turns(turns, 3)
    assert counter == {"a": 4, "b": 4}
    np.testing.assert_array_equal(found["a"], [2, 3, 4])


def test_a_turn_that_is_taken_seldom_leaves_holes() -> None:
    counter: Counter[str] = Counter()
    turn = Turn(measure=partial(counting, counter, "a"), every=2)
    np.testing.assert_array_equal(in_turns({"a": turn}, 4)["a"], [2, np.nan, 3, np.nan])


def test_the_order_changes_from_round_to_round() -> None:
    seen: list[str] = []

    def see(name: str) -> float:
        seen.append(name)
        return 0.0

    in_turns({name: Turn(measure=partial(see, name)) for name in "abc"}, 12)
    rounds = {tuple(seen[first : first + 3]) for first in range(3, len(seen), 3)}
    assert len(rounds) > 2
    assert all(sorted(each) == ["a", "b", "c"] for each in rounds)


def test_a_timed_turn_gives_seconds() -> None:
    assert Turn.timed(partial(time.sleep, 0.05)).measure() >= 0.05
