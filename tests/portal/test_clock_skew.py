import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

from portal.accounts.session_cookie import LIFETIME, SessionCookie
from portal.clock_skew import MOST_SKEW, SkewTolerantSigner

KEY = "k" * 32


def signed(seconds: int) -> bytes:
    """A word, signed by somebody whose clock is some seconds ahead of this one."""

    class Ahead(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time()) + seconds

    return Ahead(KEY).sign("word")


@pytest.mark.parametrize("ahead", [0, 5, MOST_SKEW - 5, -5, -95])
def test_a_clock_may_differ_a_little(ahead: int) -> None:
    assert SkewTolerantSigner(KEY).unsign(signed(ahead), max_age=100) == b"word"


@pytest.mark.parametrize("ahead", [MOST_SKEW + 5, 10_000, -105])
def test_what_is_old_or_far_ahead_is_expired(ahead: int) -> None:
    with pytest.raises(SignatureExpired):
        SkewTolerantSigner(KEY).unsign(signed(ahead), max_age=100)


@pytest.mark.parametrize("change", [bytes.swapcase, lambda text: text + b"A", lambda _: b"word"])
def test_what_was_changed_is_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BadSignature) as why:
        SkewTolerantSigner(KEY).unsign(change(signed(5)), max_age=100)
    assert not isinstance(why.value, SignatureExpired)


def test_without_an_age_it_is_as_its_base() -> None:
    token = signed(MOST_SKEW + 5)
    for signer in (TimestampSigner(KEY), SkewTolerantSigner(KEY)):
        assert signer.unsign(token) == b"word"
        assert signer.unsign(token, return_timestamp=True)[0] == b"word"


def test_a_session_of_a_replica_whose_clock_is_ahead_is_taken() -> None:
    app = Flask(__name__)
    app.secret_key = KEY

    def serializer() -> Any:
        return SessionCookie().get_signing_serializer(app)

    class Ahead(SkewTolerantSigner):
        def get_timestamp(self) -> int:
            return int(time.time()) + 5

    other = serializer()
    other.signer = Ahead
    cookie = other.dumps({"name": "anna"})
    assert serializer().loads(cookie, max_age=LIFETIME.total_seconds()) == {"name": "anna"}
