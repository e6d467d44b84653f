"""What is noted of a soak: answers, samples of the server, and when its worker was killed."""

from dataclasses import dataclass, field

NONE = 0  # stands for the status where there was no answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one request."""

    at: float  # seconds since the load began, when it was sent
    seconds: float  # until the answer was there
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the server holds at a moment: master, worker and all below."""

    at: float  # seconds since the load began
    resident: int  # bytes
    descriptors: int
    entries: int  # of the folders for uploads and for temporary files


@dataclass(slots=True, kw_only=True)
class Record:
    """A whole soak."""

    idle: Sample  # before the load, when one of each has been answered
    killed: float  # seconds since the load began, just before the worker was killed
    dead: float  # and just after its end
    uploads: list[Answer] = field(default_factory=list)
    health: list[Answer] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)  # under load
    left: Sample | None = None  # when the load was over

    @property
    def back(self) -> float:
        """Seconds since the load began, when the next worker had answered first."""
        after = (
            answer.at + answer.seconds
            for answer in self.health
            if answer.at > self.dead and answer.status == 200
        )
        return min(after, default=float("inf"))

    def is_cut(self, answer: Answer) -> bool:
        """Whether an answer fell into the time without a worker."""
        return answer.at <= self.back and answer.at + answer.seconds >= self.killed
