import base64
import logging
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.catalogue import model_keys
from models.explanation import HeatMap
from models.mask_agreement import place
from portal.explanation import Explanation
from portal.measured_agreement import beside_chance, folder_beside, measured_agreement
from portal.verdict import Verdict
from tests.fakes import FINGERPRINT, fake_agreement, fake_card

KEY = model_keys()[6]
CARD = fake_card(KEY)


def explained(heat: np.ndarray, strongest: tuple[int, int] | None) -> Explanation:
    heat_map = HeatMap(pixels=heat.astype(np.float32), fields=(4, 3), strongest=strongest)
    return Explanation.of(Verdict(key=KEY, card=CARD, probability=0.9), heat_map, None)


def ramp() -> np.ndarray:
    return np.tile(np.linspace(0, 1, 224), (224, 1))


def picture(explanation: Explanation) -> np.ndarray:
    """(224, 224, 4) BGRA of the heat-map."""
    kind, _, content = explanation.layer.partition(",")
    assert kind == "data:image/png;base64"
    encoded = np.frombuffer(base64.b64decode(content), np.uint8)
    return cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)


def test_the_layer_lets_the_image_through_where_nothing_spoke() -> None:
    found = picture(explained(ramp(), (10, 220)))
    assert found.shape == (224, 224, 4)
    assert (found[:, 0, 3] == 0).all()
    assert (found[:, -1, 3] == 255).all()
    assert (np.diff(found[0, :, 3].astype(int)) >= 0).all()


def test_more_heat_is_brighter_whatever_hues_a_reader_tells() -> None:
    found = picture(explained(ramp(), (10, 220)))[0, :, :3]
    gray = cv2.cvtColor(found[np.newaxis], cv2.COLOR_BGR2GRAY)[0].astype(int)
    assert (np.diff(gray[::8]) > 0).all()


@pytest.mark.parametrize(
    ("strongest", "words"),
    [
        ((0, 0), "the upper left"),
        ((0, 223), "the upper right"),
        ((112, 112), "the middle"),
        ((150, 80), "the lower middle"),
        ((223, 223), "the lower right"),
        ((112, 10), "the middle left"),
    ],
)
def test_the_strongest_place_is_told_in_words(strongest: tuple[int, int], words: str) -> None:
    explanation = explained(ramp(), strongest)
    assert explanation.finding == f"Heat-map: strongest in {words} of what was analysed."
    assert (explanation.label, explanation.fields) == ("Malignant", "4 x 3")


def test_an_empty_map_is_told_in_words() -> None:
    explanation = explained(np.zeros((224, 224)), None)
    assert explanation.finding == "Heat-map: empty, no field spoke for Malignant."
    assert not picture(explanation)[:, :, 3].any()


class TestMeasured:
    def test_figures_are_shown_for_the_weights_that_were_measured(self, tmp_path: Path) -> None:
        record = fake_agreement(KEY)
        record.write(tmp_path)
        assert measured_agreement(CARD, tmp_path) == record.models[KEY.slug]
        assert measured_agreement(fake_card(KEY, fingerprint="f" * 16), tmp_path) is None
        assert measured_agreement(fake_card(model_keys()[7]), tmp_path) is None

    def test_nothing_was_measured(self, tmp_path: Path) -> None:
        assert measured_agreement(CARD, tmp_path) is None

    @pytest.mark.parametrize("content", [b"words", b"{}", b"\xff\xfe\x00"])
    def test_a_record_of_no_use_is_logged(
        self, tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        place(tmp_path, KEY.modality.key).write_bytes(content)
        with caplog.at_level(logging.WARNING):
            assert measured_agreement(CARD, tmp_path) is None
        assert "cannot be used" in caplog.text

    def test_records_lie_beside_the_checkpoints(self) -> None:
        assert folder_beside(Path("models/checkpoints")) == Path("models/explanations")

    def test_each_label_is_set_beside_chance(self) -> None:
        measured = fake_agreement(KEY, FINGERPRINT).models[KEY.slug]
        assert beside_chance(measured) == (
            "On malignant test images both figures are above chance.",
            (
                "On benign test images neither is shown to be above chance: "
                "do not take the bright place for the lesion."
            ),
        )


def test_the_colours_are_those_of_the_named_map() -> None:
    found = picture(explained(ramp(), (10, 220)))[0, :, :3]
    levels = np.rint(255 * np.linspace(0, 1, 224)).astype(np.uint8)
    expected = cv2.applyColorMap(levels[np.newaxis], cv2.COLORMAP_INFERNO)[0]
    assert np.array_equal(found, expected)
