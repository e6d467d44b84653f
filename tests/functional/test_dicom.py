"""A DICOM file on the pages: read, asked about, refused; and nothing of its patient anywhere."""

import io
import logging
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import uid
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse

from models.catalogue import cohorts
from portal.file_manager import FileManager
from portal.image_loader import ImageLoader
from portal.scoring.row import Model, Task
from portal.scoring.scorer import Job, score
from tests.conftest import Portal
from tests.dicoms import MARK, PATIENT, dicom, frames, ramp
from tests.fakes import FINGERPRINT, encoded, write_gates
from tests.functional.pages import banners, text, verdicts

ULTRASOUND = next(cohort for cohort in cohorts() if cohort.modality.dicom_modality == "US")
KEY = ULTRASOUND.keys[0]
ROUTES = [f"/{KEY}", f"/{ULTRASOUND}"]
each_route = pytest.mark.parametrize("route", ROUTES)

THREE = frames(*(ramp(width=64, height=64) // number for number in (1, 2, 3)))


def send(
    portal: Portal, route: str, content: bytes, name: str = "a.dcm", **fields: str
) -> TestResponse:
    file = FileStorage(io.BytesIO(content), filename=name, name="image")
    return portal.client.post(route, data={"image": file, **fields})


@each_route
def test_what_a_reader_should_heed_is_no_check_that_passed(portal: Portal, route: str) -> None:
    answer = send(portal, route, dicom(ramp(), BurnedInAnnotation="YES"))
    assert verdicts(answer.text)
    assert "Warning: The file says that text is burnt into the image" in text(answer.text)


@each_route
@pytest.mark.parametrize("name", ["a.dcm", "IM000001", "1.2.840.113619.2.55", "scan.png"])
def test_a_dicom_image_is_answered_whatever_its_name(portal: Portal, route: str, name: str) -> None:
    content = dicom(ramp("<u2", 12), bits=12, WindowCenter=2048, WindowWidth=3000)
    answer = send(portal, route, content, name)
    assert verdicts(answer.text)
    assert banners(answer.text) == []
    words = text(answer.text)
    assert "DICOM, 12 bits per channel, 48 x 40 pixels" in words
    assert "Window center 2048, width 3000 (LINEAR)." in words
    assert portal.uploads() == []


def test_every_modality_reads_its_own_and_no_other(portal: Portal) -> None:
    for cohort in cohorts()[::2]:
        for modality in ("MG", "US", "SM"):
            answer = send(portal, f"/{cohort.keys[0]}", dicom(ramp(), modality=modality))
            if modality == cohort.modality.dicom_modality:
                assert verdicts(answer.text)
            else:
                assert "of another modality" in " ".join(banners(answer.text))
                assert not verdicts(answer.text)


class TestFrames:
    @each_route
    def test_a_file_of_several_asks_for_one(self, portal: Portal, route: str) -> None:
        answer = send(portal, route, THREE)
        assert answer.status_code == 200
        assert not verdicts(answer.text)
        assert "The file holds several frames" in " ".join(banners(answer.text))
        assert "This file has 3 frames. Choose one, from 1 to 3." in text(answer.text)
        field = re.search(r'<input type="number"[^>]*name="frame"[^>]*>', answer.text)
        assert field
        assert 'min="1" max="3"' in field[0]
        assert portal.uploads() == []

    @each_route
    @pytest.mark.parametrize("number", ["1", "2", "3"])
    def test_the_chosen_one_is_answered(self, portal: Portal, route: str, number: str) -> None:
        answer = send(portal, route, THREE, frame=number)
        assert verdicts(answer.text)
        assert f"Frame {int(number)} of 3." in text(answer.text)

    def test_each_frame_is_another_image(self, portal: Portal) -> None:
        pages = [send(portal, ROUTES[0], THREE, frame=number).text for number in "13"]
        previews = [re.findall(r'src="(data:image/png[^"]*)"', page) for page in pages]
        assert previews[0] != previews[1]

    @each_route
    def test_one_that_is_not_there_is_refused_and_asked_for_again(
        self, portal: Portal, route: str
    ) -> None:
        answer = send(portal, route, THREE, frame="4")
        assert "from 1 to 3" in " ".join(banners(answer.text))
        assert 'name="frame"' in answer.text

    @pytest.mark.parametrize("number", ["0", "-1", "1.5", " 2", "02", "two", "9" * 30, "²"])
    def test_what_is_no_number_is_refused(self, portal: Portal, number: str) -> None:
        answer = send(portal, ROUTES[0], THREE, frame=number)
        assert "a whole number from 1 to 999999999 in the field" in " ".join(banners(answer.text))

    def test_an_empty_field_asks_again(self, portal: Portal) -> None:
        answer = send(portal, ROUTES[0], THREE, frame="")
        assert "The file holds several frames" in " ".join(banners(answer.text))

    def test_a_frame_that_the_gate_refuses_stays_chosen(
        self, make_portal: Callable[..., Portal], installed: Path, tmp_path: Path
    ) -> None:
        strict = make_portal(installed, gates=write_gates(tmp_path, threshold=1e-6))
        page = send(strict, ROUTES[0], THREE, frame="2").text
        assert not verdicts(page)
        assert re.search(r'name="frame"[^>]* value="2"', page)
        page = send(strict, ROUTES[0], THREE, frame="2", anyway="yes").text
        assert verdicts(page)
        assert "Frame 2 of 3." in text(page)

    def test_the_field_is_only_there_when_it_is_needed(self, portal: Portal) -> None:
        assert 'name="frame"' not in portal.client.get(ROUTES[0]).text
        assert 'name="frame"' not in send(portal, ROUTES[0], dicom(ramp())).text


class TestPrivacy:
    """Files whose patient is called MARKED: sound, asked about, refused and broken ones."""

    files = (
        dicom(ramp()),
        dicom(ramp(), uid.JPEGLosslessSV1),
        THREE,
        dicom(ramp(), modality="MG"),
        dicom(ramp(), Modality=MARK),
        dicom(ramp(), PhotometricInterpretation=MARK),
        dicom(ramp(), VOILUTFunction=MARK, WindowCenter=1, WindowWidth=2),
        dicom(ramp(), BitsStored=99),
        dicom(ramp())[:-500],
        dicom(ramp()).replace(b"PN", b"US"),
        dicom(ramp()).replace(b"PN", b"DS"),
    )

    def test_nothing_of_the_patient_is_shown_logged_or_kept(
        self,
        portal: Portal,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        caplog.set_level(logging.DEBUG)
        for content in self.files:
            assert MARK.encode() in content
            for route in ROUTES:
                page = send(portal, route, content, f"{MARK}.dcm").text
                assert MARK not in page
                assert PATIENT["PatientBirthDate"] not in page
                assert portal.uploads() == []
        printed = capfd.readouterr()
        assert MARK not in caplog.text + printed.out + printed.err

    def test_decoding_writes_nothing_beside_the_upload(self, tmp_path: Path) -> None:
        file = FileStorage(io.BytesIO(self.files[1]), filename="a.dcm")
        with FileManager(tmp_path).received(MultiDict([("image", file)])) as path:
            ImageLoader().read(path)
            assert list(tmp_path.iterdir()) == [path]
            assert path.stat().st_mode & 0o777 == 0o600
        assert list(tmp_path.iterdir()) == []


def test_scoring_reads_dicom_and_says_why_it_does_not(
    installed: Path, gates: Path, tmp_path: Path
) -> None:
    contents = {
        "one.dcm": dicom(ramp()),
        "several.dcm": THREE,
        "other.dcm": dicom(ramp(), modality="MG"),
        "broken.dcm": dicom(ramp())[:-500],
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    job = Job(
        folder=tmp_path,
        checkpoints=installed,
        gates=gates,
        cache=tmp_path / "cache",
        precision="f32",
        max_bytes=100_000,
    )
    models = (Model(slug=KEY.slug, fingerprint=FINGERPRINT, threshold=0.41),)
    rows = {name: score(job, Task(file=name, models=models))[0] for name in contents}
    assert rows["one.dcm"].label in KEY.modality.labels
    assert rows["one.dcm"].reason is None
    assert "received a file with 3 frames" in (rows["several.dcm"].reason or "")
    assert "of another modality" in (rows["other.dcm"].reason or "")
    assert "damaged" in (rows["broken.dcm"].reason or "")
    assert MARK not in "".join(str(row) for row in rows.values())


def test_a_dicom_image_is_answered_as_the_same_pixels_in_png(portal: Portal) -> None:
    values = ramp(width=200, height=150)
    as_png = send(portal, ROUTES[0], encoded(np.dstack([values] * 3)), "a.png")
    as_dicom = send(portal, ROUTES[0], dicom(values))
    assert verdicts(as_dicom.text) == verdicts(as_png.text)


class TestApi:
    """The same for programs."""

    address = f"/api/v1/models/{KEY}/predict"

    @pytest.mark.parametrize(
        ("fields", "status", "kind"),
        [
            ({}, 422, "frame-needed"),
            ({"frame": "4"}, 422, "no-such-frame"),
            ({"frame": "two"}, 400, "field-refused"),
        ],
    )
    def test_a_frame_has_to_be_named(
        self, portal: Portal, fields: dict[str, str], status: int, kind: str
    ) -> None:
        answer = send(portal, self.address, THREE, **fields)
        assert answer.status_code == status
        assert kind in answer.text
        assert MARK not in answer.text

    def test_the_frame_that_is_named_is_answered(self, portal: Portal) -> None:
        answer = send(portal, self.address, THREE, frame="2")
        assert answer.status_code == 200
        assert "Frame 2 of 3." in answer.text
        assert MARK not in answer.text
