"""The serving benchmark as a command: measures part by part, prints, and writes if asked."""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks import image_steps
from benchmarks.serving import answers, latency, lower, memory, size, start, throughput
from benchmarks.serving.aims import Aim, aims_table
from benchmarks.serving.machine import machine_table
from benchmarks.serving.options import parse
from benchmarks.serving.part import Part
from benchmarks.serving.plan import Plan
from benchmarks.serving.stopping import orderly_end
from benchmarks.serving.table import Table
from models.catalogue import MODALITIES, STRATEGIES, Cohort
from models.errors import Refusal

TITLE = """# What the portal was measured at

Written by `make bench`: all in turns, in one run on one machine. Ratios hold elsewhere, times do
not."""

PARTS: Mapping[str, Part] = {
    "answers": answers.measure,
    "latency": latency.measure,
    "throughput": throughput.measure,
    "start": start.measure,
    "memory": memory.measure,
    "bf16": partial(lower.measure, "bf16", (answers.measure,)),
    "int8": partial(lower.measure, "int8", (answers.measure, latency.measure, memory.measure)),
    "size": size.measure,
    "images": lambda plan: image_steps.measure(plan.rounds),
}


def main(arguments: list[str]) -> int:
    """Measure and tell.

    Returns:
        The exit status: 2 when a part could not be measured, and its place says why.
    """
    options = parse(arguments, tuple(PARTS))
    with orderly_end(), tempfile.TemporaryDirectory(prefix="bench-") as folder:
        report, failed = _report(options, _plan(options, Path(folder)))
    if options.output and options.whole and not failed:
        options.output.write_text(report, "utf-8")
    elif options.output:
        print(f"\n{options.output} is left as it is: this was no whole run.", file=sys.stderr)
    return 2 if failed else 0


def _report(options: argparse.Namespace, plan: Plan) -> tuple[str, bool]:
    """Everything that was measured, printed as it comes, and whether a part could not be."""
    texts = [TITLE, _printed(machine_table(plan))]
    aims: list[Aim] = []
    failed = False
    for name in options.parts:
        try:
            tables, more = PARTS[name](plan)
        except Refusal as refusal:
            failed = True
            texts.append(_printed(f"## Not measured: {name}\n\n{refusal}"))
        else:
            aims += more
            texts += [_printed(table) for table in tables]
    if aims:
        texts.append(_printed(aims_table(aims)))
    return "\n\n".join(texts) + "\n", failed


def _printed(table: Table | str) -> str:
    print(f"\n{table}", flush=True)
    return str(table)


def _plan(options: argparse.Namespace, folder: Path) -> Plan:
    return Plan(
        checkpoints=options.checkpoints.absolute(),
        portal_python=options.portal_python.absolute(),
        precision=options.precision,
        cohort=Cohort(modality=MODALITIES[options.modality], strategy=STRATEGIES[options.strategy]),
        rounds=options.rounds,
        repeats=options.repeats,
        seconds=options.seconds,
        folder=folder,
        say=lambda text: print(f"... {text}", file=sys.stderr, flush=True),
    )
