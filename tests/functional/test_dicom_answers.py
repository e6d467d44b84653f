"""A DICOM file is answered with one of the same study; nothing of it is anywhere else."""

import io
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread, uid
from werkzeug.test import TestResponse

from portal.intended_use import INTENDED_USE
from tests.conftest import Portal
from tests.dicoms import MARK, NATIVE, PATIENT, dicom, frames, ramp
from tests.fakes import fake_card, png, write_gates
from tests.functional.pages import banners, text, verdicts
from tests.functional.test_dicom import KEY, ROUTES, ULTRASOUND, send

STUDY = {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.2", "StudyDate": "20260102"}
FILE = dicom(ramp(width=64, height=64), **STUDY)
KINDS = {"dicom-sr": uid.EnhancedSRStorage, "dicom-sc": uid.SecondaryCaptureImageStorage}
API = [f"/api/v1/models/{KEY}/predict", f"/api/v1/compare/{ULTRASOUND.modality.key}"]
each_kind = pytest.mark.parametrize("kind", KINDS)
each_place = pytest.mark.parametrize("place", [*ROUTES, *API])


def read(answer: TestResponse) -> Dataset:
    assert answer.status_code == 200
    assert answer.mimetype == "application/dicom"
    return dcmread(io.BytesIO(answer.data))


def said(report: Dataset) -> str:
    """Every text and number of a report."""
    found: list[str] = []

    def visit(item: Dataset) -> None:
        found.append(str(item.get("TextValue", "")))
        found.extend(str(each.NumericValue) for each in item.get("MeasuredValueSequence", ()))
        for below in item.get("ContentSequence", ()):
            visit(below)

    visit(report)
    return " | ".join(found)


@each_place
@each_kind
def test_the_answer_is_a_file_of_the_same_study(portal: Portal, place: str, kind: str) -> None:
    answer = send(portal, place, FILE, answer=kind)
    made = read(answer)
    assert made.SOPClassUID == KINDS[kind]
    assert made.StudyInstanceUID == STUDY["StudyInstanceUID"]
    assert made.StudyDate == STUDY["StudyDate"]
    assert (made.PatientName, made.PatientID) == (PATIENT["PatientName"], PATIENT["PatientID"])
    assert made.SeriesInstanceUID != STUDY["SeriesInstanceUID"]
    assert re.fullmatch(
        r"attachment; filename=breast-imaging-result-\d{8}T\d{6}Z\.dcm",
        answer.headers["Content-Disposition"],
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert portal.uploads() == []


@each_kind
@pytest.mark.parametrize("name", ["IM000001", "1.2.840.113619.2.55", "scan.png"])
def test_the_name_of_the_file_does_not_matter(portal: Portal, kind: str, name: str) -> None:
    assert read(send(portal, ROUTES[0], FILE, name, answer=kind)).SOPClassUID == KINDS[kind]


@each_kind
def test_two_answers_are_two_instances(portal: Portal, kind: str) -> None:
    one, two = (read(send(portal, ROUTES[0], FILE, answer=kind)) for _ in range(2))
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID"):
        assert one[keyword].value != two[keyword].value


@each_kind
@pytest.mark.parametrize("syntax", NATIVE)
def test_every_way_to_write_a_file_is_answered(portal: Portal, kind: str, syntax: str) -> None:
    made = read(
        send(portal, ROUTES[0], dicom(ramp(width=64, height=64), syntax, **STUDY), answer=kind)
    )
    assert made.PatientName == PATIENT["PatientName"]
    assert made.file_meta.TransferSyntaxUID == uid.ExplicitVRLittleEndian


@pytest.mark.parametrize("place", ROUTES)
def test_the_report_says_what_the_page_says(portal: Portal, place: str) -> None:
    page = send(portal, place, FILE, explain="yes").text
    report = said(read(send(portal, place, FILE, answer="dicom-sr", explain="yes")))
    for shown in verdicts(page):
        assert shown.model in report
        assert shown.word in report
        assert fake_card(KEY).threshold.rule in report
    assert INTENDED_USE in report
    assert "Heat-map: strongest in" in report
    for check in re.findall(r"DICOM, 8 bits per channel, 64 x 64 pixels", text(page)):
        assert check in report


def test_the_picture_changes_with_the_heat_map_that_was_asked_for(portal: Portal) -> None:
    plain, with_map = (
        read(send(portal, ROUTES[0], FILE, answer="dicom-sc", explain=wish)).pixel_array.astype(int)
        for wish in ("", "yes")
    )
    assert plain.shape == (960, 1280, 3)
    assert np.abs(plain - with_map)[480:, :440].any()


@each_kind
def test_the_frame_that_was_read_is_named(portal: Portal, kind: str) -> None:
    several = frames(*(ramp(width=64, height=64) // each for each in (1, 2, 3)), **STUDY)
    made = read(send(portal, ROUTES[0], several, answer=kind, frame="2"))
    (reference,) = [item for item in walked(made) if "ReferencedFrameNumber" in item]
    assert reference.ReferencedFrameNumber == 2
    assert reference.ReferencedSOPInstanceUID == "1.2.3.4"


def walked(made: Dataset) -> list[Dataset]:
    found = [made]
    for element in made:
        if element.VR == "SQ":
            found += [each for item in element.value for each in walked(item)]
    return found


@each_kind
@pytest.mark.parametrize("place", ROUTES)
class TestRefused:
    def test_an_image_of_another_format(self, portal: Portal, place: str, kind: str) -> None:
        answer = send(portal, place, png(), "a.png", answer=kind)
        (banner,) = banners(answer.text)
        assert "Only a DICOM file can be answered with one" in banner
        assert "ask for the answer on the page" in banner
        assert not verdicts(answer.text)
        assert re.search(rf'name="answer" value="{kind}" checked', answer.text)
        assert portal.uploads() == []

    @pytest.mark.parametrize("lacking", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"])
    def test_a_file_that_belongs_nowhere(
        self, portal: Portal, place: str, kind: str, lacking: str
    ) -> None:
        content = dicom(ramp(width=64, height=64), **STUDY | {lacking: None})
        answer = send(portal, place, content, answer=kind)
        assert "does not say where its answer belongs" in " ".join(banners(answer.text))
        assert MARK not in answer.text

    def test_what_is_refused_without_it_too(self, portal: Portal, place: str, kind: str) -> None:
        answer = send(portal, place, FILE[:-500], answer=kind)
        assert "damaged" in " ".join(banners(answer.text))


@pytest.mark.parametrize("kind", ["sr", "DICOM-SR", "pdf", "yes"])
def test_other_kinds_are_refused(portal: Portal, kind: str) -> None:
    assert "in the field 'answer'" in " ".join(
        banners(send(portal, ROUTES[0], FILE, answer=kind).text)
    )
    answer = send(portal, API[0], FILE, answer=kind)
    assert (answer.status_code, answer.json["type"]) == (400, "/api#field-refused")


@pytest.mark.parametrize("place", API)
def test_programs_are_told_of_a_refusal_too(portal: Portal, place: str) -> None:
    answer = send(portal, place, png(), "a.png", answer="dicom-sr")
    assert (answer.status_code, answer.json["type"]) == (422, "/api#not-dicom")
    lacking = dicom(ramp(width=64, height=64), **STUDY | {"StudyInstanceUID": None})
    answer = send(portal, place, lacking, answer="dicom-sc")
    assert (answer.status_code, answer.json["type"]) == (422, "/api#no-study")


def test_an_empty_choice_is_the_page(portal: Portal) -> None:
    assert verdicts(send(portal, ROUTES[0], FILE, answer="").text)


def test_analysed_anyway_is_in_the_answer(
    make_portal: Callable[..., Portal], installed: Path, tmp_path: Path
) -> None:
    strict = make_portal(installed, gates=write_gates(tmp_path, threshold=1e-6))
    refused = send(strict, ROUTES[0], FILE, answer="dicom-sr")
    assert banners(refused.text)
    report = said(read(send(strict, ROUTES[0], FILE, answer="dicom-sr", anyway="yes")))
    assert "Analysed anyway." in report


NAMES = {"PatientName": "M\u00fcller^\u00c9va", "SpecificCharacterSet": "ISO_IR 100"}
JAPANESE = {
    "PatientName": "Yamada^Tarou=\u5c71\u7530^\u592a\u90ce",
    "SpecificCharacterSet": ["", "ISO 2022 IR 87"],
}
UTF_8 = {"PatientName": "\u738b^\u5c0f\u6771", "SpecificCharacterSet": "ISO_IR 192"}


@each_kind
@pytest.mark.parametrize("name", [NAMES, JAPANESE, UTF_8], ids=["latin", "japanese", "utf-8"])
def test_a_name_stays_what_it_is_in_every_script(
    portal: Portal, kind: str, name: dict[str, Any]
) -> None:
    content = dicom(ramp(width=64, height=64), **STUDY | name)
    made = read(send(portal, ROUTES[0], content, answer=kind))
    assert made.PatientName == name["PatientName"]


@each_kind
def test_damaged_elements_of_the_header_do_no_harm(portal: Portal, kind: str) -> None:
    for broken in (
        FILE.replace(b"PN", b"US"),
        FILE.replace(b"PN", b"DS"),
        dicom(ramp(width=64, height=64), **STUDY | {"SpecificCharacterSet": "NO_SUCH_SET"}),
        dicom(ramp(width=64, height=64), **STUDY | {"PatientID": "x" * 5000}),
    ):
        answer = send(portal, ROUTES[0], broken, answer=kind)
        assert answer.status_code == 200
        assert answer.mimetype == "application/dicom" or banners(answer.text)


@each_place
@each_kind
def test_nothing_that_names_the_patient_is_logged_or_shown(
    portal: Portal,
    place: str,
    kind: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    lacking = dicom(ramp(width=64, height=64), **STUDY | {"SeriesInstanceUID": None})
    for content in (FILE, lacking, FILE[:-500]):
        answer = send(portal, place, content, f"{MARK}.dcm", answer=kind)
        assert MARK not in str(answer.headers)
        if answer.mimetype != "application/dicom":
            assert MARK not in answer.text
        assert portal.uploads() == []
    printed = capfd.readouterr()
    assert MARK not in caplog.text + printed.out + printed.err
