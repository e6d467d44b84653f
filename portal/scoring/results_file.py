"""ResultsFile: rows written as they come, to go on from after a kill."""

import csv
import fcntl
import io
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Self

from portal.errors import PortalError
from portal.scoring.row import COLUMNS, Model, Row


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
        try:
            self._stream = _opened(path)
        except OSError as error:
            raise _refusal("a file that can be written", error.strerror or "an error") from error
        try:
            self._models, self.done = self._taken_up()
        except ResultsRefused:
            self._stream.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stream.close()

    def require(self, models: Iterable[Model]) -> None:
        """Refuse to add to what other versions of these models have answered.

        Raises:
            ResultsRefused: a row has another fingerprint.
        """
        for model in models:
            found = self._models.get(model.slug, model.fingerprint)
            if found != model.fingerprint:
                raise _refusal(
                    f"answers of {model.slug} with fingerprint {model.fingerprint}",
                    f"some with {found}",
                )

    def append(self, rows: Iterable[Row]) -> None:
        """Write rows at once."""
        self._write(row.values for row in rows)

    def _write(self, rows: Iterable[Iterable[object]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(rows)
        self._stream.write(text.getvalue().encode("utf-8", "surrogateescape"))
        self._stream.flush()

    def _taken_up(self) -> tuple[dict[str, str], set[tuple[str, str]]]:
        """The fingerprint of each model, and the (file, model) of each row, found in the file."""
        content = self._stream.read()
        header = ",".join(f'"{name}"' for name in COLUMNS).encode() + b"\n"
        if not (content.startswith(header) or header.startswith(content)):
            raise _refusal("a new file, or one that was begun by this command", "another one")
        whole = _whole(content)
        self._stream.seek(len(whole))
        self._stream.truncate()
        if not whole:
            self._write([COLUMNS])
        text = whole.decode("utf-8", "surrogateescape")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        models = {row["model"]: row["fingerprint"] for row in rows}
        return models, {(row["file"], row["model"]) for row in rows}


def _opened(path: Path) -> BinaryIO:
    stream = path.open("a+b")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        stream.close()
        raise _refusal("a file that nobody else writes", "one that is being written") from error
    stream.seek(0)
    return stream


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
