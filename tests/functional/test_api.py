"""The API: the same answers as the pages, as documents that its description promises."""

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from models.card import ModelCard
from models.catalogue import Cohort, ModelKey, cohorts, model_keys
from models.checkpoint import read_card
from models.decoded import DamagedImage
from models.later_notes import NAME as NOTES
from portal.headers import HEADERS
from portal.uncertainty import UNCERTAIN, band_of
from tests.conftest import Portal
from tests.fakes import fake_card, png, write_checkpoints
from tests.functional.described import Description, description_of, held
from tests.functional.pages import verdicts
from tests.functional.uploads import REFUSED, TAKEN

KEY = model_keys()[4]
COHORT = cohorts()[1]
MODELS = "/api/v1/models"
PREDICT = f"{MODELS}/{KEY}/predict"
COMPARE = f"/api/v1/compare/{COHORT.modality.key}/{COHORT.strategy.key}"
PREDICTION = "/api/v1/models/{model}/predict"
COMPARISON = "/api/v1/compare/{modality}/{strategy}"
each_model = pytest.mark.parametrize("key", model_keys(), ids=str)
each_cohort = pytest.mark.parametrize("cohort", cohorts(), ids=str)
each_upload = pytest.mark.parametrize(
    ("place", "described"), [(PREDICT, PREDICTION), (COMPARE, COMPARISON)]
)


@pytest.fixture(scope="module")
def description(portal: Portal) -> Description:
    return description_of(portal)


def image(content: bytes | None = None, name: str = "a.png") -> FileStorage:
    return FileStorage(io.BytesIO(png() if content is None else content), filename=name)


def post(portal: Portal, place: str, **fields: Any) -> TestResponse:
    form = fields or {"image": image()}
    return portal.client.post(place, data=form, content_type="multipart/form-data")


def kind(problem: dict[str, Any]) -> str:
    return str(problem["type"]).removeprefix("/api#")


def test_every_model_is_listed_with_what_its_page_knows(
    portal: Portal, description: Description
) -> None:
    document = held(description, MODELS, "get", portal.client.get(MODELS))
    assert [model["name"] for model in document["models"]] == [key.slug for key in model_keys()]
    for key, model in zip(model_keys(), document["models"], strict=True):
        assert model["available"]
        assert model["problem"] is None
        assert tuple(model["labels"].values()) == key.modality.labels
        assert model["threshold"]["value"] == fake_card(key).threshold.value
        band = band_of(fake_card(key))
        assert model["uncertain"] == {"low": band.low, "high": band.high}
        assert model["limitations"] == list(fake_card(key).limitations)
        alone = portal.client.get(f"{MODELS}/{key}")
        assert held(description, f"{MODELS}/{{model}}", "get", alone) == model


def test_a_model_is_told_with_what_became_known_of_it_since(
    make_portal: Callable[..., Portal], tmp_path: Path
) -> None:
    folder = write_checkpoints(tmp_path / "checkpoints", [KEY])
    card = read_card(folder / KEY.checkpoint)
    note = "Two views of one lesion lie on either side of its split."
    (tmp_path / NOTES).write_text(json.dumps({card.fingerprint: [note]}), "utf-8")
    model = make_portal(folder).client.get(f"{MODELS}/{KEY}").get_json()
    assert model["limitations"] == [*card.limitations, note]


@each_model
def test_a_card_is_the_one_in_the_checkpoint(
    portal: Portal, description: Description, key: ModelKey
) -> None:
    answer = portal.client.get(f"{MODELS}/{key}/card")
    document = held(description, f"{MODELS}/{{model}}/card", "get", answer)
    assert document == json.loads(read_card(portal.settings.checkpoints / key.checkpoint).to_json())


@each_model
def test_a_prediction_is_what_the_page_says(
    portal: Portal, description: Description, key: ModelKey
) -> None:
    answer = post(portal, f"{MODELS}/{key}/predict")
    document = held(description, PREDICTION, "post", answer)
    form = {"image": (io.BytesIO(png()), "a.png")}
    (shown,) = verdicts(portal.client.post(f"/{key}", data=form).text)
    assert (document["model"], document["label"]) == (shown.model, shown.label)
    assert document["probability"] == pytest.approx(shown.probability, abs=5e-5)
    assert document["calibrated_probability"] == pytest.approx(shown.calibrated, abs=5e-5)
    assert document["threshold"]["value"] == shown.threshold
    assert document["positive"] == (document["probability"] >= shown.threshold)
    assert document["label"] == key.modality.labels[document["positive"]]
    low, high = document["uncertain"]["low"], document["uncertain"]["high"]
    assert (document["verdict"] == UNCERTAIN) is (low <= document["probability"] < high)
    assert document["sensitivity"] == {"value": 0.90, "low": 0.81, "high": 0.96}
    assert document["caution"] is None
    assert document["input"] == {"sha256": hashlib.sha256(png()).hexdigest(), "bytes": len(png())}
    assert "160 x 120 pixels" in document["checks"][0]
    assert document["warnings"] == []
    assert "not a medical device" in document["intended_use"]
    assert portal.uploads() == []


def test_a_model_that_is_never_uncertain_has_no_band(
    make_portal: Callable[..., Portal], tmp_path: Path, description: Description
) -> None:
    def decided(card: ModelCard) -> ModelCard:
        calibration = replace(card.calibration, slope=2.0, intercept=0.0)  # even below 0.5
        point = replace(card.best_f1, threshold=replace(card.best_f1.threshold, value=0.6))
        return replace(
            card, threshold=point.threshold, high_sensitivity=point, calibration=calibration
        )

    sure = make_portal(write_checkpoints(tmp_path, [KEY], decided))
    model = sure.client.get(f"{MODELS}/{KEY}")
    assert held(description, f"{MODELS}/{{model}}", "get", model)["uncertain"] is None
    answer = held(description, PREDICTION, "post", post(sure, PREDICT))
    assert answer["uncertain"] is None
    assert answer["verdict"] == answer["label"]


def test_intervals_that_rest_on_too_few_groups_are_told_so(
    make_portal: Callable[..., Portal], tmp_path: Path, description: Description
) -> None:
    def of_few_groups(card: ModelCard) -> ModelCard:
        return replace(card, data=replace(card.data, groups={"test": 2}))

    few = make_portal(write_checkpoints(tmp_path, [KEY], of_few_groups))
    answer = held(description, PREDICTION, "post", post(few, PREDICT))
    assert answer["caution"].startswith("Both intervals rest on 2 patients only")


@each_cohort
def test_a_comparison_has_the_predictions_of_its_models(
    portal: Portal, description: Description, cohort: Cohort
) -> None:
    place = f"/api/v1/compare/{cohort.modality.key}/{cohort.strategy.key}"
    document = held(description, COMPARISON, "post", post(portal, place))
    assert [entry["model"] for entry in document["models"]] == [key.slug for key in cohort.keys]
    for entry in document["models"]:
        alone = post(portal, f"{MODELS}/{entry['model']}/predict").json
        assert entry["problem"] is None
        assert entry["answer"] == {name: alone[name] for name in entry["answer"]}
    firm = {entry["answer"]["verdict"] for entry in document["models"]} - {UNCERTAIN}
    assert (document["signal"] == "disagree") == (len(firm) > 1)
    assert ("disagree" in document["agreement"]) == (len(firm) > 1)
    assert portal.uploads() == []


def test_all_models_of_a_modality_answer_together(portal: Portal, description: Description) -> None:
    place = f"/api/v1/compare/{COHORT.modality.key}"
    answer = post(portal, place)
    document = held(description, "/api/v1/compare/{modality}", "post", answer)
    keys = [key for key in model_keys() if key.modality == COHORT.modality]
    assert {entry["model"] for entry in document["models"]} == {key.slug for key in keys}
    assert document["strategy"] is None


def test_a_wish_that_only_a_page_can_fulfil_is_refused(
    portal: Portal, description: Description
) -> None:
    answer = post(portal, PREDICT, image=image(), read_first="yes")
    assert answer.status_code == 400
    assert "'read_first'" in held(description, PREDICTION, "post", answer)["received"]


def test_an_unknown_field_is_named_beside_those_that_are_taken(portal: Portal) -> None:
    problem = post(portal, PREDICT, image=image(), patient="1").json
    taken = "image, anyway, frame, explain, extent, left, top, side, answer"
    assert problem["expected"] == f"fields among {taken}"
    assert problem["received"] == "the field 'patient'"
    problem = post(portal, PREDICT, image=image(), _läft="1").json
    assert problem["received"] == r"the field '_l\xe4ft'"


@pytest.mark.parametrize("fields", [{"left": ""}, {"left": "1", "top": "1"}, {"side": "64"}])
def test_the_fields_of_a_square_go_together(portal: Portal, fields: dict[str, str]) -> None:
    problem = post(portal, PREDICT, image=image(), **fields).json
    assert kind(problem) == "field-refused"
    assert problem["expected"] == "a square's left, top and side"
    assert problem["received"] == f"{len(fields)} of these three"


@pytest.mark.parametrize("case", TAKEN)
def test_what_a_page_reads_the_api_reads(
    portal: Portal, description: Description, case: str
) -> None:
    name, content = TAKEN[case]
    answer = post(portal, PREDICT, image=image(content(), name))
    assert answer.status_code == 200
    document = held(description, PREDICTION, "post", answer)
    assert document["input"]["sha256"] == hashlib.sha256(content()).hexdigest()


@each_upload
@pytest.mark.parametrize("case", [case for case in REFUSED if REFUSED[case][0]])
def test_a_bad_file_is_a_problem_with_the_pages_words(
    portal: Portal, description: Description, place: str, described: str, case: str
) -> None:
    name, content, words = REFUSED[case]
    answer = post(portal, place, image=image(content(), name))
    assert answer.status_code == 422
    problem = held(description, described, "post", answer)
    assert words in " ".join(str(value) for value in problem.values())
    assert problem["status"] == 422
    assert problem["action"]
    assert problem["instance"].replace("-", "").endswith(answer.headers["X-Request-ID"])
    assert portal.uploads() == []


@each_upload
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"image": image(), "other": "1"}, "unknown-field"),
        ({"image": image(), "other": image()}, "unknown-field"),
        ({"image": image(), "other": image(b"", "")}, "unknown-field"),
        ({"picture": image()}, "unknown-field"),
        ({"image": image(), "": "1"}, "unreadable-form"),
        ({"image": [image(), image()]}, "too-many-images"),
        ({"image": [image(), image(b"", "")]}, "too-many-images"),
        ({"image": "text"}, "no-image-sent"),
        ({"image": image(name="")}, "no-image-chosen"),
        ({"other": ["1", "2"]}, "repeated-field"),
    ],
)
def test_what_is_not_described_is_refused(
    portal: Portal,
    description: Description,
    place: str,
    described: str,
    fields: dict[str, Any],
    reason: str,
) -> None:
    answer = portal.client.post(place, **by_hand(fields))
    problem = held(description, described, "post", answer)
    assert (answer.status_code, kind(problem)) == (400, reason)
    assert portal.uploads() == []


def by_hand(fields: dict[str, Any]) -> dict[str, Any]:
    """A form as it is written here: a client would leave out parts without a name."""
    parts = []
    for name, given in fields.items():
        for value in given if isinstance(given, list) else [given]:
            head = f'--frame\r\nContent-Disposition: form-data; name="{name}"'
            if isinstance(value, str):
                parts.append(f"{head}\r\n\r\n{value}\r\n".encode())
            else:
                value.stream.seek(0)
                named = f'{head}; filename="{value.filename}"\r\n\r\n'.encode()
                parts.append(named + value.stream.read() + b"\r\n")
    body = b"".join(parts) + b"--frame--\r\n"
    return {"data": body, "content_type": "multipart/form-data; boundary=frame"}


@each_upload
def test_an_image_beside_text_of_the_same_name_is_refused(
    portal: Portal, description: Description, place: str, described: str
) -> None:
    form = by_hand({"image": ["text", image()]})
    answer = portal.client.post(place, **form)
    problem = held(description, described, "post", answer)
    assert (answer.status_code, kind(problem)) == (400, "no-image-sent")


@pytest.mark.parametrize("place", [MODELS, f"{MODELS}/{KEY}", PREDICT, COMPARE])
@pytest.mark.parametrize("query", ["?x=1", "?x", "?image=a"])
def test_a_parameter_of_the_address_is_refused(portal: Portal, place: str, query: str) -> None:
    ask = portal.client.get if place.startswith(f"{MODELS}") and place != PREDICT else None
    answer = ask(place + query) if ask else post(portal, place + query)
    assert answer.status_code == 400
    assert kind(answer.json) == "unknown-parameter"


@each_upload
@pytest.mark.parametrize(
    "sent",
    [
        {"data": png(), "content_type": "image/png"},
        {"json": {"image": "a"}},
        {"data": {"image": "a"}, "content_type": "application/x-www-form-urlencoded"},
        {"data": b""},
        {
            "data": b"--x--",
            "content_type": "multipart/form-data; boundary=x",
            "headers": {"Content-Encoding": "gzip"},
        },
    ],
    ids=["the file itself", "JSON", "a form without files", "nothing", "a compressed form"],
)
def test_another_media_type_is_refused(
    portal: Portal, description: Description, place: str, described: str, sent: dict[str, Any]
) -> None:
    answer = portal.client.post(place, **sent)
    problem = held(description, described, "post", answer)
    assert (answer.status_code, kind(problem)) == (415, "not-a-form")


@each_upload
@pytest.mark.parametrize(
    ("boundary", "body"),
    [
        ("", b"\x00\xff"),
        ("; boundary=x", b"\x00\xff"),
        ("; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--"),
    ],
    ids=["no boundary", "no form", "no name"],
)
def test_a_broken_form_cannot_be_read(
    portal: Portal,
    description: Description,
    place: str,
    described: str,
    boundary: str,
    body: bytes,
) -> None:
    media_type = f"multipart/form-data{boundary}"
    answer = portal.client.post(place, data=body, content_type=media_type)
    problem = held(description, described, "post", answer)
    assert (answer.status_code, kind(problem)) == (400, "unreadable-form")


@each_upload
def test_a_request_over_the_limit_is_refused(
    make_portal: Callable[..., Portal],
    portal: Portal,
    description: Description,
    place: str,
    described: str,
) -> None:
    small = make_portal(portal.settings.checkpoints, max_upload_mb=1)
    answer = small.client.post(place, **by_hand({"image": image(bytes(2**20 + 2**16))}))
    problem = held(description, described, "post", answer)
    assert (answer.status_code, kind(problem)) == (413, "upload-too-large")
    assert "at most 1 MiB" in problem["expected"]
    assert small.uploads() == []


@pytest.mark.parametrize(
    ("place", "described", "method"),
    [
        (f"{MODELS}/vgg", "/api/v1/models/{model}", "get"),
        (f"{MODELS}/vgg/card", "/api/v1/models/{model}/card", "get"),
        (f"{MODELS}/vgg/predict", PREDICTION, "post"),
        (f"/api/v1/compare/palmistry/{COHORT.strategy.key}", COMPARISON, "post"),
        (f"/api/v1/compare/{COHORT.modality.key}/distilled", COMPARISON, "post"),
    ],
)
def test_what_the_catalogue_has_not_is_not_found(
    portal: Portal, description: Description, place: str, described: str, method: str
) -> None:
    answer = portal.client.get(place) if method == "get" else post(portal, place)
    problem = held(description, described, method, answer)
    assert (answer.status_code, kind(problem)) == (404, "unknown-entry")


@pytest.mark.parametrize("place", ["/api/", "/api/v1", "/api/v2/models", f"{MODELS}/", "/api/v1/x"])
def test_an_unknown_address_is_a_problem_too(portal: Portal, place: str) -> None:
    answer = portal.client.get(place, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == "about:blank"
    assert answer.json["title"] == "Not Found"


def test_an_unknown_page_stays_a_page(portal: Portal) -> None:
    assert portal.client.get("/apis").mimetype == "text/html"


@pytest.mark.parametrize(
    ("place", "method", "allowed"),
    [(MODELS, "POST", {"GET", "HEAD", "OPTIONS"}), (PREDICT, "GET", {"POST", "OPTIONS"})],
)
def test_another_method_is_refused_with_those_there_are(
    portal: Portal, place: str, method: str, allowed: set[str]
) -> None:
    answer = portal.client.open(place, method=method)
    assert answer.status_code == 405
    assert set(answer.allow) == allowed
    assert answer.json["status"] == 405
    asked = portal.client.options(place)
    assert (asked.status_code, set(asked.allow)) == (200, allowed)


def test_head_is_get_without_a_body(portal: Portal) -> None:
    whole, head = portal.client.get(MODELS), portal.client.head(MODELS)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]


def test_answers_carry_the_headers_of_the_pages_and_let_no_other_origin_read(
    portal: Portal,
) -> None:
    origin = {"Origin": "https://example.org"}
    for answer in (
        portal.client.get(MODELS, headers=origin),
        portal.client.get("/api/v1/nothing", headers=origin),
        portal.client.options(PREDICT, headers=origin),
        post(portal, PREDICT),
    ):
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_kind_of_problem_leads_to_its_line(portal: Portal) -> None:
    page = portal.client.get("/api").text
    for place in (f"{MODELS}?x", f"{MODELS}/vgg"):
        assert f'id="{kind(portal.client.get(place).json)}"' in page


class TestWithoutAModel:
    @pytest.fixture
    def partly(self, make_portal: Callable[..., Portal], tmp_path: Path) -> Portal:
        """A portal that has all models of a cohort but the first."""
        return make_portal(write_checkpoints(tmp_path, COHORT.keys[1:]))

    def test_it_is_listed_as_not_available(self, partly: Portal, description: Description) -> None:
        answer = partly.client.get(f"{MODELS}/{COHORT.keys[0]}")
        document = held(description, f"{MODELS}/{{model}}", "get", answer)
        assert not document["available"]
        assert document["fingerprint"] is None
        assert kind(document["problem"]) == "missing-checkpoint"

    def test_it_has_no_card(self, partly: Portal, description: Description) -> None:
        answer = partly.client.get(f"{MODELS}/{COHORT.keys[0]}/card")
        problem = held(description, f"{MODELS}/{{model}}/card", "get", answer)
        assert (answer.status_code, kind(problem)) == (503, "missing-checkpoint")

    def test_it_gives_no_answer(self, partly: Portal, description: Description) -> None:
        answer = post(partly, f"{MODELS}/{COHORT.keys[0]}/predict")
        problem = held(description, PREDICTION, "post", answer)
        assert (answer.status_code, kind(problem)) == (503, "missing-checkpoint")
        assert partly.uploads() == []

    def test_the_others_answer_beside_it(self, partly: Portal, description: Description) -> None:
        document = held(description, COMPARISON, "post", post(partly, COMPARE))
        first, *others = document["models"]
        assert first["answer"] is None
        assert kind(first["problem"]) == "missing-checkpoint"
        assert all(entry["answer"] and entry["problem"] is None for entry in others)
        assert "One model gave no answer" in document["agreement"]

    def test_without_any_there_is_no_comparison(
        self, partly: Portal, description: Description
    ) -> None:
        answer = post(partly, f"/api/v1/compare/{COHORT.modality.key}/initial")
        assert cohorts()[0].strategy.key == "initial"
        problem = held(description, COMPARISON, "post", answer)
        assert (answer.status_code, kind(problem)) == (503, "missing-checkpoint")


def test_a_failure_is_a_problem_with_its_incident_and_nothing_else(
    make_portal: Callable[..., Portal], installed: Path
) -> None:
    portal = make_portal(installed)

    @portal.app.get("/api/v1/failing")
    def failing() -> str:
        raise RuntimeError("secret words")

    answer = portal.client.get("/api/v1/failing")
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert answer.json["incident"] == answer.headers["X-Request-ID"][:8]
    assert "secret" not in answer.text


def test_a_refusal_that_escapes_a_page_is_a_failure_there(
    make_portal: Callable[..., Portal], installed: Path
) -> None:
    portal = make_portal(installed)

    @portal.app.get("/failing")
    def failing() -> str:
        raise DamagedImage(expected="a secret", received="a secret")

    answer = portal.client.get("/failing")
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert answer.headers["X-Request-ID"][:8] in answer.text
    assert "secret" not in answer.text


def test_a_comparison_is_of_numbers_that_json_has(portal: Portal) -> None:
    document = post(portal, COMPARE).json
    found = [entry["answer"]["probability"] for entry in document["models"]]
    assert np.isfinite(found).all()
