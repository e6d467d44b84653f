"""A small study: one model of the catalogue on phantoms, two epochs of one step."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from models.catalogue import MODALITIES
from pipelines.command_line import parse
from pipelines.commands import publish_all, study
from pipelines.study import Finished
from tests.pipelines.small import SMALL, config

KEY = config().key
FIELDS = {
    **{name: value for name, value in SMALL.items() if name != "init"},
    "precision": "float32",
    "epochs": 2,
    "compaction_epochs": 1,
    "sparsity": 0.98,  # or compressing takes a minute
}
README = "Before\n<!-- results -->\n<!-- /results -->\nAfter\n"


def words(work: Path, *more: str) -> list[str]:
    """The command line of the study."""
    named = [word for modality in MODALITIES for word in ("--dataset", f"phantom-{modality}")]
    fields = [word for name in FIELDS for word in ("--set", f"{name}={FIELDS[name]}")]
    return ["study", *named, *fields, "--init", "random", "--work", str(work), *more]


def run(place: Path, *more: str) -> tuple[Finished, ...]:
    """Do all but the report in a folder that takes the part of the project's."""
    with contextlib.chdir(place):
        return publish_all(parse(words(Path("runs"), *more)), (KEY,))


def run_whole(place: Path) -> None:
    """Do the study as the command does."""
    (place / "README.md").write_text(README, "utf-8")
    with contextlib.chdir(place):
        study(parse(words(Path("runs"))), (KEY,))


def main(arguments: Sequence[str]) -> None:
    """All but the report, for a process of its own."""
    run(Path.cwd(), *arguments)
