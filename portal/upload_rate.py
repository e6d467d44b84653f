"""A bound on the uploads that one address may send in a minute."""

from flask import Flask, request

from portal.errors import TooManyUploads
from portal.throttle import Throttle, network_of

_MINUTE = 60.0
_UPLOAD = "multipart/form-data"  # forms without a file are sent in other ways


def register_upload_rate(app: Flask, most: int) -> None:
    """Let ``app`` take ``most`` uploads a minute from each address; 0 sets no bound."""
    if not most:
        return
    throttle = Throttle(most=most, seconds=_MINUTE)

    @app.before_request
    def count_upload() -> None:
        if request.method != "POST" or request.mimetype != _UPLOAD:
            return
        wait = throttle.take(network_of(request.remote_addr))
        if wait:
            expected = f"at most {most} uploads a minute from one address"
            raise TooManyUploads(expected=expected, received="one more", wait=wait)
