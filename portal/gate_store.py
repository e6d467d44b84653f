"""GateStore: the input gates, read once for as long as their files stay as they are."""

import logging
from pathlib import Path

from models.errors import Refusal
from models.files import Stamp, stamp
from models.gate import Gate, InvalidGate
from models.specs import ModalitySpec

_log = logging.getLogger(__name__)


class MissingGate(Refusal):
    title = "The check of the input is not installed"
    action = "Make it with `python -m pipelines gate`."


class GateStore:
    """Reads the gates of a folder; a file that has changed is read again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, tuple[Stamp, Gate]] = {}

    def find(self, modality: ModalitySpec) -> Gate:
        """The gate of a modality.

        Raises:
            MissingGate: there is no file.
            InvalidGate: the file is damaged, unreadable, or the gate of something else.
        """
        path = self.folder / Gate.place(modality.key)
        try:
            now = stamp(path)
            known = self._known.get(modality.key)
            if known is not None and known[0] == now:
                return known[1]
            gate = Gate.from_json(path.read_text("utf-8"))
        except FileNotFoundError as error:
            raise MissingGate(expected=f"a file {path.name}", received="none") from error
        except (OSError, UnicodeDecodeError) as error:
            _log.error("the gate of %s could not be read: %s", modality.key, error)
            raise InvalidGate(expected=f"a readable {path.name}", received="another") from error
        if gate.modality != modality.key:
            raise InvalidGate(expected=f"a gate of {modality.key}", received=gate.modality)
        self._known[modality.key] = (now, gate)
        return gate

    def usable(self, modality: ModalitySpec) -> Gate | None:
        """The gate of a modality, or None where it cannot be used."""
        try:
            return self.find(modality)
        except Refusal:
            return None
