"""The folder of a run: it goes on only with what it was begun with, and is forgotten as a whole."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from models.files import replace_file
from pipelines.errors import OtherRun

INPUTS = "inputs.json"


def claim(folder: Path, inputs: Mapping[str, str]) -> None:
    """Note what a run is made from; a folder without a note is taken as it is.

    Args:
        folder: the run's own; made where it is missing.
        inputs: what ``Config`` cannot hold, such as checksums of files, by name.

    Raises:
        OtherRun: the note names other inputs.
    """
    note = folder / INPUTS
    if note.is_file():
        found = json.loads(note.read_text("utf-8"))
        other = [name for name in {**found, **inputs} if found.get(name) != inputs.get(name)]
        if other:
            raise OtherRun(
                expected=f"the same {', '.join(other)} as before in {folder}", received="another"
            )
    replace_file(note, json.dumps(dict(inputs), indent=1, sort_keys=True).encode())


def forget(folder: Path) -> None:
    """Delete a run; a kill meanwhile leaves nothing that a new run could take for its own."""
    leaving = folder.with_name(f"{folder.name}.forgotten")
    shutil.rmtree(leaving, ignore_errors=True)
    if folder.is_dir():
        folder.rename(leaving)
        shutil.rmtree(leaving)
