"""Measuring in turns, so that whatever else the machine does meets all alike."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

PAUSE = 0.02  # seconds; threads that still spin after a turn come to rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is measured, and in which rounds."""

    measure: Callable[[], float]  # acts, and gives the value: seconds, or a rate
    every: int = 1  # 10: in every tenth round only, for what takes seconds

    @classmethod
    def timed(cls, act: Callable[[], object], every: int = 1) -> Self:
        """A turn that measures the seconds of an act."""

        def seconds() -> float:
            began = time.perf_counter()
            act()
            return time.perf_counter() - began

        return cls(measure=seconds, every=every)


def in_turns(turns: Mapping[str, Turn], rounds: int) -> Mapping[str, np.ndarray]:
    """The values of each turn, in rounds of all turns in random order.

    Every turn is taken once before, for nothing.

    Returns:
        Name -> (rounds,) values; NaN in rounds that left it out.
    """
    found = {name: np.full(rounds, np.nan) for name in turns}
    for turn in turns.values():
        turn.measure()
    for number in range(rounds):
        for name in _order(turns, number):
            time.sleep(PAUSE)
            found[name][number] = turns[name].measure()
    return found


def _order(turns: Mapping[str, Turn], number: int) -> Iterator[str]:
    """The names of a round's turns, in an order that is random but always the same."""
    names = [name for name, turn in turns.items() if number % turn.every == 0]
    return iter(np.random.default_rng(number).permutation(names).tolist())
