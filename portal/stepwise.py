"""Answers that are written while they are made: how far they are, and at last the page.

A browser is sent ``<!--3/42-->`` and the like ahead of the page, which HTML allows; the portal's
script reads them, and without it they are not seen. So nothing is kept between two requests.
"""

from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

from flask import Response, current_app, stream_with_context
from flask.typing import ResponseReturnValue

from portal.answered import answer_later, finish
from portal.client import ClientLeft
from portal.error_pages import note_departure, unexpected
from portal.sweep import Progress

Shown = TypeVar("Shown")
"""The page that is shown at last."""


def stepwise(
    steps: Generator[Progress, None, Shown], show: Callable[[Shown], ResponseReturnValue]
) -> ResponseReturnValue:
    """The answer that steps lead to: whole where it takes none, else written step by step.

    Args:
        steps: how far a page is, and at last the page.
        show: makes an answer of the page; text where there are steps.

    Raises:
        Refusal: what is raised before the first step.
    """
    try:
        first = next(steps)
    except StopIteration as end:
        return show(end.value)
    answer_later()
    written = stream_with_context(_written(first, steps, show))
    headers = {"X-Accel-Buffering": "no"}  # or nginx would keep the steps for itself
    return Response(written, content_type="text/html; charset=utf-8", headers=headers)


def _written(
    first: Progress,
    steps: Generator[Progress, None, Shown],
    show: Callable[[Shown], ResponseReturnValue],
) -> Iterator[str]:
    try:
        yield _comment(first)
        page = yield from _comments(steps)
        yield _text(show(page))
    except (ClientLeft, GeneratorExit):  # the latter where a step could not be sent
        note_departure()
    except Exception as error:  # noqa: BLE001 -- the answer has begun: no other handler can speak
        yield _text(unexpected(error))
    finally:
        steps.close()
        finish()


def _comments(steps: Generator[Progress, None, Shown]) -> Generator[str, None, Shown]:
    while True:
        try:
            progress = next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return] # a generator's result has no type here
        yield _comment(progress)


def _comment(progress: Progress) -> str:
    return f"<!--{progress.done}/{progress.total}-->\n"


def _text(answer: ResponseReturnValue) -> str:
    return current_app.make_response(answer).get_data(as_text=True)
