"""The cookie of those who have signed in: signed, short-lived, and out of reach of scripts."""

import hashlib
from datetime import timedelta

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from portal.clock_skew import SkewTolerantSigner

LIFETIME = timedelta(hours=8)  # after signing in, whether the portal is used or not


class SessionCookie(SecureCookieSessionInterface):
    """Flask's signed cookie, which follows each request: marked as secure where that came by TLS.

    The prefix __Host- keeps other hosts of the same domain from setting it.
    """

    digest_method = staticmethod(hashlib.sha256)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and opens; a cookie of a replica whose clock is ahead is opened too."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = SkewTolerantSigner
        return serializer

    def get_cookie_name(self, app: Flask) -> str:
        """The cookie's name."""
        return "__Host-portal" if request.is_secure else "portal"

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether browsers send it by TLS only."""
        return request.is_secure


def use_session_cookie(app: Flask) -> None:
    """Have the sessions of ``app`` kept in such a cookie."""
    app.session_interface = SessionCookie()
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFETIME,
    )
