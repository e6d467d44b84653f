import logging
import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.catalogue import MODALITIES
from models.decoded import DecodedImage
from models.gate import Gate
from models.size_limits import MIN_SIDE
from portal.gate_store import GateStore, MissingGate
from portal.gatekeeper import (
    BlankImage,
    ColouredImage,
    ColourlessImage,
    ForeignImage,
    Gatekeeper,
    SmallImage,
    UnlikeTraining,
)
from tests.fakes import fake_gate, pixels, write_gates

MODALITY, OTHER, *_ = MODALITIES.values()
GRAY = cv2.cvtColor(cv2.cvtColor(pixels(), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def image(picture: np.ndarray) -> DecodedImage:
    return DecodedImage(pixels=picture, format="PNG", mode="RGB", bit_depth=8)


def keeper(folder: Path, **changed: object) -> Gatekeeper:
    return Gatekeeper(gates=GateStore(write_gates(folder, **changed)))


def test_below_its_least_side_every_image_is_refused(tmp_path: Path) -> None:
    assert keeper(tmp_path, least_side=121).least_side(MODALITY) == 121
    assert keeper(tmp_path, least_side=1).least_side(MODALITY) == MIN_SIDE
    assert Gatekeeper(gates=GateStore(tmp_path / "none")).least_side(MODALITY) == MIN_SIDE


def test_an_image_that_passes_is_said_to_have_been_compared(tmp_path: Path) -> None:
    check = keeper(tmp_path).check(image(pixels()), MODALITY, anyway=False)
    assert check.warning is None
    assert check.caution is None
    assert (
        check.sentence
        == "Compared with 270 training images: distance 0.00, and up to 1.00 may pass"
    )


@pytest.mark.parametrize(
    ("changed", "picture", "kind", "received"),
    [
        ({}, np.full((90, 90, 3), 60, np.uint8), BlankImage, "one shade all over"),
        ({"least_side": 121}, pixels(), SmallImage, "120 pixels"),
        ({"coloured": (0.0, 0.05)}, pixels(), ColouredImage, "colour in "),
        ({"coloured": (0.5, 1.0)}, GRAY, ColourlessImage, "colour in 0\u00a0% of it"),
        ({"threshold": 0.001}, pixels(9), UnlikeTraining, "times as far from the training"),
    ],
)
def test_what_speaks_against_an_image_refuses_it_in_its_own_words(
    tmp_path: Path,
    changed: dict[str, object],
    picture: np.ndarray,
    kind: type[ForeignImage],
    received: str,
) -> None:
    gatekeeper = keeper(tmp_path, **changed)
    with pytest.raises(kind) as caught:
        gatekeeper.check(image(picture.copy()), MODALITY, anyway=False)
    assert received in caught.value.received
    assert "Analyse anyway" in caught.value.action
    assert caught.value.check.reading is not None
    check = gatekeeper.check(image(picture.copy()), MODALITY, anyway=True)
    assert check.warning is not None
    assert check.warning.startswith("Analysed anyway.")
    assert received in check.warning
    assert check.sentence is None
    assert check.caution is not None
    assert check.caution.startswith("Refused by the check of the input: ")
    assert kind.title[1:] in check.caution


@pytest.mark.parametrize("step", [-0.0003, 0.0003])
def test_a_share_of_colour_is_not_written_as_the_limit_that_it_misses(
    tmp_path: Path, step: float
) -> None:
    colourful = pixels()
    colourful[:64] = GRAY[:64]
    sent = image(colourful)
    seen = keeper(tmp_path).check(sent, MODALITY, anyway=False).reading
    assert seen is not None
    limit = seen.coloured + step
    assert round(100 * limit) == round(100 * seen.coloured)
    coloured = (0.0, limit) if step < 0 else (limit, 1.0)
    with pytest.raises(ForeignImage) as caught:
        keeper(tmp_path, coloured=coloured).check(sent, MODALITY, anyway=False)
    limit_said, said = (
        float(re.findall(r"in ([\d.]+)\u00a0%", words)[0])
        for words in (caught.value.expected, caught.value.received)
    )
    assert limit_said < said if step < 0 else limit_said > said


def test_an_image_of_another_modality_is_named_as_one(tmp_path: Path) -> None:
    gates = write_gates(tmp_path, threshold=0.001)
    wide = fake_gate(OTHER.key)
    (gates / Gate.place(OTHER.key)).write_text(wide.to_json(), "utf-8")
    with pytest.raises(UnlikeTraining) as caught:
        Gatekeeper(gates=GateStore(gates)).check(image(pixels(9)), MODALITY, anyway=False)
    assert f"like the training images of {OTHER.title.lower()}" in caught.value.received


def test_a_whole_image_in_place_of_a_part_is_told(tmp_path: Path) -> None:
    part = fake_gate(MODALITY.key).profiles[0]
    far = replace(part, name="tile", mean=tuple(value + 9.0 for value in part.mean))
    whole = replace(part, name="whole slide image")
    check = keeper(tmp_path, profiles=(far, whole)).check(image(pixels()), MODALITY, anyway=False)
    assert check.warning is not None
    assert check.warning.startswith("This looks like a whole slide image")
    assert "learnt from a tile at full resolution" in check.warning
    assert "Place a square" in check.warning
    assert check.like == "whole slide image"
    for profiles in ((whole, far), (part,)):
        gatekeeper = keeper(tmp_path, profiles=profiles)
        check = gatekeeper.check(image(pixels()), MODALITY, anyway=False)
        assert (check.warning, check.like) == (None, None)


@pytest.mark.parametrize("content", [None, b"{}", b"\xff\xfe", b'{"sha256":"0","gate":{}}'])
def test_without_a_gate_the_image_goes_on_and_the_reader_is_told(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / Gate.place(MODALITY.key)).write_bytes(content)
    check = Gatekeeper(gates=GateStore(tmp_path)).check(image(pixels()), MODALITY, anyway=False)
    assert check.gate is None
    assert check.sentence is None
    assert check.caution == "Not compared with training images"
    assert check.warning is not None
    assert (
        f"could not be checked whether this is an image of {MODALITY.title.lower()}"
        in check.warning
    )


def test_a_gate_under_another_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / Gate.place(MODALITY.key)).write_text(fake_gate(OTHER.key).to_json(), "utf-8")
    assert GateStore(tmp_path).usable(MODALITY) is None


def test_a_gate_that_is_replaced_is_read_again(tmp_path: Path) -> None:
    store = GateStore(tmp_path)
    with pytest.raises(MissingGate):
        store.find(MODALITY)
    path = tmp_path / Gate.place(MODALITY.key)
    path.write_text(fake_gate(MODALITY.key).to_json(), "utf-8")
    first = store.find(MODALITY)
    assert store.find(MODALITY) is first
    path.write_text(replace(first, rule="another rule").to_json(), "utf-8")
    assert store.find(MODALITY).rule == "another rule"


def test_a_folder_in_the_place_of_a_gate_is_no_accident(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / Gate.place(MODALITY.key)).mkdir()
    with caplog.at_level(logging.ERROR):
        assert GateStore(tmp_path).usable(MODALITY) is None
    assert "could not be read" in caplog.text


def test_an_image_like_nothing_is_said_to_be_like_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnlikeTraining) as caught:
        keeper(tmp_path, threshold=0.001).check(image(pixels(9)), MODALITY, anyway=False)
    assert "it is like" not in caught.value.received
