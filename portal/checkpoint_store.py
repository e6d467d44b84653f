"""CheckpointStore: the installed checkpoints, verified, and the cards inside them."""

import logging
from dataclasses import dataclass
from pathlib import Path

from models import checkpoint
from models.card import ModelCard
from models.catalogue import ModelKey
from models.checkpoint import SUMS, ForeignCheckpoint
from models.errors import Refusal
from models.files import Stamp, file_sha256, stamp
from portal.errors import ModelUnavailable

_log = logging.getLogger(__name__)

Stamps = tuple[Stamp, Stamp]
"""Of a checkpoint and of the list of checksums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedCheckpoint:
    """A checkpoint that is as it was published."""

    path: Path
    stamps: Stamps
    card: ModelCard


class CheckpointStore:
    """Verifies checkpoints by SHA-256 and reads their cards; repeats neither for the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[Path, VerifiedCheckpoint] = {}

    def path(self, key: ModelKey) -> Path:
        """Where the checkpoint of a model lies, or would lie."""
        return self.folder / key.checkpoint

    def find(self, key: ModelKey) -> VerifiedCheckpoint:
        """The checkpoint of a model.

        Raises:
            CheckpointRefused: it is missing, unlisted, tampered with, without a card or foreign.
            InvalidCard: its card cannot be used.
            ModelUnavailable: the file cannot be read.
        """
        path = self.path(key)
        try:
            return self._known_or_verified(key, path)
        except OSError as error:
            _log.error("the checkpoint of %s could not be read: %s", key, error)
            raise ModelUnavailable(
                expected=f"a readable checkpoint {key.checkpoint}", received="an unreadable one"
            ) from error

    def card(self, key: ModelKey) -> ModelCard | None:
        """The card of a model, or None where it cannot be used."""
        try:
            return self.find(key).card
        except Refusal:
            return None

    def is_there(self, key: ModelKey) -> bool:
        """Whether the file of a model is there, usable or not; false where nobody may look."""
        try:
            return self.path(key).is_file()
        except OSError:
            return False

    def listed(self) -> frozenset[str]:
        """The names in the list of checksums, relative to the folder; none without a list."""
        try:
            return frozenset(checkpoint.read_sums(self.folder))
        except OSError:
            return frozenset()

    def fingerprint(self) -> str | None:
        """16 hexadecimal digits for the list of checkpoints; None where none can be read."""
        listing = self.folder / SUMS
        try:
            return file_sha256(listing)[:16] if listing.is_file() else None
        except OSError:
            return None

    def _known_or_verified(self, key: ModelKey, path: Path) -> VerifiedCheckpoint:
        stamps = (_stamp(path), _stamp(self.folder / SUMS))
        known = self._known.get(path)
        if known is not None and known.stamps == stamps:
            return known
        checkpoint.verify(self.folder, key.checkpoint, checkpoint.read_sums(self.folder))
        card = checkpoint.read_card(path)
        if card.model != key.slug:
            raise ForeignCheckpoint(expected=f"the model {key.slug}", received=card.model)
        self._known[path] = VerifiedCheckpoint(path=path, stamps=stamps, card=card)
        return self._known[path]


def _stamp(path: Path) -> Stamp:
    return stamp(path) if path.is_file() else (0, 0, 0, 0)
