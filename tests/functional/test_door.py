"""Who is let in: by which host, from which site, through how many proxies, how often."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import request
from werkzeug.test import TestResponse

from models.catalogue import cohorts, model_keys
from tests.conftest import Portal
from tests.fakes import png
from tests.functional.pages import banners

PLACE = f"/{model_keys()[0]}"
ELSEWHERE = "This form was sent from another site"

Make = Callable[..., Portal]


@pytest.fixture
def bare(make_portal: Make, tmp_path: Path) -> Portal:
    """A portal without models, at the default settings."""
    return make_portal(tmp_path)


def send(portal: Portal, place: str = PLACE, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = {"image": (io.BytesIO(png()), "a.png")}
    return portal.client.post(place, data=data, headers=named)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:1"])
def test_this_machine_is_asked_by_its_own_names(bare: Portal, host: str) -> None:
    assert bare.client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "192.0.2.1", "[::2]"]
)
def test_a_name_that_was_led_here_by_somebody_else_is_refused(bare: Portal, host: str) -> None:
    answer = bare.client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "TRUSTED_HOSTS" in answer.text
    assert host not in answer.text
    assert send(bare, Host=host).status_code == 400
    problem = bare.client.get("/api/v1/models", headers={"Host": host})
    assert (problem.status_code, problem.mimetype) == (400, "application/problem+json")
    assert problem.json["detail"] == answer.text


def test_further_names_are_trusted_when_told(make_portal: Make, tmp_path: Path) -> None:
    names = "Portal.example.org, other.example"
    portal = make_portal(tmp_path, host="0.0.0.0", trusted_hosts=names)
    for host in ("portal.example.org", "OTHER.example:8000", "127.0.0.1:8000"):
        assert portal.client.get("/", headers={"Host": host}).status_code == 200
    for host in ("example.org", "x.other.example", "0.0.0.0"):
        assert portal.client.get("/", headers={"Host": host}).status_code == 400


def test_an_open_address_takes_any_name_unless_told(make_portal: Make, tmp_path: Path) -> None:
    portal = make_portal(tmp_path, host="0.0.0.0")
    assert portal.client.get("/", headers={"Host": "any.example"}).status_code == 200


@pytest.mark.parametrize("place", ["/healthz", "/metrics"])
def test_machines_may_ask_by_address(bare: Portal, place: str) -> None:
    assert bare.client.get(place, headers={"Host": "172.18.0.3:8000"}).status_code == 200


@pytest.mark.parametrize("place", [PLACE, f"/{cohorts()[0]}"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "something new"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "http://["},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused(
    bare: Portal, place: str, headers: dict[str, str]
) -> None:
    answer = send(bare, place, **headers)
    assert answer.status_code == 403
    assert ELSEWHERE in banners(answer.text)[0]
    assert bare.uploads() == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "null"},
        {"Origin": "http://localhost"},
        {"Origin": "http://127.0.0.1:8000", "Host": "127.0.0.1:8000"},
        {"Origin": "https://localhost"},
    ],
)
def test_a_form_of_this_portal_is_taken(bare: Portal, headers: dict[str, str]) -> None:
    answer = send(bare, **headers)
    assert answer.status_code == 200
    assert ELSEWHERE not in answer.text


def test_a_program_is_told_as_a_problem(bare: Portal) -> None:
    answer = send(bare, Origin="http://evil.example", Accept="application/json")
    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"
    assert answer.json["title"] == ELSEWHERE


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_from_another_site_is_followed(bare: Portal, method: str) -> None:
    answer = bare.client.open("/", method=method, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200


def seen(portal: Portal, **headers: str) -> tuple[str | None, str]:
    """The address and scheme that a portal sees behind the headers of proxies."""
    found = []
    portal.app.before_request_funcs[None].insert(
        0, lambda: found.append((request.remote_addr, request.scheme))
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    portal.client.get("/healthz", headers=named)
    return found[0]


@pytest.mark.parametrize(
    ("proxies", "address", "scheme"),
    [(0, "127.0.0.1", "http"), (1, "203.0.113.9", "http"), (2, "198.51.100.1", "https")],
)
def test_proxies_are_believed_as_far_as_told(
    make_portal: Make, tmp_path: Path, proxies: int, address: str, scheme: str
) -> None:
    portal = make_portal(tmp_path, proxies=proxies)
    told = {
        "X_Forwarded_For": "1.2.3.4, 198.51.100.1, 203.0.113.9",
        "X_Forwarded_Proto": "ftp, https, http",
        "X_Forwarded_Host": "evil.example",
    }
    assert seen(portal, **told) == (address, scheme)


def test_uploads_of_one_address_are_counted(make_portal: Make, tmp_path: Path) -> None:
    portal = make_portal(tmp_path, uploads_per_minute=2, proxies=1)
    assert [send(portal, X_Forwarded_For="192.0.2.1").status_code for _ in range(2)] == [200, 200]
    refused = send(portal, X_Forwarded_For="192.0.2.1")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 30
    assert "at most 2 uploads a minute" in banners(refused.text)[0]
    assert send(portal, X_Forwarded_For="192.0.2.2").status_code == 200
    assert portal.client.get(PLACE, headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 200


def test_without_a_bound_nothing_is_counted(bare: Portal) -> None:
    assert {send(bare).status_code for _ in range(30)} == {200}


def test_only_behind_tls_is_a_browser_told_to_stay_there(make_portal: Make, tmp_path: Path) -> None:
    portal = make_portal(tmp_path, proxies=1)
    plain = portal.client.get("/")
    secure = portal.client.get("/", headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" not in plain.headers
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=")
