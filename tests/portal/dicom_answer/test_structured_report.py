"""The report, read back and held to what the standard asks of it."""

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import EnhancedSRStorage

from portal.dicom_answer.concepts import OWN, TITLES
from portal.dicom_answer.source import Source
from portal.dicom_answer.structured_report import structured_report
from portal.intended_use import INTENDED_USE
from portal.region import Region
from portal.result import Result
from portal.verdict import Verdict
from tests.dicoms import dicom, frames, ramp
from tests.fakes import FINGERPRINT, fake_card, with_own_numbers
from tests.results import KEY, MEASURED, TIME, explained, many, of_few_groups, single

STUDY = {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.2"}
REGION = Region(left=100, top=30, side=256, width=900, height=700)
RESULTS = {
    "one": single(),
    "unsure": single(0.4),
    "explained": explained(single(), MEASURED),
    "many": many(),
    "region": replace(single(), region=REGION),
    "of few groups": of_few_groups(single()),
}
each_result = pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)


def report(result: Result, **elements: str) -> Dataset:
    source = Source.of(dicom(ramp(), **STUDY | elements), None)
    return dcmread(io.BytesIO(structured_report(result.document(TIME), source)))


def items(of: Dataset) -> Iterator[Dataset]:
    for item in of.get("ContentSequence", ()):
        yield item
        yield from items(item)


def named(of: Dataset, title: str) -> list[Dataset]:
    return [
        item
        for item in items(of)
        for name in item.get("ConceptNameCodeSequence", ())
        if name.CodeMeaning == title
    ]


def value(of: Dataset, title: str) -> float:
    (item,) = named(of, title)
    return float(item.MeasuredValueSequence[0].NumericValue)


@each_result
def test_every_item_is_whole(result: Result) -> None:
    made = report(result)
    assert made.SOPClassUID == EnhancedSRStorage
    assert (made.CompletionFlag, made.VerificationFlag) == ("COMPLETE", "UNVERIFIED")
    assert made.ValueType == "CONTAINER"
    assert "RelationshipType" not in made
    for item in items(made):
        assert "ConceptNameCodeSequence" in item or item.RelationshipType == "SELECTED FROM"
        for title in item.get("ConceptNameCodeSequence", ()):
            assert 0 < len(title.CodeValue) <= 16
            assert 0 < len(title.CodeMeaning) <= 64
        assert item.RelationshipType
        held = {
            "TEXT": "TextValue",
            "CODE": "ConceptCodeSequence",
            "NUM": "MeasuredValueSequence",
            "UIDREF": "UID",
            "IMAGE": "ReferencedSOPSequence",
            "CONTAINER": "ContinuityOfContent",
            "SCOORD": "GraphicData",
        }[item.ValueType]
        assert item[held].value


def test_its_own_codes_are_declared_and_unlike() -> None:
    (scheme,) = report(single()).CodingSchemeIdentificationSequence
    assert scheme.CodingSchemeDesignator == OWN
    own = [code.value for code in TITLES if code.scheme_designator == OWN]
    assert len(set(own)) == len(own)


def test_one_model_says_what_its_result_says() -> None:
    made, (verdict,) = report(single(0.4)), single(0.4).verdicts
    assert value(made, "Model probability") == pytest.approx(0.4)
    assert value(made, "Calibrated probability") == pytest.approx(verdict.calibrated, abs=1e-6)
    assert value(made, "Threshold of the model probability") == verdict.threshold
    assert value(made, "Uncertain from this model probability on") == pytest.approx(
        verdict.band.low, abs=1e-6
    )
    (sensitivity,) = named(made, "Sensitivity on test images")
    assert value(sensitivity, "Lower end of the 95 % interval") == 0.81
    assert value(sensitivity, "Number of test images") == 29
    (outcome,) = named(made, "Outcome at the threshold")
    assert outcome.ConceptCodeSequence[0].CodeValue == "UNCERTAIN"
    texts = {
        item.ConceptNameCodeSequence[0].CodeMeaning: item.TextValue
        for item in items(made)
        if item.ValueType == "TEXT"
    }
    assert texts["Verdict"] == "Uncertain"
    assert texts["Label at the threshold"] == verdict.label
    assert texts["Rule of the threshold"] == verdict.card.threshold.rule
    assert texts["SHA-256 of the file that was sent"] == "ab" * 32
    assert texts["Algorithm Version"] == f"2026-01-31 {FINGERPRINT}"
    assert INTENDED_USE in texts["Intended use"]
    assert "not a medical device" in texts["Intended use"]
    assert texts["Time of the answer"] == "2026-01-31T09:30:00Z"
    assert "Where the model looked" not in texts


def test_every_check_is_an_item() -> None:
    checks = ("First.", "Analysed anyway. This looks like another kind of image.")
    made = report(replace(single(), checks=checks))
    assert [item.TextValue for item in named(made, "Check of the input")] == list(checks)


def test_a_warning_stands_in_each_group_before_its_numbers_and_among_no_checks() -> None:
    warnings = ("It may mean nothing.", "It is no breast.")
    made = report(replace(many(), checks=("First.",), warnings=warnings))
    groups = named(made, TITLES.group.meaning)
    assert len(groups) == 5
    for group in groups:
        assert [item.TextValue for item in named(group, TITLES.warning.meaning)] == list(warnings)
        kinds = [item.ValueType for item in group.ContentSequence]
        titles = [item.ConceptNameCodeSequence[0].CodeValue for item in group.ContentSequence]
        assert titles.index("WARNING") < kinds.index("NUM")
    assert [item.TextValue for item in named(made, TITLES.check.meaning)] == ["First."]
    assert not named(report(single()), TITLES.warning.meaning)


@pytest.mark.parametrize(("side", "value"), [("L", "7771000"), ("R", "24028007"), ("B", None)])
def test_the_side_of_the_breast_is_told_where_it_is_known(side: str, value: str | None) -> None:
    made = report(many(), ImageLaterality=side)
    for group in named(made, TITLES.group.meaning):
        found = [*named(group, "Finding Site"), *named(group, "Laterality")]
        said = [item.ConceptCodeSequence[0].CodeValue for item in found]
        assert said == (["76752008", value] if value else [])
        assert all(item.RelationshipType == "HAS CONCEPT MOD" for item in found)
        assert [below for site in found[:1] for below in items(site)] == found[1:]


def test_a_heat_map_is_told_in_words() -> None:
    made = report(explained(single(), MEASURED))
    (place,), (worth,) = (
        named(made, title) for title in ("Where the model looked", "What such heat-maps are worth")
    )
    assert "strongest in the middle right of what was analysed." in place.TextValue
    assert "in 70 %" in worth.TextValue


def test_many_models_are_groups_of_their_own() -> None:
    made = report(many())
    groups = named(made, "Measurement Group")
    assert [named(group, "Tracking Identifier")[0].TextValue for group in groups] == [
        verdict.key.slug for verdict in many().verdicts
    ]
    assert len({named(group, "Tracking Unique Identifier")[0].UID for group in groups}) == 5
    (missing,) = named(made, "Model without an answer")
    assert "not installed" in missing.TextValue
    assert "disagree" in named(made, "Agreement of the models")[0].TextValue


def test_the_evidence_is_the_image_and_nothing_else() -> None:
    made = report(many())
    (study,) = made.CurrentRequestedProcedureEvidenceSequence
    (series,) = study.ReferencedSeriesSequence
    (instance,) = series.ReferencedSOPSequence
    assert (study.StudyInstanceUID, series.SeriesInstanceUID) == tuple(STUDY.values())
    referred = {
        item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for item in items(made)
        if item.ValueType == "IMAGE"
    }
    assert referred == {instance.ReferencedSOPInstanceUID} == {"1.2.3.4"}


def test_the_observer_is_a_device_of_this_version() -> None:
    one, two = report(single()), report(many())
    (uid,), (same,) = (named(each, "Device Observer UID") for each in (one, two))
    assert re.fullmatch(r"2\.25\.\d{1,39}", uid.UID)
    assert uid.UID == same.UID


@pytest.mark.parametrize(
    ("offset", "time"), [(None, "093000"), ("+0100", "103000"), ("-1030", "230000")]
)
def test_the_time_is_that_of_the_study(offset: str | None, time: str) -> None:
    made = report(single(), **{"TimezoneOffsetFromUTC": offset} if offset else {})
    assert made.ContentTime == time
    assert made.ContentDate == ("20260130" if time == "230000" else "20260131")


def test_odd_signs_of_our_own_text_do_no_harm() -> None:
    result = replace(single(), title=KEY.title, checks=("\u202f12 \u2013 na\u00efve \u4e2d\\",))
    (check,) = named(report(result), "Check of the input")
    assert check.TextValue == " 12 - naive ?/"


@pytest.mark.skipif(shutil.which("dsrdump") is None, reason="DCMTK is not installed")
@each_result
def test_dcmtk_takes_it_for_an_enhanced_report(result: Result, tmp_path: Path) -> None:
    source = Source.of(dicom(ramp(), **STUDY), None)
    path = tmp_path / "report.dcm"
    path.write_bytes(structured_report(result.document(TIME), source))
    seen = subprocess.run(["dsrdump", path], capture_output=True, text=True, check=False)
    assert seen.returncode == 0, seen.stderr
    assert "Enhanced SR Document" in seen.stdout
    assert not re.findall(r"^[EW]: ", seen.stderr, re.MULTILINE)


def test_below_a_warning_nothing_is_said_of_frequencies() -> None:
    warned = report(replace(single(), warnings=("It may mean nothing.",)))
    assert not named(warned, TITLES.meaning.meaning)
    assert named(report(single()), TITLES.meaning.meaning)


def test_nobody_takes_it_for_a_human_reading() -> None:
    made = report(single())
    assert (made.PreliminaryFlag, made.VerificationFlag) == ("PRELIMINARY", "UNVERIFIED")


def test_each_measure_has_the_interval_and_the_images_of_its_label() -> None:
    card = with_own_numbers(fake_card(KEY))
    made = report(replace(single(), verdicts=(Verdict(key=KEY, card=card, probability=0.9),)))
    for title, metric, images in (
        ("Sensitivity", "recall", 29),
        ("Specificity", "specificity", 59),
    ):
        (item,) = named(made, f"{title} on test images")
        measured, expected = item.MeasuredValueSequence[0], card.metrics["test"][metric]
        assert float(measured.NumericValue) == expected.value
        assert value(item, "Lower end of the 95 % interval") == expected.low
        assert value(item, "Upper end of the 95 % interval") == expected.high
        assert value(item, "Number of test images") == images
        (count,) = named(item, "Number of test images")
        units = [
            each.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue
            for each in (item, count)
        ]
        assert units == ["1", "{images}"]


def test_intervals_that_rest_on_too_few_groups_are_told_so() -> None:
    for group in named(report(of_few_groups(many())), TITLES.group.meaning):
        (caution,) = named(group, TITLES.caution.meaning)
        assert caution.TextValue.startswith("Both intervals rest on 2 patients only")
    assert not named(report(many()), TITLES.caution.meaning)


def test_the_zone_of_uncertainty_has_both_its_ends() -> None:
    made, (verdict,) = report(single()), single().verdicts
    for title, end in (("from this", verdict.band.low), ("below this", verdict.band.high)):
        (name,) = (code.meaning for code in TITLES if title in code.meaning)
        assert value(made, name) == pytest.approx(end, abs=1e-6)


def test_several_frames_are_told_apart_by_number() -> None:
    source = Source.of(frames(ramp(), ramp(), **STUDY), 2)
    made = dcmread(io.BytesIO(structured_report(single().document(TIME), source)))
    (item,) = named(made, TITLES.source.meaning)
    assert item.ReferencedSOPSequence[0].ReferencedFrameNumber == 2
    assert (
        "ReferencedFrameNumber"
        not in named(report(single()), TITLES.source.meaning)[0].ReferencedSOPSequence[0]
    )


def test_a_square_is_outlined_in_the_frame_that_was_read() -> None:
    source = Source.of(frames(ramp(), ramp(), **STUDY), 2)
    result = replace(single(), region=REGION)
    made = dcmread(io.BytesIO(structured_report(result.document(TIME), source)))
    (group,) = named(made, TITLES.group.meaning)
    (region,) = named(group, "Image Region")
    assert group.ContentTemplateSequence[0].TemplateIdentifier == "1410"
    assert not named(group, TITLES.source.meaning)
    corners = np.reshape(region.GraphicData, (-1, 2))
    assert region.GraphicType == "POLYLINE"
    assert len(corners) == 5
    assert corners[0].tolist() == corners[-1].tolist()
    mask = cv2.fillPoly(np.zeros((700, 900), np.uint8), [corners.astype(int)], 1)
    # OpenCV draws points at pixels, so that the lower and right edges take one more
    assert mask.sum() == (REGION.side + 1) ** 2
    assert mask[REGION.top : REGION.top + REGION.side, REGION.left : REGION.left + 256].all()
    (image,) = region.ContentSequence
    assert (image.ValueType, image.RelationshipType) == ("IMAGE", "SELECTED FROM")
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == "1.2.3.4"
    assert image.ReferencedSOPSequence[0].ReferencedFrameNumber == 2


def test_an_answer_of_the_whole_image_has_no_outline() -> None:
    (group,) = named(report(single()), TITLES.group.meaning)
    assert group.ContentTemplateSequence[0].TemplateIdentifier == "1501"
    assert not named(group, "Image Region")


@pytest.mark.parametrize(
    ("offset", "time"), [("+0545", "151500"), ("-0930", "000000")], ids=["Kathmandu", "Marquesas"]
)
def test_clocks_differ_by_minutes_too(offset: str, time: str) -> None:
    assert report(single(), TimezoneOffsetFromUTC=offset).ContentTime == time


def test_it_is_a_series_of_its_own_by_the_weights_that_answered() -> None:
    made = report(single())
    assert made.SeriesInstanceUID != STUDY["SeriesInstanceUID"]
    assert made.StudyInstanceUID == STUDY["StudyInstanceUID"]
    assert made.DeviceSerialNumber == FINGERPRINT
