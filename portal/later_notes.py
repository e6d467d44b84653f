"""Later notes: what became known of a model after its card was sealed."""

import json
import logging
from pathlib import Path

from models.card import ModelCard

NAME = "notes.json"
"""The file, beside the folder of checkpoints: fingerprints, and a list of sentences for each."""

_log = logging.getLogger(__name__)


def limitations(card: ModelCard, checkpoints: Path) -> tuple[str, ...]:
    """The card's limitations, then what was noted of these very weights since.

    A file that cannot be used is said in the log, and the card's own are all there is.
    """
    path = checkpoints.parent / NAME
    try:
        notes = json.loads(path.read_text("utf-8")).get(card.fingerprint, ())
    except FileNotFoundError:
        notes = ()
    except (OSError, ValueError, AttributeError):
        _log.warning("%s cannot be used: expected an object of lists of sentences", path)
        notes = ()
    return card.limitations + tuple(str(note) for note in notes)
