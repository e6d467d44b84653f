"""Signing in and out, and what nobody sees without."""

import io
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from requests import Request
from werkzeug.test import TestResponse

from models.catalogue import cohorts, model_keys
from portal.accounts import account_file
from portal.accounts.password import hashed
from portal.accounts.views import local
from tests.conftest import Portal
from tests.fakes import png
from tests.functional.pages import banners, text, verdicts
from tests.functional.serving import ROOT

PASSWORD = "correct horse battery"
KEY = "k" * 32
PLACE = f"/{model_keys()[0]}"
LATIN = f"Basic {b64encode('anna:größer'.encode('latin-1')).decode()}"
OURS = {"Sec-Fetch-Site": "same-origin"}

Make = Callable[..., Portal]


@pytest.fixture(scope="session")
def one() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def accounts(tmp_path: Path, one: str) -> Path:
    account_file.write(tmp_path / "accounts", {"anna": one, "ben": one})
    return tmp_path / "accounts"


@pytest.fixture
def guarded(make_portal: Make, tmp_path: Path, accounts: Path) -> Portal:
    """A portal without models, with two accounts."""
    return make_portal(tmp_path, auth_file=accounts, secret_key=KEY, proxies=1)


@pytest.fixture
def client(guarded: Portal) -> FlaskClient:
    return guarded.client


def sign_in(
    client: FlaskClient,
    name: str = "anna",
    password: str = PASSWORD,
    place: str = "/sign-in",
    **headers: str,
) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    form = {"name": name, "password": password}
    return client.post(place, data=form, headers={**OURS, **named})


def send(client: FlaskClient, place: str = PLACE, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(place, data={"image": (io.BytesIO(png()), "a.png")}, headers=named)


def basic(name: str = "anna", password: str = PASSWORD) -> str:
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"


def test_every_route_asks_who_is_there_but_a_named_few(guarded: Portal) -> None:
    open_to_all = set()
    for rule in guarded.app.url_map.iter_rules():
        place = re.sub(r'<any\("(\w+)".*?>', r"\1", rule.rule)
        place = re.sub(r"<.*?>", "x", place.replace("<path:filename>", "portal.css"))
        for method in sorted(rule.methods & {"GET", "POST"}):
            with guarded.client.open(place, method=method, headers=OURS) as answer:
                if answer.status_code == 303:
                    assert answer.location.startswith("/sign-in?next=")
                elif answer.status_code == 401 and rule.rule != "/sign-in":
                    assert "You are not signed in" in answer.text
                else:
                    open_to_all.add((method, rule.rule))
    assert open_to_all == {
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("GET", "/static/<path:filename>"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
    }


def test_who_signs_in_gets_where_they_wanted_to_go(client: FlaskClient) -> None:
    asked = client.get("/study?sort=auc")
    assert asked.status_code == 303
    page = client.get(asked.location)
    assert page.status_code == 200
    assert 'name="password"' in page.text
    answer = sign_in(client, place=asked.location)
    assert (answer.status_code, answer.location) == (303, "/study?sort=auc")
    shown = client.get(answer.location)
    assert shown.status_code == 200
    assert "Sign out anna" in text(shown.text)
    assert client.get("/sign-in").location == "/"


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_pair_is_refused_in_the_same_words(
    client: FlaskClient, name: str, password: str
) -> None:
    answer = sign_in(client, name, password)
    assert answer.status_code == 401
    assert banners(answer.text) == [
        (
            "Name or password is not right Expected: the name and password of an account. "
            "Received: a name and a password that do not belong together here. "
            "Try again, or ask whoever runs this portal."
        )
    ]
    assert "Set-Cookie" not in answer.headers
    assert client.get("/").status_code == 303


def test_after_a_wrong_password_the_name_need_not_be_typed_again(client: FlaskClient) -> None:
    assert 'value="' not in client.get("/sign-in").text.partition("<form")[2]
    page = sign_in(client, '<anna "A">' + "n" * 99, "secret").text
    assert f'value="&lt;anna &#34;A&#34;&gt;{"n" * 54}"' in page
    assert "secret" not in page


def test_tries_are_slowed(client: FlaskClient) -> None:
    long = "x" * 300  # not hashed, which would take its time
    statuses = [sign_in(client, password=long).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    refused = sign_in(client)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 30
    assert sign_in(client, "ben").status_code == 303


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookie_is_kept_from_scripts_sites_and_plain_lines(
    client: FlaskClient, scheme: str
) -> None:
    cookie = sign_in(client, X_Forwarded_Proto=scheme).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Expires=" in cookie
    assert ("Secure" in cookie) == (scheme == "https")
    assert cookie.startswith("__Host-portal=" if scheme == "https" else "portal=")


def test_a_cookie_from_before_signing_in_is_not_kept(guarded: Portal) -> None:
    client = guarded.client
    sign_in(client, "ben")
    before = client.get_cookie("portal").value
    sign_in(client, "anna")
    assert client.get_cookie("portal").value != before
    assert "Sign out anna" in text(client.get("/").text)


@pytest.mark.parametrize("forged", ["", "x", "e30.x.y"])
def test_a_forged_cookie_is_nobodys(
    guarded: Portal, make_portal: Make, tmp_path: Path, accounts: Path, forged: str
) -> None:
    client = guarded.client
    if not forged:  # signed with another key
        other = make_portal(tmp_path, auth_file=accounts, secret_key="j" * 32).client
        sign_in(other)
        forged = other.get_cookie("portal").value
    client.set_cookie("portal", forged)
    assert client.get("/").status_code == 303


def test_replicas_of_one_key_share_their_sessions(
    guarded: Portal, make_portal: Make, tmp_path: Path, accounts: Path
) -> None:
    client = guarded.client
    sign_in(client)
    replica = make_portal(tmp_path, auth_file=accounts, secret_key=KEY).client
    replica.set_cookie("portal", client.get_cookie("portal").value)
    assert replica.get("/").status_code == 200


def test_without_a_key_of_its_own_a_portal_makes_one(
    make_portal: Make, tmp_path: Path, accounts: Path
) -> None:
    first, second = (make_portal(tmp_path, auth_file=accounts) for _ in range(2))
    assert len(first.app.config["SECRET_KEY"]) == 64
    assert first.app.config["SECRET_KEY"] != second.app.config["SECRET_KEY"]


def test_a_session_ends_after_its_time(guarded: Portal) -> None:
    client = guarded.client
    sign_in(client)
    lifetime = guarded.app.permanent_session_lifetime
    assert lifetime.total_seconds() == 8 * 3600
    guarded.app.permanent_session_lifetime = -lifetime
    assert client.get("/").status_code == 303


def test_signing_out_takes_the_cookie(client: FlaskClient) -> None:
    sign_in(client)
    assert client.get("/").status_code == 200
    assert client.get("/sign-out").status_code == 405
    answer = client.post("/sign-out", headers=OURS)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert client.get_cookie("portal") is None
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("how", ["removed", "another password"])
def test_a_session_ends_with_its_account(
    client: FlaskClient, accounts: Path, one: str, how: str
) -> None:
    sign_in(client)
    assert client.get("/").status_code == 200
    left = {"ben": one} if how == "removed" else {"anna": hashed("another password"), "ben": one}
    account_file.write(accounts, left)
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("place", [PLACE, f"/{cohorts()[0]}", "/sign-in", "/sign-out"])
@pytest.mark.parametrize("headers", [{"Sec_Fetch_Site": "cross-site"}, {}])
def test_no_other_site_can_use_a_session(
    client: FlaskClient, place: str, headers: dict[str, str]
) -> None:
    sign_in(client)
    answer = send(client, place, **headers)
    assert answer.status_code == 403
    assert "sent from another site" in banners(answer.text)[0]
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("headers", [OURS, {"Origin": "http://localhost"}])
def test_a_form_of_this_portal_is_taken(client: FlaskClient, headers: dict[str, str]) -> None:
    sign_in(client)
    assert client.post(PLACE, data={}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "/a\r\nSet-Cookie: x=y",
        "/\\",
        "/a\\..\\b",
        " /study",
        "",
        "/é",
    ],
)
def test_no_other_place_is_led_to(guarded: Portal, address: str) -> None:
    with guarded.app.test_request_context():
        assert local(address) == "/"


def test_signing_in_never_leads_elsewhere(client: FlaskClient) -> None:
    form = {"name": "anna", "password": PASSWORD}
    elsewhere = {"next": "//evil.example/"}
    answer = client.post("/sign-in", query_string=elsewhere, data=form, headers=OURS)
    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize("address", ["/", "/study?sort=auc&kind=a%2Fb", "/notebooks", "/a//b"])
def test_it_leads_to_any_place_of_the_portal(guarded: Portal, address: str) -> None:
    with guarded.app.test_request_context():
        assert local(address) == address


def test_a_program_signs_in_with_each_request(client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"Authorization": basic()}).status_code == 200
    assert send(client, Authorization=basic()).status_code == 200
    assert client.get_cookie("portal") is None
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("place", ["/info", "/metrics"])
@pytest.mark.parametrize("accept", [None, "*/*", "application/openmetrics-text,*/*;q=0.1"])
@pytest.mark.parametrize("given", [None, basic(password="wrong")])
def test_what_machines_watch_refuses_them_as_machines(
    client: FlaskClient, place: str, accept: str | None, given: str | None
) -> None:
    sent = {"Accept": accept, "Authorization": given}
    headers = {name: value for name, value in sent.items() if value}
    answer = client.get(place, headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    script = client.get(place, headers={**headers, **OURS})
    assert (script.status_code, script.mimetype) == (401, "application/problem+json")
    assert "WWW-Authenticate" not in script.headers


@pytest.mark.parametrize("place", ["/info", "/metrics"])
def test_a_reader_of_what_machines_watch_is_led_to_signing_in(
    client: FlaskClient, place: str
) -> None:
    answer = client.get(place, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={place}")


def test_a_portal_below_a_path_is_not_left_by_signing_in(client: FlaskClient) -> None:
    below = "http://localhost/breast"
    led = client.get("/about?x=1", base_url=below)
    assert led.location == "/breast/sign-in?next=/breast/about?x%3D1"
    refused = client.post(PLACE, base_url=below, headers=OURS)
    assert f'href="/breast/sign-in?next=/breast{PLACE}"' in refused.text


@pytest.mark.parametrize(
    "given", [None, basic(password="wrong"), basic("nobody"), "Bearer x", "Basic x", "Basic"]
)
def test_a_program_without_an_account_is_told_how(client: FlaskClient, given: str | None) -> None:
    headers = {"Accept": "application/json"} | ({"Authorization": given} if given else {})
    answer = client.get("/info", headers=headers)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("given", ["Basic x", LATIN])
def test_a_program_is_told_that_its_header_cannot_be_read(client: FlaskClient, given: str) -> None:
    problem = client.get("/api/v1/models", headers={"Authorization": given}).json
    assert problem["type"] == "/api#sign-in-needed"
    assert problem["expected"] == "a name and its password in UTF-8 by HTTP Basic"
    assert problem["received"] == "a header Authorization that cannot be read as that"


def test_a_password_of_any_letters_is_sent_as_the_document_says(
    make_portal: Make, tmp_path: Path
) -> None:
    password = "größer als Latin-1: снимок"
    account_file.write(tmp_path / "accounts", {"anna": hashed(password)})
    client = make_portal(tmp_path, auth_file=tmp_path / "accounts", secret_key=KEY).client
    text = (ROOT / "docs/api.md").read_text("utf-8")
    (documented,) = re.findall(r"`auth=(\(.*?\))` ", text)
    pair = eval(documented, {"password": password})  # what a reader would write
    asked = Request("GET", "http://localhost/", auth=pair).prepare()
    header = {"Authorization": asked.headers["Authorization"]}
    assert client.get("/api/v1/models", headers=header).status_code == 200


def test_the_api_asks_too_and_says_so_as_a_problem(client: FlaskClient) -> None:
    place = "/api/v1/models"
    answer = client.get(place, headers={"Accept": "*/*"})
    assert answer.status_code == 401
    assert answer.json["type"] == "/api#sign-in-needed"
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert client.get(place, headers={"Authorization": basic()}).status_code == 200
    elsewhere = send(client, f"{place}{PLACE}/predict", Origin="https://evil.example")
    assert (elsewhere.status_code, elsewhere.json["type"]) == (403, "/api#cross-site-post")


def test_a_browser_is_not_asked_for_what_it_would_then_send_by_itself(client: FlaskClient) -> None:
    answer = send(client, Accept="text/html,*/*;q=0.8", Sec_Fetch_Site="same-origin")
    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer.headers
    assert f'href="/sign-in?next={PLACE}"' in answer.text
    script = send(client, f"/api/v1/models{PLACE}/predict", Sec_Fetch_Site="same-origin")
    assert (script.status_code, script.json["type"]) == (401, "/api#sign-in-needed")
    assert "WWW-Authenticate" not in script.headers


@pytest.mark.parametrize("place", ["/sign-out", "/report.pdf", "/no-such-page"])
def test_signing_in_leads_to_no_address_that_takes_forms_only(
    client: FlaskClient, place: str
) -> None:
    assert '<a href="/sign-in">Sign in</a>' in send(client, place, **OURS).text


def test_guarded_pages_are_not_stored(client: FlaskClient) -> None:
    sign_in(client)
    for place in ("/", "/study", "/sign-in", "/info"):
        assert client.get(place).headers["Cache-Control"] == "no-store"


def test_a_form_larger_than_a_name_and_a_password_is_not_read(client: FlaskClient) -> None:
    answer = sign_in(client, password="x" * 2**21)
    assert answer.status_code == 413
    assert "at most 1 MiB" in text(answer.text)


def test_without_a_file_of_accounts_there_are_none(portal: Portal) -> None:
    assert portal.routes.account_pages == ()
    assert portal.client.get("/sign-in").status_code == 404
    page = portal.client.get("/")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert "sign-out" not in page.text


def test_who_has_signed_in_gets_a_verdict(
    make_portal: Make, installed: Path, accounts: Path
) -> None:
    client = make_portal(installed, auth_file=accounts).client
    assert not verdicts(send(client, Sec_Fetch_Site="same-origin").text)
    sign_in(client)
    assert verdicts(send(client, Sec_Fetch_Site="same-origin").text)
