"""A bound on the forms in hand, uploads and others, so that slow ones never take every thread."""

import threading

from flask import Flask, g, request

from portal.errors import PortalBusy


def register_upload_limit(app: Flask, most: int) -> None:
    """Let ``app`` take ``most`` forms at a time; one more is refused before it is read."""
    places = threading.BoundedSemaphore(most)

    @app.before_request
    def take_place() -> None:
        if request.method != "POST":
            return
        if not places.acquire(blocking=False):
            raise PortalBusy(expected=f"at most {most} forms at a time", received="one more")
        g.release_place = places.release

    @app.teardown_request
    def leave_place(_error: BaseException | None) -> None:
        if "release_place" in g:
            g.pop("release_place")()
