"""Who may ask at all: by which name, through which proxies, and from which site."""

from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.errors import CrossSitePost
from portal.settings import Settings

ASKED_BY_ADDRESS = frozenset({"healthz", "readyz", "metrics"})
"""Endpoints that orchestrators and Prometheus ask by whatever address a replica has."""

_WELCOME = frozenset({"same-origin", "none"})  # none: the user's own doing, such as a reload


def register_door(app: Flask, settings: Settings) -> None:
    """Let ``app`` believe as many proxies as there are, and refuse strange hosts and sites."""
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # as Flask's manual does
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies
        )
    hosts = settings.hosts

    @app.before_request
    def refuse_strange_host() -> None:
        if hosts is None or request.endpoint in ASKED_BY_ADDRESS:
            return
        if urlsplit(f"//{request.host}").hostname not in hosts:
            raise SecurityError

    @app.before_request
    def refuse_other_site() -> None:
        if request.method not in {"GET", "HEAD", "OPTIONS"} and is_cross_site():
            raise CrossSitePost(expected="a form of this portal", received="one of another site")


def is_cross_site() -> bool:
    """Whether a browser says that another site sent this request.

    A program says nothing, and neither do forms of browsers from before 2020; what a guard makes
    of that is its own matter, see `names_its_site`.

    Source: Fetch Metadata Request Headers, W3C; the Origin header, Fetch Standard 3.2.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in _WELCOME
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != request.host


def names_its_site() -> bool:
    """Whether the request says from which site it comes, as every browser's form does."""
    return "Sec-Fetch-Site" in request.headers or "Origin" in request.headers
