"""Answered: what came of a request, for its log line and for the metrics."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import g

from portal.errors import Banner

if TYPE_CHECKING:  # the server's master is not to load what a verdict needs
    from portal.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Verdicts, refusals and times; never a name or a pixel of what was sent."""

    verdicts: tuple["Verdict", ...] = ()
    refusals: tuple[str, ...] = ()  # the names of their kinds: "NotAnImage"
    stages: Mapping[str, float] = field(default_factory=dict)  # seconds

    @classmethod
    def of(
        cls,
        verdicts: Iterable["Verdict | None"],
        banners: Iterable[Banner | None],
        stages: Mapping[str, float],
    ) -> "Answered":
        """The parts of a page; None stands where there is none."""
        return cls(
            verdicts=tuple(verdict for verdict in verdicts if verdict),
            refusals=tuple(banner.reason for banner in banners if banner),
            stages=stages,
        )


def note(answered: Answered) -> None:
    """Remember what came of the request that is being answered."""
    g.answered = answered


def noted() -> Answered:
    """What was remembered; nothing where the request asked no model."""
    answered: Answered = g.get("answered") or Answered()
    return answered


def answer_later() -> None:
    """Remember that the answer of this request is written while it is made."""
    g.unfinished = []


def when_finished(action: Callable[[], None]) -> None:
    """Do something when the answer of this request is made: now, or after its last step."""
    unfinished: list[Callable[[], None]] | None = g.get("unfinished")
    if unfinished is None:
        action()
    else:
        unfinished.append(action)


def finish() -> None:
    """Do what waited for the end of the answer."""
    for action in g.unfinished:
        action()
