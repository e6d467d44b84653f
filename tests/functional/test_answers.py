"""What every answer carries, and what is said when something else goes wrong."""

import io
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from models.catalogue import model_keys
from portal import __version__
from portal.headers import HEADERS
from tests.conftest import Portal
from tests.fakes import png
from tests.functional.pages import banners

PAGES = [
    "/",
    "/study",
    "/study/report",
    "/vgg_ultrasound_finetuned",
    "/healthz",
    "/static/portal.css",
    "/absent",
]
FIRST_PAGE = '<p><a href="/">Go to the first page</a></p>'


@pytest.mark.parametrize("url", PAGES)
def test_every_answer_has_the_protecting_headers(portal: Portal, url: str) -> None:
    with portal.client.get(url) as answer:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value


def test_the_content_policy_lets_nothing_in_from_elsewhere() -> None:
    rules = [rule.split() for rule in HEADERS["Content-Security-Policy"].split("; ")]
    policy = {name: allowed for name, *allowed in rules}
    own = {key: ["'self'"] for key in ("script-src", "style-src", "connect-src", "form-action")}
    nothing = {key: ["'none'"] for key in ("default-src", "base-uri", "frame-ancestors")}
    assert policy == {**own, **nothing, "img-src": ["'self'", "data:", "blob:"]}


def test_an_answer_to_an_upload_is_never_stored(portal: Portal) -> None:
    data = {"image": (io.BytesIO(png()), "a.png")}
    answer = portal.client.post("/vgg_ultrasound_finetuned", data=data)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_an_unknown_page_is_said_calmly(portal: Portal) -> None:
    answer = portal.client.get("/no_such_model")
    assert answer.status_code == 404
    assert banners(answer.text) == [
        "There is no such page Check the address, or start from the first page."
    ]
    assert FIRST_PAGE in answer.text


def test_a_file_that_is_not_there_does_not_lead_back_to_itself(portal: Portal) -> None:
    with portal.client.get("/static/none.css") as answer:
        assert answer.status_code == 404
        assert FIRST_PAGE in answer.text


@pytest.mark.parametrize(
    ("method", "url"), [("POST", "/"), ("DELETE", "/vgg_ultrasound_finetuned"), ("PUT", "/study")]
)
def test_a_wrong_method_is_said_calmly(portal: Portal, method: str, url: str) -> None:
    answer = portal.client.open(url, method=method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "cannot be used that way" in answer.text
    assert FIRST_PAGE in answer.text


@pytest.mark.parametrize(
    "url",
    ["/%ff", "/%00", "/static/../app.py", "/study/none", "/" + "a" * 3000],
)
def test_a_strange_address_is_no_failure(portal: Portal, url: str) -> None:
    assert portal.client.get(url).status_code in {308, 404}


@pytest.mark.parametrize("host", ["a b", "[", "", "x" * 300, "evil.example"])
def test_a_strange_host_is_no_failure(portal: Portal, host: str) -> None:
    assert portal.client.get("/", headers={"Host": host}).status_code in {200, 400}


def test_an_unexpected_failure_shows_a_number_and_no_secret(
    make_portal: Callable[..., Portal], installed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    portal = make_portal(installed)

    @portal.app.route("/failing/<name>", methods=["GET", "POST"])
    def failing(name: str) -> str:
        assert name == "Mrs Example"
        raise RuntimeError("secret words")

    with caplog.at_level(logging.ERROR):
        answer = portal.client.get("/failing/Mrs%20Example")
    assert answer.status_code == 500
    assert "secret words" not in answer.text
    (record,) = [r for r in caplog.records if "incident" in r.message]
    incident = record.message.split()[1]
    assert banners(answer.text)[0].endswith(f"the number below. Incident {incident}")
    assert FIRST_PAGE in answer.text  # not to what has just failed
    assert "data-stays" in answer.text  # also where the status is another, as after steps
    assert record.message.endswith("at GET /failing/<name>")
    assert record.exc_info
    assert "secret words" in caplog.text
    of_form = portal.client.post("/failing/Mrs%20Example")
    assert of_form.status_code == 500
    assert "Back to the page you came from" in of_form.text


class TestHealth:
    @pytest.fixture
    def client(self, portal: Portal) -> FlaskClient:
        return portal.client

    def test_the_process_is_up(self, client: FlaskClient) -> None:
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json) == (200, {"status": "up"})

    def test_it_is_ready_when_a_model_answers(self, client: FlaskClient) -> None:
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json["ready"] is True
        assert [check["name"] for check in answer.json["checks"]] == [
            "catalogue",
            "checksums",
            "gates",
            "uploads",
            "answer",
        ]

    def test_the_model_that_answers_is_one_that_was_asked_for_if_there_is_one(
        self, make_portal: Callable[..., Portal], installed: Path
    ) -> None:
        client = make_portal(installed).client
        asked = model_keys()[5].slug
        client.post(f"/{asked}", data={"image": (io.BytesIO(png()), "a.png"), "anyway": "yes"})
        checks = {check["name"]: check for check in client.get("/readyz").json["checks"]}
        assert checks["answer"]["detail"].endswith(" answers")
        assert "portal_models_loaded 1" in client.get("/metrics").text

    def test_it_is_not_ready_while_no_upload_can_be_written(
        self, make_portal: Callable[..., Portal], installed: Path, tmp_path: Path
    ) -> None:
        folder = tmp_path / "uploads"
        client = make_portal(installed, upload_dir=folder).client
        folder.rmdir()
        assert client.get("/readyz").status_code == 200
        folder.rmdir()
        folder.symlink_to(tmp_path / "nowhere")
        answer = client.get("/readyz")
        assert answer.status_code == 503
        (failed,) = (check for check in answer.json["checks"] if not check["passed"])
        assert failed["name"] == "uploads"
        assert str(tmp_path) not in answer.text
        folder.unlink()
        assert client.get("/readyz").status_code == 200

    def test_info_names_versions_and_models(self, client: FlaskClient) -> None:
        info = client.get("/info").json
        assert info["version"] == __version__
        assert {"openvino", "numpy", "flask"} <= set(info["packages"])
        assert info["precision"] == "f32"
        assert len(info["models"]) == len(model_keys())
        assert all(model["installed"] for model in info["models"])
        assert len({model["fingerprint"] for model in info["models"]}) == len(model_keys())
        assert {model["threshold"] for model in info["models"]} == {0.41}

    def test_without_models_it_is_up_but_not_ready(
        self, make_portal: Callable[..., Portal], tmp_path: Path
    ) -> None:
        client = make_portal(tmp_path).client
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        reasons = {check["name"]: check["detail"] for check in answer.json["checks"]}
        assert reasons["answer"] == "no model is installed"
        assert not any(model["installed"] for model in client.get("/info").json["models"])
