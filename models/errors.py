"""The one shape of an error that a reader may see."""

from typing import ClassVar


class Refusal(Exception):
    """An error written for its reader: what was expected, what came, what to do.

    Subclasses name the situation (``title``) and the usual way out (``action``);
    each instance says what was expected and what came instead.
    """

    title: ClassVar[str] = "This could not be done"
    action: str = "Check the input and try again."
    program_action: str | None = None  # where `action` speaks of a page
    asks: ClassVar[bool] = False  # whether nothing is wrong and only a choice is missing

    def __init__(self, *, expected: str, received: str, action: str | None = None) -> None:
        self.expected = expected
        self.received = received
        if action is not None:
            self.action = action
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.title}. Expected {self.expected}; received {self.received}. {self.action}"
