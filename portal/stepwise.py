"""Answers that are written while they are made: how far they are, and at last the page.

A browser is sent ``<!--3/42-->`` and the like ahead of the page, which HTML allows; the portal's
script reads them, and without it they are not seen. So nothing is kept between two requests.
"""

from collections.abc import Generator, Iterator

from flask import Response, current_app, render_template, stream_with_context
from flask.typing import ResponseReturnValue

from portal.answered import answer_later, finish, note
from portal.error_pages import unexpected
from portal.queued import Page
from portal.sweep import Progress


def stepwise(template: str, steps: Generator[Progress, None, Page]) -> ResponseReturnValue:
    """The page that steps lead to: whole where it takes none, else written step by step.

    Raises:
        Refusal: what is raised before the first step.
    """
    try:
        first = next(steps)
    except StopIteration as end:
        return _rendered(template, end.value)
    answer_later()
    written = stream_with_context(_written(template, first, steps))
    headers = {"X-Accel-Buffering": "no"}  # or nginx would keep the steps for itself
    return Response(written, content_type="text/html; charset=utf-8", headers=headers)


def _written(
    template: str, first: Progress, steps: Generator[Progress, None, Page]
) -> Iterator[str]:
    try:
        yield _comment(first)
        page = yield from _comments(steps)
        yield _rendered(template, page)
    except Exception as error:  # noqa: BLE001 -- the answer has begun: no other handler can speak
        answer = current_app.make_response(unexpected(error))
        yield answer.get_data(as_text=True)
    finally:
        steps.close()
        finish()


def _comments(steps: Generator[Progress, None, Page]) -> Generator[str, None, Page]:
    while True:
        try:
            progress = next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return] # a generator's result has no type here
        yield _comment(progress)


def _comment(progress: Progress) -> str:
    return f"<!--{progress.done}/{progress.total}-->\n"


def _rendered(template: str, page: Page) -> str:
    note(page.answered)
    return render_template(template, **vars(page))
