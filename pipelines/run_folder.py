"""The folder of a run: it goes on only with what it was begun with, and is forgotten as a whole."""

import json
import shlex
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from models.files import replace_file
from pipelines.config import Config
from pipelines.errors import DamagedRun, OtherRun, PipelineRefused

CONFIG, INPUTS = "config.json", "inputs.json"
WORK = Path("runs")
"""Where runs and prepared images lie by default."""


class FolderRefused(PipelineRefused):
    title = "A folder cannot be made"
    action = "Name another work folder with `--work`."


def make(folder: Path) -> None:
    """Make a folder below the work folder, and those above it; one that is there is left alone.

    Raises:
        FolderRefused: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderRefused(
            expected=f"a place where {folder} can be made", received=error.strerror or "none"
        ) from error


def work_words(work: Path) -> str:
    """The words for a work folder at the end of a command; none for the default."""
    return "" if work == WORK else f" --work {shlex.quote(str(work))}"


def claim(folder: Path, inputs: Mapping[str, str]) -> None:
    """Note what a run is made from; a folder without a note is taken as it is.

    Args:
        folder: the run's own; made where it is missing.
        inputs: what ``Config`` cannot hold, such as checksums of files, by name.

    Raises:
        OtherRun: the note names other inputs, and something was learnt from these.
    """
    found = _noted(folder)
    if found is not None and learnt(folder):
        _refuse(folder, found, inputs, {**found, **inputs})
    if found == dict(inputs):
        return
    note = json.dumps(dict(inputs), indent=1, sort_keys=True)
    replace_file(folder / INPUTS, note.encode())


def refuse_other(folder: Path, inputs: Mapping[str, str]) -> None:
    """Refuse a folder whose note names others of these inputs, and leave it as it is.

    Raises:
        OtherRun: it does, and something was learnt from these.
    """
    found = _noted(folder)
    if found is not None and learnt(folder):
        _refuse(folder, found, inputs, inputs)


def learnt(folder: Path) -> bool:
    """Whether a run holds weights or a model; before that there is nothing to protect."""
    return any(folder.rglob("*.h5"))


def _noted(folder: Path) -> Mapping[str, str] | None:
    note = folder / INPUTS
    return read_note(note) if note.is_file() else None


def read_note(file: Path) -> dict[str, Any]:
    """What a run wrote into one of its JSON files.

    Raises:
        DamagedRun: it holds something else.
    """
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise DamagedRun(file) from error
    if not isinstance(found, dict):
        raise DamagedRun(file)
    return found


def read_config(file: Path) -> Config:
    """The settings that a run noted.

    Raises:
        DamagedRun: the file holds something else, or other fields.
        InvalidConfig: a value is out of its range by now.
    """
    try:
        return Config(**read_note(file))
    except TypeError as error:
        raise DamagedRun(file) from error


def note_config(folder: Path, config: Config) -> None:
    """Note the settings of a run."""
    replace_file(folder / CONFIG, config.to_json().encode())


def _refuse(
    folder: Path, found: Mapping[str, str], inputs: Mapping[str, str], names: Iterable[str]
) -> None:
    other = [name for name in names if found.get(name) != inputs.get(name)]
    if other:
        raise OtherRun(
            expected=f"the same {', '.join(other)} as before in {folder}", received="another"
        )


def forget(folder: Path) -> None:
    """Delete a run; a kill meanwhile leaves nothing that a new run could take for its own."""
    leaving = folder.with_name(f"{folder.name}.forgotten")
    shutil.rmtree(leaving, ignore_errors=True)
    if folder.is_dir():
        folder.rename(leaving)
        shutil.rmtree(leaving)
