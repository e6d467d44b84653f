"""What became known of models after their cards were sealed."""

import json
from pathlib import Path

import pytest

from models import checkpoint
from models.catalogue import model_keys
from models.later_notes import NAME, later_notes, limitations
from tests.fakes import fake_card

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models"
CARD = fake_card(model_keys()[0])


def test_a_note_follows_the_cards_own_limitations(tmp_path: Path) -> None:
    notes = {CARD.fingerprint: ["One."], "0" * 16: ["Of another."]}
    (tmp_path / NAME).write_text(json.dumps(notes), "utf-8")
    assert limitations(CARD, tmp_path / "checkpoints") == (*CARD.limitations, "One.")
    assert later_notes(CARD, tmp_path / "checkpoints") == ("One.",)


@pytest.mark.parametrize(
    "text",
    [None, "", "[]", "no JSON", "\udcff"]
    + [json.dumps({CARD.fingerprint: entry}) for entry in (None, 5, "One.", [None], [["One."]])],
)
def test_without_a_usable_file_the_cards_own_are_all(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / NAME).write_text(text, "utf-8", errors="surrogateescape")
    assert limitations(CARD, tmp_path / "checkpoints") == CARD.limitations


def test_every_published_note_is_of_a_published_model() -> None:
    notes = json.loads((MODELS / NAME).read_text("utf-8"))
    cards = [checkpoint.read_card(MODELS / "checkpoints" / key.checkpoint) for key in model_keys()]
    assert set(notes) <= {card.fingerprint for card in cards}
    assert all(
        isinstance(note, str) and note.endswith(".") for each in notes.values() for note in each
    )


def test_every_note_stands_in_the_report() -> None:
    report = (ROOT / "docs" / "report.md").read_text("utf-8")
    for key in model_keys():
        card = checkpoint.read_card(MODELS / "checkpoints" / key.checkpoint)
        for note in later_notes(card, MODELS / "checkpoints"):
            assert note in report, key
