"""From verdicts to a signed document and its two files, with nothing kept in between."""

import base64
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlencode

import jsonschema
import numpy as np
import pytest
from itsdangerous import TimedSerializer
from PIL import Image
from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream

from models.card import Estimate
from models.catalogue import ModelKey, WholeModality, model_keys
from models.explanation import HeatMap
from models.imaging import decode
from portal.errors import ReportRefused
from portal.explanation import Explanation
from portal.image_loader import ImageLoader
from portal.intended_use import INTENDED_USE
from portal.part import Part
from portal.reports import FIELD, Reports
from portal.result import FORMAT, Result
from portal.seal import Seal
from portal.settings import PROJECT
from portal.uploads import MOST_WITHOUT_FILES
from portal.verdict import Verdict
from tests.fakes import FINGERPRINT, encoded, fake_card, with_own_numbers
from tests.results import (
    IMAGE,
    KEY,
    MEASURED,
    TIME,
    explained,
    many,
    of_few_groups,
    single,
    verdict,
)

SECRET = "a secret that is long enough for a test"
DOCUMENT = (PROJECT / "docs" / "result.md").read_text("utf-8")
SCHEMA = json.loads((PROJECT / "docs" / "result.schema.json").read_text("utf-8"))


def reports(time: datetime = TIME, key: str = SECRET) -> Reports:
    """Reports that are made at a time, whatever the time is."""
    return Reports(seal=Seal(key, clock=time.timestamp), clock=lambda: time)


def form(result: Result, made: Reports | None = None) -> dict[str, str]:
    made = made or reports()
    return {FIELD: made.seal.sealed(result.document(made.clock()))}


def pages(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


@pytest.mark.parametrize(
    "result",
    [single(), single(0.4), many(), explained(single()), explained(many(), MEASURED)],
    ids=["one", "unsure", "many", "explained", "all explained"],
)
def test_json_is_what_the_schema_says(result: Result) -> None:
    file = reports().json(form(result))
    document = json.loads(file.content)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert file.content_type == "application/json"
    assert document["time"] == "2026-01-31T09:30:00Z"
    assert document["input"]["sha256"] == "ab" * 32
    assert document["input"]["checks"] == list(IMAGE.checks)
    picture = Image.open(io.BytesIO(base64.b64decode(document["input"]["prepared_png"])))
    assert picture.size == (224, 224)
    assert [model["model"] for model in document["models"]] == [
        each.key.slug for each in result.verdicts
    ]
    for model, each in zip(document["models"], result.verdicts, strict=True):
        assert model["fingerprint"] == FINGERPRINT
        assert (model["verdict"], model["label"]) == (each.word, each.label)
        assert model["probability"] == pytest.approx(each.probability)
        assert model["calibrated_probability"] == pytest.approx(each.calibrated, abs=1e-6)
        assert model["sensitivity"] == {"value": 0.9, "low": 0.81, "high": 0.96}


@pytest.mark.parametrize("probability", [0.4099999, 0.6513548, 0.2049999])
def test_rounding_takes_no_probability_over_an_edge(probability: float) -> None:
    """Of the threshold 0.41, or of the band from 0.205 to 0.65135486."""
    given = verdict(KEY, probability)
    (model,) = json.loads(reports().json(form(single(probability))).content)["models"]
    kept, band = model["probability"], model["uncertain"]
    assert (kept >= model["threshold"]["value"]) is given.positive
    assert (band["low"] <= kept < band["high"]) is given.uncertain
    assert (
        model["calibrated_probability"] >= model["threshold"]["calibrated_value"]
    ) is given.positive


def test_a_model_without_a_band_has_one_whose_ends_meet() -> None:
    card = fake_card(KEY)
    calibration = replace(card.calibration, slope=2.0, intercept=0.0)  # even below 0.5
    point = replace(card.best_f1, threshold=replace(card.best_f1.threshold, value=0.6))
    sure = replace(card, threshold=point.threshold, high_sensitivity=point, calibration=calibration)
    result = replace(single(), verdicts=(Verdict(key=KEY, card=sure, probability=0.9),))
    (model,) = json.loads(reports().json(form(result)).content)["models"]
    assert model["uncertain"]["low"] == model["uncertain"]["high"]
    assert "`uncertain` with the same `low` and `high`" in DOCUMENT


@pytest.mark.parametrize("result", [single(), explained(many(), MEASURED)], ids=["one", "many"])
def test_a_warning_stands_above_the_verdict_and_no_frequency_below(result: Result) -> None:
    warning = "Analysed anyway. What a model says of it may mean nothing."
    warned = replace(result, warnings=(warning,))
    document = json.loads(reports().json(form(warned)).content)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["input"]["warnings"] == [warning]
    assert document["input"]["checks"] == [*IMAGE.checks, warning]
    assert {model["expectation"] for model in document["models"]} == {None}
    assert "of 100 images" in json.loads(reports().json(form(result)).content)["models"][0][
        "expectation"
    ].replace("\u00a0", " ")
    page = " ".join(pages(reports().pdf(form(warned)).content))
    assert page.count(warning) == 1
    assert page.index(f"Warning: {warning}") < page.index(result.verdicts[0].word)
    assert "of 100 images" not in page


def test_only_several_models_agree_or_not() -> None:
    one, all_of_them = (
        json.loads(reports().json(form(each)).content) for each in (single(), many())
    )
    assert (one["agreement"], one["spread"]) == (None, None)
    assert all_of_them["agreement"]["signal"] == "disagree"
    assert all_of_them["spread"]["low"] < all_of_them["spread"]["mean"]
    assert [each["reason"] for each in all_of_them["unanswered"]] == ["This model is not installed"]


def test_models_without_an_answer_count_for_the_agreement() -> None:
    whole = many()
    for answered, signal, words in (
        (whole.verdicts[:1], "undecided", "Only one of two models answered"),
        (whole.verdicts, "disagree", "One model gave no answer."),
    ):
        result = replace(whole, verdicts=answered)
        told = json.loads(reports().json(form(result)).content)["agreement"]
        assert told["signal"] == signal
        assert words in told["sentence"]
        assert [page for page in pages(reports().pdf(form(result)).content) if words in page]


def test_a_result_of_another_time_zone_is_told_in_utc() -> None:
    local = TIME.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert single().document(local)["time"] == "2026-01-31T09:30:00Z"


def test_a_result_without_a_verdict_is_none() -> None:
    with pytest.raises(ValueError, match="at least one verdict"):
        replace(single(), verdicts=())


def test_the_largest_result_is_far_below_the_largest_form_that_is_read() -> None:
    dice = np.random.default_rng(0)
    whole = decode(encoded(dice.integers(0, 256, (224, 224, 3), np.uint8)))
    noise = ImageLoader().prepare(Part(whole=whole, modality=KEY.modality))
    heat_map = HeatMap(
        pixels=dice.random((224, 224), np.float32), fields=(4, 4), strongest=(112, 220)
    )
    verdicts = tuple(verdict(key, 0.6) for key in WholeModality(modality=KEY.modality).keys)
    result = replace(
        single(),
        preview=noise.preview,
        verdicts=verdicts,
        explanations={each.key.slug: Explanation.of(each, heat_map, MEASURED) for each in verdicts},
    )
    largest = len(urlencode(form(result)))
    assert MOST_WITHOUT_FILES / 8 < largest <= MOST_WITHOUT_FILES / 4


@pytest.mark.parametrize("key", model_keys()[::6], ids=str)
@pytest.mark.parametrize("probability", [0.02, 0.4, 0.9])
def test_the_pdf_of_one_model_is_one_page_that_can_be_read_back(
    key: ModelKey, probability: float
) -> None:
    given = verdict(key, probability)
    result = replace(single(), modality=key.modality, title=key.title, verdicts=(given,))
    file = reports().pdf(form(result))
    (page,) = pages(file.content)
    assert file.content_type == "application/pdf"
    for words in (
        key.title,
        INTENDED_USE,
        "2026-01-31T09:30:00Z",
        "ab" * 32,
        FINGERPRINT,
        key.slug,
        f"Model probability {given.written} ",
        f"Calibrated probability {given.calibrated_written} ",
        "0.41, best F1 over 0.01 ... 0.99 on validation",
        "90 % (95 % interval 81 to 96)",
        "160 x 120 pixels",
        given.word,
    ):
        assert words in page, words
    assert ("human reading needed The model leans to" in page) is given.uncertain


@pytest.mark.parametrize(
    ("result", "said"),
    [(single(), "Malignant"), (single(0.4), "Uncertain"), (many(), "Benign, Uncertain, Malignant")],
    ids=["one", "unsure", "many"],
)
def test_a_pdf_is_told_from_others_by_its_title(result: Result, said: str) -> None:
    read = PdfReader(io.BytesIO(reports().pdf(form(result)).content))
    assert read.metadata is not None
    assert read.metadata.title == f"{said}: {result.title} - Breast imaging bench"
    assert read.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"].value is True


@pytest.mark.parametrize(("probability", "shown"), [(0.0, "< 0.01"), (1.0, "> 0.99")])
def test_the_pdf_calls_no_probability_a_certainty(probability: float, shown: str) -> None:
    (page,) = pages(reports().pdf(form(single(probability))).content)
    assert f"Model probability {shown}" in page


def test_the_pdf_of_six_models_is_one_page() -> None:
    (page,) = pages(reports().pdf(form(many())).content)
    for each in many().verdicts:
        assert page.count(each.key.title) == 2  # beside its bar and in the table
        assert page.count(f"{each.key.slug} {FINGERPRINT}") == page.count(each.key.slug) == 1
        assert f" {each.calibrated_written} {each.written} 0.41 " in page
    assert page.count("threshold 0.41") == len(many().verdicts)
    assert page.count("90 % (81 to 96)") == 2 * len(many().verdicts)
    assert page.count("leans to") >= 3
    assert "The models disagree: 2 of 5 say Malignant, 1 says Benign, 2 are uncertain." in page
    assert "no answer. This model is not installed." in page


def test_the_pdf_holds_the_picture_and_embeds_no_font() -> None:
    (page,) = PdfReader(io.BytesIO(reports().pdf(form(single())).content)).pages
    assert [image.image.size for image in page.images] == [(224, 224)]
    for font in page["/Resources"]["/Font"].get_object().values():
        assert font.get_object()["/Subtype"] == "/Type1"
        assert "/FontDescriptor" not in font.get_object()


def shapes(page: PageObject) -> list[str]:
    """The fills of a page, each by the last way to make one: a curve, a line, a rectangle."""
    made, found = "", []
    for _, operator in ContentStream(page["/Contents"].get_object(), page.pdf).operations:
        made = operator.decode() if operator in {b"c", b"l", b"re"} else made
        found += [made] if operator in {b"f", b"f*", b"b", b"b*", b"B", b"B*"} else []
    return found


@pytest.mark.parametrize(("probability", "shape"), [(0.02, "c"), (0.4, "l"), (0.9, "l")])
def test_the_shape_of_a_verdict_stands_before_its_word_as_on_its_bar(
    probability: float, shape: str
) -> None:
    (page,) = PdfReader(io.BytesIO(reports().pdf(form(single(probability))).content)).pages
    assert [each for each in shapes(page) if each != "re"] == [shape, shape]


def sizes(page: PageObject) -> set[float]:
    """In which sizes the text of a page is set, in points."""
    found: set[float] = set()

    def note(words: str, _cm: list[float], _tm: list[float], _font: object, size: float) -> None:
        if words.strip():
            found.add(size)

    page.extract_text(visitor_text=note)
    return found


def lowest(page: PageObject) -> float:
    """Where the last line of a page stands, in points above its lower edge."""
    lines: list[float] = []

    def note(words: str, cm: list[float], tm: list[float], *_: object) -> None:
        if words.strip():
            lines.append(cm[5] + cm[3] * tm[5])

    page.extract_text(visitor_text=note)
    return min(lines)


class TestHeatMaps:
    def test_nobody_asked_for_one(self) -> None:
        (page,) = pages(reports().pdf(form(single())).content)
        assert "Where the model looked" not in page
        assert json.loads(reports().json(form(single())).content)["models"][0]["heat_map"] is None

    def test_one_stands_beside_what_such_maps_are_worth(self) -> None:
        (page,) = pages(reports().pdf(form(explained(single(), MEASURED))).content)
        for words in (
            "Where the model looked",
            "Heat-map: strongest in the middle right of what was analysed. For Malignant, of 4 x 4",
            "its strongest field lay in the lesion in 70 % (95 % interval 52 to 83)",
            "20 %. That is not shown to be above chance: do not take the bright place",
            "no outline of a lesion",
            "weak",
            "strong",
        ):
            assert words in page, words

    def test_what_was_not_measured_is_said(self) -> None:
        (page,) = pages(reports().pdf(form(explained(single()))).content)
        assert "agree with outlined lesions was not measured" in page

    def test_the_picture_shows_the_map_over_what_the_model_saw(self) -> None:
        content = reports().pdf(form(explained(single()))).content
        (page,) = PdfReader(io.BytesIO(content)).pages
        shown = [np.asarray(image.image.convert("RGB")) for image in page.images]
        (seen, under) = (each.astype(int) for each in shown if each.shape == (224, 224, 3))
        changed = np.abs(seen - under).sum(axis=(0, 2))
        assert changed[0] == 0
        assert changed[-1] > changed[112] > 0

    @pytest.mark.parametrize("count", [2, 3, 5])
    def test_several_take_the_width_of_the_page_in_type_that_can_be_read(self, count: int) -> None:
        result = explained(replace(many(), verdicts=many().verdicts[:count]), MEASURED)
        read = PdfReader(io.BytesIO(reports().pdf(form(result)).content))
        assert min(size for page in read.pages for size in sizes(page)) >= 7
        lines = [line for page in read.pages for line in page.extract_text().splitlines()]
        whole = "Strongest in the middle right of what was analysed."
        assert lines.count(whole) == (count if count <= 3 else 0)

    def test_all_of_a_modality_stay_on_two_pages_with_long_checks(self) -> None:
        checks = tuple(
            f"Check {number}: {'something was found and done. ' * 3}" for number in range(9)
        )
        result = replace(explained(many(), MEASURED), checks=checks)
        content = reports().pdf(form(result)).content
        read = PdfReader(io.BytesIO(content)).pages
        assert len(read) == 2
        assert min(map(lowest, read)) > 20
        text = " ".join(pages(content))
        assert "Check 8" in text
        assert text.count("Malignant: in the lesion 70 % (52 to 83); in lesions of other") == 5
        assert text.count("(8 to 29), not shown to be above chance; in lesions of other") == 5

    @pytest.mark.parametrize("number", [0, 3, 9, 12, 20])
    def test_nothing_runs_off_the_paper_where_all_answer_below_a_warning(self, number: int) -> None:
        verdicts = tuple(verdict(key, 0.4) for key in WholeModality(modality=KEY.modality).keys)
        notes = [f"Note {each}:" for each in range(number)]
        checks = tuple(f"{note} {'something was found and done. ' * 3}" for note in notes)
        result = of_few_groups(replace(many(), verdicts=verdicts, unanswered=()))
        warning = "Analysed anyway. What a model says of it may mean nothing. " * 3
        warned = replace(explained(result, MEASURED), checks=checks, warnings=(warning,))
        content = reports().pdf(form(warned)).content
        (first, *more) = PdfReader(io.BytesIO(content)).pages
        assert min(map(lowest, (first, *more))) > 20
        text = " ".join(" ".join(pages(content)).split())
        assert "ab" * 32 in text
        assert all(note in text for note in notes)
        assert len(more) <= 1


def test_the_same_result_gives_the_same_bytes() -> None:
    sent = form(many())
    assert reports().pdf(sent) == reports().pdf(sent)
    assert reports().json(sent) == reports().json(sent)


def test_words_are_no_markup_and_odd_signs_do_no_harm() -> None:
    result = replace(single(), checks=("<b>bold</b> & \u4e2d \u202f12",))
    (page,) = pages(reports().pdf(form(result)).content)
    assert "<b>bold</b> & ?" in page


def test_the_name_tells_only_the_time() -> None:
    assert reports().pdf(form(single())).name == "breast-imaging-result-20260131T093000Z.pdf"
    assert reports().json(form(single())).name == "breast-imaging-result-20260131T093000Z.json"


def changed(token: str) -> str:
    middle = len(token) // 3
    return token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]


REFUSED: dict[str, Callable[[], dict[str, str]]] = {
    "nothing": dict,
    "empty": lambda: {FIELD: ""},
    "words": lambda: {FIELD: "words"},
    "changed": lambda: {FIELD: changed(form(single())[FIELD])},
    "signed by another": lambda: form(single(), reports(key="another secret")),
    "of an hour and a second ago": lambda: form(single(), reports(TIME - timedelta(seconds=3601))),
    "another field": lambda: {**form(single()), "colour": "blue"},
    "unsigned": lambda: {FIELD: base64.urlsafe_b64encode(b"{}").decode()},
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_this_portal_did_not_give_is_refused(case: str) -> None:
    for made in (reports().pdf, reports().json):
        with pytest.raises(ReportRefused) as refused:
            made(REFUSED[case]())
        assert "blue" not in str(refused.value)


def test_a_result_of_a_replica_whose_clock_is_ahead_is_taken() -> None:
    assert reports().json(form(single(), reports(TIME + timedelta(seconds=5)))).content


def test_a_result_of_less_than_an_hour_ago_is_taken() -> None:
    sent = form(single(), reports(TIME - timedelta(minutes=59)))
    assert json.loads(reports().json(sent).content)["time"] == "2026-01-31T08:31:00Z"


def test_a_result_of_another_format_is_refused() -> None:
    now = datetime.now(UTC)

    def sent(number: int) -> dict[str, str]:
        signing = TimedSerializer(
            SECRET, salt=f"result-{number}", signer_kwargs={"digest_method": hashlib.sha256}
        )
        return {FIELD: str(signing.dumps(single().document(now)))}

    assert reports(now).pdf(sent(FORMAT)).content
    with pytest.raises(ReportRefused, match="received another text"):
        reports(now).pdf(sent(FORMAT - 1))


def test_each_measure_stands_under_its_own_name() -> None:
    card = with_own_numbers(fake_card(KEY))
    given = Verdict(key=KEY, card=card, probability=0.9)
    (model,) = json.loads(reports().json(form(replace(single(), verdicts=(given,)))).content)[
        "models"
    ]
    test = card.metrics["test"]
    assert Estimate(**model["sensitivity"]) == test["recall"]
    assert Estimate(**model["specificity"]) == test["specificity"]
    several = replace(many(), verdicts=(given, *many().verdicts[1:]))
    for result in (replace(single(), verdicts=(given,)), several):
        (page,) = pages(reports().pdf(form(result)).content)
        places = [
            page.index(f"{100 * test[name].value:.0f} %") for name in ("recall", "specificity")
        ]
        assert places == sorted(places)
