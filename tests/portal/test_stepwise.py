"""Answers that are written while they are made, on a page that is handed in."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import pytest
from flask import Flask, Response, g, render_template
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader

from portal.answered import Answered, note, noted, when_finished
from portal.errors import PortalBusy
from portal.stages import Stages
from portal.stepwise import stepwise
from portal.sweep import Progress

Steps = Generator[Progress, None, "Said"]


@dataclass(frozen=True, kw_only=True)
class Said:
    """A page of one word."""

    word: str
    stages: Stages = field(default_factory=Stages)

    @property
    def answered(self) -> Answered:
        """Something that can be told apart from nothing."""
        return Answered(refusals=(self.word,))


def counted(count: int, error: Exception | None = None) -> Steps:
    for done in range(count):
        yield Progress(done=done, total=count)
    if error is not None:
        raise error
    return Said(word="done")


@pytest.fixture
def ask() -> Callable[[Steps], tuple[str, list[tuple[str, ...]]]]:
    """Answers a request with steps: its text, and what was noted when it was finished."""

    def asked(steps: Steps) -> tuple[str, list[tuple[str, ...]]]:
        app, finished = Flask(__name__), []
        app.jinja_env.loader = DictLoader(
            {"page.html": "<!doctype html>{{ word }}", "error.html": "incident {{ incident }}"}
        )

        @app.post("/")
        def answer() -> ResponseReturnValue:
            g.request_id = "abcdef0123456789"
            return stepwise(steps, shown)

        @app.after_request
        def remember(response: Response) -> Response:
            when_finished(lambda: finished.append(noted().refusals))
            return response

        return app.test_client().post("/").text, finished

    return asked


def shown(page: Said) -> str:
    note(page.answered)
    return render_template("page.html", word=page.word)


Ask = Callable[[Steps], tuple[str, list[tuple[str, ...]]]]


def test_without_a_step_it_is_a_page(ask: Ask) -> None:
    assert ask(counted(0)) == ("<!doctype html>done", [("done",)])


def test_steps_stand_ahead_of_the_page(ask: Ask) -> None:
    text, finished = ask(counted(2))
    assert text == "<!--0/2-->\n<!--1/2-->\n<!doctype html>done"
    assert finished == [("done",)]


def test_a_failure_on_the_way_is_an_incident(ask: Ask) -> None:
    text, finished = ask(counted(1, RuntimeError("secret words")))
    assert text == "<!--0/1-->\nincident abcdef01"
    assert finished == [()]


def test_what_is_raised_before_the_first_step_is_another_ones_to_answer() -> None:
    busy = PortalBusy(expected="a place", received="none")
    with Flask(__name__).test_request_context(method="POST"), pytest.raises(PortalBusy):
        stepwise(counted(0, busy), shown)


def test_steps_end_when_the_reader_leaves() -> None:
    ended = []

    def steps() -> Steps:
        try:
            yield Progress(done=0, total=9)
            yield Progress(done=1, total=9)
        finally:
            ended.append(True)
        return Said(word="done")

    with Flask(__name__).test_request_context(method="POST"):
        answer = stepwise(steps(), shown)
        assert isinstance(answer, Response)
        assert next(answer.iter_encoded()) == b"<!--0/9-->\n"
        answer.close()
        assert noted().refusals == ("ClientLeft",)
    assert ended == [True]
