"""``python -m portal score``: a folder of images in, a table of answers out."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, Protocol

from tqdm import tqdm

from models.catalogue import ModelKey, comparisons, find_model
from models.errors import Refusal
from models.precision import Precision
from portal import precision_guard
from portal.checkpoint_store import CheckpointStore, VerifiedCheckpoint
from portal.errors import PortalError, PrecisionRefused
from portal.scoring.held_signals import held_back
from portal.scoring.image_folder import ImageFolder
from portal.scoring.processes import Processes
from portal.scoring.ray_cluster import RayCluster
from portal.scoring.results_file import ResultsFile
from portal.scoring.row import Model, Row, Task, Work
from portal.scoring.scorer import Job, score
from portal.settings import Settings

_STOPPED = "\nStopped. Run the same command again to go on."


class CannotScore(PortalError):
    title = "There is nothing to score"
    action = "Change the command and run it again; --help explains it."


class Engine(Protocol):
    """What scores tasks."""

    def scored(self, tasks: Sequence[Task]) -> Iterator[tuple[Row, ...]]:
        """The rows of each task, in the tasks' order."""


Machine = Callable[[Work, int], AbstractContextManager[Engine]]
"""What scores on this machine, with so many processes."""


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("folder", type=Path, help="folder of images, with all folders below it")
    parser.add_argument(
        "--model",
        action="append",
        required=True,
        help="a model (vgg_ultrasound_finetuned), or all of a page (compare_ultrasound_finetuned); "
        "may be given several times",
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="CSV file to write or to go on with"
    )
    parser.add_argument(
        "--processes", type=int, default=_cores(), help="processes on this machine [%(default)s]"
    )
    parser.add_argument(
        "--ray", metavar="ADDRESS", help="score on the Ray engine at this address instead"
    )
    parser.add_argument(
        "--anyway",
        action="store_true",
        help="score images of another kind too (see docs/method.md)",
    )
    parser.add_argument(
        "--whole",
        action="store_true",
        help="score images that are larger than what the models read too, shrunk as a whole",
    )
    parser.set_defaults(command=run)


def run(options: argparse.Namespace, *, machine: Machine = Processes) -> int:
    """Score a folder; a refusal is told on standard error.

    Returns:
        The exit status: 1 where files are left, 2 for a refusal, 130 when stopped with Ctrl-C,
        143 with SIGTERM.
    """
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        said, left = _scored(options, machine)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except KeyboardInterrupt as stopped:
        print(_STOPPED, file=sys.stderr)
        return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)
    finally:
        signal.signal(signal.SIGTERM, before)
    print(_printable(said))
    return 1 if left else 0


def _stop(number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt(number)


def _printable(said: str) -> str:
    r"""For standard output: what it cannot have, as bytes of a name, is ``\udc..``."""
    encoding = sys.stdout.encoding
    return said.encode(encoding, "backslashreplace").decode(encoding)


def _scored(options: argparse.Namespace, machine: Machine) -> tuple[str, int]:
    """What is said of a whole run, and how many files it left to the next."""
    settings = Settings.from_environment()
    found = _found(options.folder, options.out)
    models = _models(options.model, CheckpointStore(settings.checkpoints), settings.precision)
    job = Job(
        folder=options.folder.absolute(),
        checkpoints=settings.checkpoints,
        gates=settings.gates,
        anyway=options.anyway,
        whole=options.whole,
        cache=settings.cache_folder,
        precision=settings.precision,
        max_bytes=settings.max_upload_bytes,
        threads=1 if options.ray is not None else threads_of_each(options.processes, _cores()),
    )
    with ResultsFile(options.out) as results:
        results.require(models)
        _compare(found.files, job.folder, results)
        tasks = _tasks(found.files, models, results.done)
        with _engine(options, machine, partial(score, job)) as engine:
            refused, left = _written(engine, tasks, results, len(found.files))
    said = (
        f"Files with rows in {options.out}: {len(results.files)}, models: {len(results.models)}. "
        f"Files scored now: {len(tasks) - left}; of these could not be read or answered: "
        f"{refused}, see the column reason.{_left_to_do(left)}"
        f"{_not_asked_again(results.unanswered)}{_left_out(found.links)}"
        f"{_no_files(found.devices)}{_no_text(results.bytes_names)}"
    )
    return said, left


def _left_to_do(count: int) -> str:
    if not count:
        return ""
    return (
        f" Files left: {count}, as this machine had no memory, files or processes to spare. Run "
        "the same command again to go on, with a smaller --processes if need be."
    )


def _not_asked_again(count: int) -> str:
    if not count:
        return ""
    return (
        f" Rows of earlier runs with a reason and no label: {count}. Files that have a row are not "
        "asked again: to ask them with other options, name another --out."
    )


def _left_out(links: Sequence[str]) -> str:
    if not links:
        return ""
    return (
        f" Linked folders that were not followed: {len(links)}, the first is {links[0]!r}. "
        "Score each into a table of its own."
    )


def _no_files(devices: Sequence[str]) -> str:
    if not devices:
        return ""
    return f" Pipes and devices, which are no files: {len(devices)}, the first is {devices[0]!r}."


def _no_text(names: Sequence[str]) -> str:
    if not names:
        return ""
    return (
        f" File names in the table that are no UTF-8: {len(names)}, the first is {names[0]!r}. "
        "Readers of UTF-8 alone refuse the whole table: docs/scoring.md says how to read it."
    )


def _bar(**options: Any) -> tqdm:
    """A bar of files that no signal leaves half made, which Python would complain of."""
    with held_back():
        return tqdm(unit="file", **options)


def _compare(files: Sequence[str], folder: Path, results: ResultsFile) -> None:
    """Refuse to go on where a file that has a row is another one now."""
    known = [file for file in files if file in results.contents]
    with _bar(total=len(known), desc="compared", delay=1, leave=False) as progress:
        for file in known:
            results.require_content(file, folder / file)
            progress.update()


def _written(
    engine: Engine, tasks: Sequence[Task], results: ResultsFile, total: int
) -> tuple[int, int]:
    """How many of the tasks ended in a reason instead of an answer, and how many in neither."""
    refused = left = 0
    with _bar(total=total, initial=total - len(tasks)) as progress:
        for rows in engine.scored(tasks):
            results.append(rows)
            refused += any(row.reason for row in rows)
            left += not rows
            progress.update()
    return refused, left


def _engine(
    options: argparse.Namespace, machine: Machine, work: Work
) -> AbstractContextManager[Engine]:
    if options.ray is not None:
        return RayCluster(work, options.ray)
    return machine(work, max(1, options.processes))


def _found(folder: Path, results: Path) -> ImageFolder:
    found = ImageFolder.of(folder, results)
    if not found.files:
        raise CannotScore(
            expected=f"images below {folder}",
            received="only linked folders, which are not followed" if found.links else "no file",
        )
    return found


def _models(
    names: Sequence[str], checkpoints: CheckpointStore, precision: Precision
) -> list[Model]:
    """The models of these names, each once."""
    keys = list(dict.fromkeys(key for name in names for key in _keys(name)))
    modalities = {key.modality.key for key in keys}
    if len(modalities) > 1:
        raise CannotScore(
            expected="models of one modality", received=f"some of {' and '.join(modalities)}"
        )
    found = [checkpoints.find(key) for key in keys]
    _require_precision(found, precision)
    return [
        Model(
            slug=card.model,
            fingerprint=card.fingerprint,
            precision=precision,
            threshold=card.threshold.value,
        )
        for card in (each.card for each in found)
    ]


def _require_precision(found: Sequence[VerifiedCheckpoint], precision: Precision) -> None:
    """Refuse a precision at which no model may be used, before any file is read; warn of others.

    Raises:
        CannotScore: there is no other.
    """
    reasons = [reason for each in found if (reason := _refusal(each, precision))]
    if len(reasons) == len(found):
        raise CannotScore(
            expected=f"a model that may be used at PRECISION={precision}",
            received="; ".join(reasons),
            action="Set PRECISION=f32, or name another model with --model.",
        )
    for reason in reasons:
        print(f"At PRECISION={precision} no answer will come from {reason}.", file=sys.stderr)


def _refusal(found: VerifiedCheckpoint, precision: Precision) -> str | None:
    """A model that refuses the precision, and why; None where it does not."""
    if precision == "f32":
        return None
    try:
        precision_guard.measured(found.path, precision)
    except PrecisionRefused as refusal:
        return f"{found.card.model} (expected {refusal.expected}, received {refusal.received})"
    return None


def _keys(name: str) -> tuple[ModelKey, ...]:
    compared = {each.slug: each.keys for each in comparisons()}
    return compared.get(name) or (find_model(name),)


def _tasks(files: Sequence[str], models: Sequence[Model], done: set[tuple[str, str]]) -> list[Task]:
    """What is still to be done."""
    tasks = (
        Task(file=file, models=tuple(model for model in models if (file, model.slug) not in done))
        for file in files
    )
    return [task for task in tasks if task.models]


def threads_of_each(processes: int, cores: int) -> int:
    """How many threads a process may compute in where all of them share the cores."""
    return max(1, cores // max(1, processes))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
