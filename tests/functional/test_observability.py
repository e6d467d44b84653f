"""What is told of a request beside its answer: its number, its log line, its metrics."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from models.catalogue import cohorts, model_keys
from portal.request_log import JsonLine
from tests.conftest import Portal
from tests.fakes import png
from tests.functional.pages import verdicts

KEY = model_keys()[4]
PLACE = f"/{KEY}"
COHORT = cohorts()[1]
NAME = "Jane-Doe-1961.png"


class Lines(logging.Handler):
    """Keeps the log's lines as they would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLine())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def last(self) -> dict[str, Any]:
        fields: dict[str, Any] = json.loads(self.lines[-1])
        return fields


@pytest.fixture
def log() -> Iterator[Lines]:
    lines, logger = Lines(), logging.getLogger("portal.request_log")
    logger.addHandler(lines)
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(lines)
    logger.setLevel(logging.NOTSET)


def post(portal: Portal, place: str, content: bytes, name: str = NAME) -> TestResponse:
    data = {"image": (io.BytesIO(content), name)}
    return portal.client.post(f"{place}?patient=Jane", data=data)


def test_an_upload_is_one_line(portal: Portal, log: Lines) -> None:
    answer = post(portal, PLACE, png())
    (shown,) = verdicts(answer.text)
    assert len(log.lines) == 1
    (verdict,) = log.last.pop("verdicts")
    assert (verdict["model"], verdict["label"]) == (KEY.slug, shown.label)
    assert verdict["fingerprint"] in answer.text
    assert log.last["request_id"] == answer.headers["X-Request-ID"]
    assert (log.last["method"], log.last["route"], log.last["status"]) == ("POST", PLACE, 200)
    assert list(log.last["stages_ms"]) == ["read", "prepare", "gate", "open", "infer", "wait"]
    assert 0 < log.last["stages_ms"]["infer"] <= log.last["duration_ms"]
    assert log.last["refusals"] == []


def test_a_comparison_has_every_verdict_and_one_time_for_all(portal: Portal, log: Lines) -> None:
    post(portal, f"/{COHORT}", png())
    assert [v["model"] for v in log.last["verdicts"]] == [key.slug for key in COHORT.keys]
    assert set(log.last["stages_ms"]) == {"read", "prepare", "gate", "open", "infer", "wait"}


def test_the_api_is_logged_and_counted_like_a_page(portal: Portal, log: Lines) -> None:
    route = "/api/v1/models/<slug>/predict"
    data = {"image": (io.BytesIO(png()), NAME)}
    answer = portal.client.post(f"/api/v1/models/{KEY}/predict", data=data)
    assert (log.last["route"], log.last["status"]) == (route, 200)
    assert log.last["request_id"] == answer.headers["X-Request-ID"]
    (verdict,) = log.last["verdicts"]
    assert (verdict["model"], verdict["label"]) == (KEY.slug, answer.json["label"])
    counted = portal.client.get("/metrics").text
    label = answer.json["label"]
    assert f'{{label="{label}",model="{KEY}",route="{route}"}}' in counted


@pytest.mark.parametrize(
    ("content", "sent_name", "query", "reason"),
    [
        (b"words", NAME, "", "NotAnImage"),
        (png(), f"{NAME}.exe", "", "WrongSuffix"),
        (png(), NAME, "?patient=Jane", "UnknownParameter"),
    ],
)
def test_a_refusal_of_the_api_is_logged_by_its_kind(
    portal: Portal, log: Lines, content: bytes, sent_name: str, query: str, reason: str
) -> None:
    data = {"image": (io.BytesIO(content), sent_name)}
    portal.client.post(f"/api/v1/models/{KEY}/predict{query}", data=data)
    assert log.last["refusals"] == [reason]
    assert log.last["verdicts"] == []
    assert "Jane" not in "".join(log.lines)


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [(b"words", NAME, "NotAnImage"), (png(), f"{NAME}.exe", "WrongSuffix")],
)
def test_a_refusal_is_logged_by_its_kind(
    portal: Portal, log: Lines, content: bytes, name: str, reason: str
) -> None:
    post(portal, PLACE, content, name)
    assert log.last["refusals"] == [reason]
    assert log.last["verdicts"] == []


@pytest.mark.parametrize(
    ("place", "route"),
    [
        ("/", "/"),
        ("/static/portal.css", "/static/<path:filename>"),
        ("/static/Jane-Doe-1961.css", "/static/<path:filename>"),
        ("/Jane-Doe-1961", None),
    ],
)
def test_a_page_is_logged_by_its_route(
    portal: Portal, log: Lines, place: str, route: str | None
) -> None:
    with portal.client.get(f"{place}?patient=Jane") as answer:
        assert log.last["route"] == route
        assert log.last["status"] == answer.status_code


def test_nothing_of_the_upload_is_logged(portal: Portal, log: Lines) -> None:
    for place in (PLACE, f"/{COHORT}", "/Jane"):
        for content in (png(), b"Jane", b""):
            post(portal, place, content)
    assert len(log.lines) == 9
    assert "Jane" not in "".join(log.lines)
    assert "Doe" not in "".join(log.lines)


def test_every_request_has_its_own_number(portal: Portal) -> None:
    numbers = {portal.client.get("/healthz").headers["X-Request-ID"] for _ in range(3)}
    assert len(numbers) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}", number) for number in numbers)


class TestMetrics:
    @pytest.fixture
    def fresh(self, make_portal: Callable[..., Portal], installed: Path) -> Portal:
        return make_portal(installed)

    @staticmethod
    def read(portal: Portal) -> dict[str, float]:
        answer = portal.client.get("/metrics")
        assert answer.status_code == 200
        assert answer.mimetype == "text/plain"
        rows = [line.rsplit(" ", 1) for line in answer.text.splitlines() if line[0] != "#"]
        return {name: float(value) for name, value in rows}

    def test_before_the_first_upload_all_is_still(self, fresh: Portal) -> None:
        found = self.read(fresh)
        assert found["portal_queue_length"] == 0
        assert found["portal_predictions_running"] == 0
        assert found["portal_models_loaded"] == 0
        assert found["process_open_fds"] > 0

    def test_verdicts_are_counted_by_route_model_and_label(self, fresh: Portal) -> None:
        (shown,) = verdicts(post(fresh, PLACE, png()).text)
        post(fresh, PLACE, png())
        labels = f'route="{PLACE}",model="{KEY}",label="{shown.label}"'.split(",")
        found = self.read(fresh)
        (name,) = (name for name in found if name.startswith("portal_predictions_total"))
        assert all(label in name for label in labels)
        assert found[name] == 2
        assert found["portal_models_loaded"] == 1
        for stage in ("wait", "read", "prepare", "gate", "open", "infer"):
            assert found[f'portal_stage_seconds_count{{stage="{stage}"}}'] == 2

    def test_refusals_are_counted_by_reason(self, fresh: Portal) -> None:
        for _ in range(3):
            post(fresh, PLACE, b"words")
        found = self.read(fresh)
        assert found[f'portal_refusals_total{{reason="NotAnImage",route="{PLACE}"}}'] == 3
        assert not any(name.startswith("portal_predictions_total") for name in found)
        assert "Jane" not in fresh.client.get("/metrics").text
