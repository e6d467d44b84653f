"""Signing in and out."""

import re

from flask import g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.accounts import Accounts
from portal.accounts.guard import begin_session
from portal.accounts.sign_in import SignIn
from portal.answered import Answered, note
from portal.door import names_its_site
from portal.errors import Banner, CrossSitePost

_MOST_SENT = 2**20  # bytes of a form of two words
# One slash, then none: "//host" and "/\\host" lead elsewhere.
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*")


class AccountViews:
    """The pages of accounts."""

    def __init__(self, accounts: Accounts, sign_in: SignIn) -> None:
        self._accounts = accounts
        self._sign_in = sign_in

    def sign_in(self) -> ResponseReturnValue:
        """The form, and what becomes of it."""
        to = local(request.args.get("next", ""))
        if request.method == "POST":
            return self._try(to)
        if g.account:
            return redirect(to, 303)
        return render_template("sign_in.html", next=to, banner=None, name="")

    def sign_out(self) -> ResponseReturnValue:
        """End the session."""
        session.clear()
        return redirect(url_for("sign_in"), 303)

    def _try(self, to: str) -> ResponseReturnValue:
        if not names_its_site():
            raise CrossSitePost(expected="a form of this portal", received="one of unknown origin")
        request.max_content_length = _MOST_SENT
        name, password = (request.form.get(field, "") for field in ("name", "password"))
        wrong = self._sign_in.wrong(name, password, request.remote_addr)
        if wrong is not None:
            banner = Banner.of(wrong)
            note(Answered.of([], [banner], {}))
            page = render_template("sign_in.html", next=to, banner=banner, name=name)
            return page, wrong.status
        begin_session(name, self._accounts)
        return redirect(to, 303)


def local(address: str) -> str:
    """An address within the portal; the first page for any other."""
    return address if _LOCAL.fullmatch(address) else url_for("home")
