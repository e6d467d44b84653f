"""The guard: every page asks who is there, but for signing in, its looks, and health."""

from flask import Flask, Response, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.accounts import Accounts
from portal.accounts.sign_in import SignIn
from portal.door import names_its_site
from portal.errors import CrossSitePost, SignInNeeded
from portal.problem import wants_problem

OPEN = frozenset({"static", "healthz", "readyz"})
"""Endpoints that need no account, beside the page to sign in."""

_NAME, _STAMP = "account", "stamp"
_BASIC = "a name and its password in UTF-8 by HTTP Basic"


def register_guard(app: Flask, accounts: Accounts, sign_in: SignIn) -> None:
    """Let ``app`` answer only those who have an account.

    A reader has a session. A program sends name and password with each request (HTTP Basic).
    """

    @app.before_request
    def ask_who_is_there() -> ResponseReturnValue | None:
        if request.endpoint in OPEN:
            return None
        g.account = _program(sign_in) if request.authorization else _reader(accounts)
        if g.account or request.endpoint == "sign_in":
            return None
        if request.method not in {"GET", "HEAD"} or wants_problem():
            raise _nobody()
        return redirect(url_for("sign_in", next=_here()), 303)

    @app.after_request
    def keep_nothing(response: Response) -> Response:
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def begin_session(name: str, accounts: Accounts) -> None:
    """Make a new session for an account; whatever the browser held before is forgotten."""
    session.clear()
    session.permanent = True
    session[_NAME], session[_STAMP] = name, accounts.stamp(name)


def _nobody() -> SignInNeeded:
    """The refusal of a request that tells of no account."""
    if request.headers.get("Authorization"):
        return SignInNeeded(
            expected=_BASIC, received="a header Authorization that cannot be read as that"
        )
    return SignInNeeded(
        expected="somebody who has signed in", received="a request without a session"
    )


def _program(sign_in: SignIn) -> str:
    given = request.authorization
    if given is None or given.type != "basic":
        raise SignInNeeded(expected=_BASIC, received="another kind of authentication")
    name = given.username or ""
    sign_in.check(name, given.password or "", request.remote_addr)
    return name


def _reader(accounts: Accounts) -> str | None:
    """The account of the session, as long as it is there and has the same password."""
    name, stamp = session.get(_NAME), session.get(_STAMP)
    if name is None or stamp is None or stamp != accounts.stamp(name):
        return None
    if request.method not in {"GET", "HEAD", "OPTIONS"} and not names_its_site():
        raise CrossSitePost(expected="a form of this portal", received="one of unknown origin")
    return str(name)


def _here() -> str:
    here = request.full_path if request.query_string else request.path
    return f"{request.script_root}{here}"
