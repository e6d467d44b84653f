"""Later notes: what became known of a model after its card was sealed."""

import json
import logging
from pathlib import Path

from models.card import ModelCard

NAME = "notes.json"
"""The file, beside the folder of checkpoints: fingerprints, and a list of sentences for each."""

_log = logging.getLogger(__name__)


def later_notes(card: ModelCard, checkpoints: Path) -> tuple[str, ...]:
    """What was noted of these very weights since their card was sealed.

    A file that cannot be used is said in the log, and there are no notes.
    """
    path = checkpoints.parent / NAME
    try:
        notes = json.loads(path.read_text("utf-8")).get(card.fingerprint, [])
        if not (isinstance(notes, list) and all(isinstance(note, str) for note in notes)):
            raise ValueError(f"no list of sentences: {notes!r}")
    except FileNotFoundError:
        notes = []
    except (OSError, ValueError, AttributeError):
        _log.warning("%s cannot be used: expected an object of lists of sentences", path)
        notes = []
    return tuple(notes)


def limitations(card: ModelCard, checkpoints: Path) -> tuple[str, ...]:
    """The card's limitations, then what was noted of these very weights since."""
    return card.limitations + later_notes(card, checkpoints)
