"""ResultsFile: rows written as they come, to go on from after a kill."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self

from models.catalogue import model_keys
from models.file_lock import locked
from models.files import file_sha256
from portal.errors import PortalError
from portal.scoring.row import COLUMNS, Model, Row

_BYTES = re.compile("[\udc80-\udcff]")  # as Python has bytes of names that are no UTF-8


class ResultsRefused(PortalError):
    title = "The results cannot be written there"
    action = "Name another file with --out, or move that one away."


class ResultsFile:
    """A CSV file of rows. A row that a kill has cut in half is dropped when it is opened again.

    Strings are quoted, numbers are not; file names that are no UTF-8 keep their bytes.

    Raises:
        ResultsRefused: it cannot be written, holds something else, or is being written already.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._stream = _opened(path)
        except OSError as error:
            raise _refusal("a file that can be written", error.strerror or "an error") from error
        try:
            rows = self._taken_up()
        except ResultsRefused:
            self._close()
            raise
        self._fingerprints = {row["model"]: row["fingerprint"] for row in rows}
        self._precisions = {row["precision"] for row in rows}
        self.done = {(row["file"], row["model"]) for row in rows}
        self.unanswered = sum(bool(row["reason"]) and not row["label"] for row in rows)
        self.contents = {row["file"]: row["sha256"] for row in rows if row["sha256"]}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    @property
    def files(self) -> set[str]:
        """The files that have a row."""
        return {file for file, _ in self.done}

    @property
    def bytes_names(self) -> list[str]:
        """Those of the files whose names are no UTF-8, sorted."""
        return sorted(file for file in self.files if _BYTES.search(file))

    @property
    def models(self) -> set[str]:
        """The models that have a row."""
        return {model for _, model in self.done}

    def require(self, models: Iterable[Model]) -> None:
        """Refuse to add to what is not comparable with the answers of these models.

        Raises:
            ResultsRefused: a row has another modality, fingerprint or precision.
        """
        for model in models:
            wanted = _modality(model.slug)
            for other in sorted({_modality(slug) for slug in self.models} - {wanted}):
                raise _refusal(f"a table of models of {wanted}", f"one with answers of {other}")
            found = self._fingerprints.get(model.slug, model.fingerprint)
            if found != model.fingerprint:
                raise _refusal(
                    f"answers of {model.slug} with fingerprint {model.fingerprint}",
                    f"some with {found}",
                )
            for precision in self._precisions - {model.precision}:
                raise ResultsRefused(
                    expected=f"answers at PRECISION={model.precision}",
                    received=f"some at {precision}",
                    action=f"Set PRECISION={precision} to go on, or name another file with --out.",
                )

    def require_content(self, file: str, path: Path) -> None:
        """Refuse to go on where a file that has a row is another one now, unless it is gone.

        Args:
            file: its name in the rows; one of ``contents``.
            path: where it lies.

        Raises:
            ResultsRefused: its content is another one, or cannot be read.
        """
        expected = f"at {file!r} what its row was made from, SHA-256 {self.contents[file]}"
        try:
            found = file_sha256(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise ResultsRefused(
                expected=expected,
                received=f"a file that cannot be read: {error.strerror}",
                action="Let your user read it, or move it away; then run the command again.",
            ) from error
        if found != self.contents[file]:
            raise ResultsRefused(
                expected=expected,
                received=found,
                action="Name another file with --out, or delete the table to score all anew.",
            )

    def append(self, rows: Iterable[Row]) -> None:
        """Write rows at once.

        Raises:
            ResultsRefused: the disk is full; what it took is whole rows, and perhaps a part of one.
        """
        rows = tuple(rows)
        self._write(row.values for row in rows)
        self.done |= {(row.file, row.model) for row in rows}

    def _write(self, rows: Iterable[Iterable[object]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(rows)
        with _room(self._path):
            self._stream.write(text.getvalue().encode("utf-8", "surrogateescape"))
            self._stream.flush()

    def _close(self) -> None:
        with _room(self._path):  # what a full disk did not take is tried once more
            self._stream.close()

    def _taken_up(self) -> list[dict[str, str]]:
        """The whole rows that are found in the file, by column."""
        content = self._stream.read()
        header = ",".join(f'"{name}"' for name in COLUMNS).encode() + b"\n"
        if not (content.startswith(header) or header.startswith(content)):
            raise _refusal(
                "a new file, or one that this version of the command began, with the columns "
                + ", ".join(COLUMNS),
                "another one",
            )
        whole = _whole(content)
        with _room(self._path):  # some file systems need a little to shorten a file
            self._stream.seek(len(whole))
            self._stream.truncate()
        if not whole:
            self._write([COLUMNS])
        text = whole.decode("utf-8", "surrogateescape")
        return list(csv.DictReader(io.StringIO(text, newline="")))


def _modality(slug: str) -> str:
    """That of a model; of one that is not in the catalogue its own name, which is none."""
    known = {key.slug: key.modality.key for key in model_keys()}
    return known.get(slug, slug)


def _opened(path: Path) -> BinaryIO:
    if path.exists() and not path.is_file():
        raise _refusal("a file", f"a folder, pipe or device at {str(path)!r}")
    stream = path.open("a+b")
    if not locked(stream):
        stream.close()
        raise _refusal("a file that nobody else writes", "one that is being written")
    stream.seek(0)
    return stream


@contextmanager
def _room(path: Path) -> Iterator[None]:
    """Where a disk may be full, a quota used up, or a file as large as it may be.

    Raises:
        ResultsRefused: it is.
    """
    try:
        yield
    except OSError as error:
        raise ResultsRefused(
            expected=f"room for more rows in {str(path)!r}",
            received=error.strerror or "an error",
            action="The rows written so far are kept. "
            "Make room, then run the same command again to go on.",
        ) from error


def _whole(content: bytes) -> bytes:
    """The rows that are complete: up to the last line end that is not inside a quoted name."""
    end = position = quotes = 0
    for line in content.split(b"\n")[:-1]:
        position += len(line) + 1
        quotes += line.count(b'"')
        if quotes % 2 == 0:
            end = position
    return content[:end]


def _refusal(expected: str, received: str) -> ResultsRefused:
    return ResultsRefused(expected=expected, received=received)
