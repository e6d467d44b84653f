import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from models.card import Estimate
from models.catalogue import MODALITIES, find_model
from models.mask_agreement import AgreementRecord, InvalidAgreement, place, read
from tests.fakes import fake_agreement

SLUG = "vgg_ultrasound_initial"


@pytest.fixture
def record() -> AgreementRecord:
    return fake_agreement(find_model(SLUG))


def test_what_is_written_is_read_again(record: AgreementRecord, tmp_path: Path) -> None:
    assert record.write(tmp_path) == place(tmp_path, "ultrasound")
    assert read(tmp_path, "ultrasound") == record
    assert read(tmp_path, "mammography") is None


def test_only_the_weights_that_were_measured_are_known(record: AgreementRecord) -> None:
    (measured,) = record.models.values()
    assert record.of(SLUG, measured.fingerprint) is measured
    assert record.of(SLUG, "another") is None
    assert record.of("vgg_ultrasound_finetuned", measured.fingerprint) is None


def test_above_chance_is_where_the_whole_interval_is(record: AgreementRecord) -> None:
    malignant, benign = record.models[SLUG].by_label.values()
    assert malignant.points_better
    assert malignant.heats_better
    assert not benign.points_better
    assert not benign.heats_better


def one(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = raw["models"][SLUG]["by_label"]["Malignant"]
    return found


def no_modality(raw: dict[str, Any]) -> None:
    del raw["modality"]


def other_modality(raw: dict[str, Any]) -> None:
    raw["modality"] = "palmistry"


def other_format(raw: dict[str, Any]) -> None:
    raw["format"] = 9


def more(raw: dict[str, Any]) -> None:
    one(raw)["remark"] = "good"


def too_many(raw: dict[str, Any]) -> None:
    one(raw)["pointed"] = 100


def too_much(raw: dict[str, Any]) -> None:
    one(raw)["area"] = 1.5


def no_images(raw: dict[str, Any]) -> None:
    one(raw)["images"] = 0


def wrong_interval(raw: dict[str, Any]) -> None:
    one(raw)["energy"] = {"value": 0.5, "low": 0.6, "high": 0.4}


def wrong_label(raw: dict[str, Any]) -> None:
    raw["models"][SLUG]["by_label"]["Normal"] = one(raw)


def strange_model(raw: dict[str, Any]) -> None:
    raw["models"] = {"vgg_mammography_initial": raw["models"][SLUG]}


def no_table(raw: dict[str, Any]) -> None:
    raw["models"] = []


@pytest.mark.parametrize(
    "spoil",
    [
        no_modality,
        other_modality,
        other_format,
        more,
        too_many,
        too_much,
        no_images,
        wrong_interval,
        wrong_label,
        strange_model,
        no_table,
    ],
)
def test_another_record_is_refused(
    record: AgreementRecord, tmp_path: Path, spoil: Callable[[dict[str, Any]], None]
) -> None:
    path = record.write(tmp_path)
    raw = json.loads(path.read_text("utf-8"))
    spoil(raw)
    path.write_text(json.dumps(raw), "utf-8")
    with pytest.raises(InvalidAgreement):
        read(tmp_path, "ultrasound")


def test_a_record_under_another_name_is_refused(record: AgreementRecord, tmp_path: Path) -> None:
    record.write(tmp_path).rename(place(tmp_path, "mammography"))
    with pytest.raises(InvalidAgreement, match="a record of mammography"):
        read(tmp_path, "mammography")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("words", r"a record as JSON; received something else \(JSONDecodeError\)\."),
        ("{}", r"a record of format 1; received none\."),
        ('{"format": 2, "measured": []}', r"a record of format 1; received 2\."),
        ('{"format": 1}', r"a record as JSON; received something else \(KeyError\)\."),
    ],
)
def test_a_refusal_has_no_words_of_python(text: str, words: str) -> None:
    with pytest.raises(InvalidAgreement, match=words):
        AgreementRecord.from_json(text)


def test_of_a_wrong_interval_only_what_came_is_told(record: AgreementRecord) -> None:
    raw = json.loads(json.dumps(asdict(record)))
    wrong_interval(raw)
    with pytest.raises(InvalidAgreement, match="0 <= low <= high <= 1") as caught:
        AgreementRecord.from_json(json.dumps(raw))
    assert "model card" not in str(caught.value)


@pytest.mark.parametrize("modality", MODALITIES)
def test_the_published_records_can_be_read(modality: str) -> None:
    published = Path(__file__).parents[2] / "models" / "explanations"
    record = read(published, modality)
    for measured in record.models.values() if record else ():
        assert all(isinstance(found.energy, Estimate) for found in measured.by_label.values())
    assert record is not None or modality != "ultrasound"


def test_what_other_outlines_would_get_is_chance_too(record: AgreementRecord) -> None:
    malignant, _ = record.models[SLUG].by_label.values()
    assert not replace(malignant, pointing_elsewhere=0.6).points_better
    assert not replace(malignant, energy_elsewhere=0.28).heats_better
    assert not replace(malignant, area=0.6).points_better
    assert not replace(malignant, area=0.28).heats_better
