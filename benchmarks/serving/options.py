"""The options of the serving benchmark."""

import argparse
import sys
from pathlib import Path
from typing import get_args

from models.catalogue import MODALITIES, STRATEGIES
from models.precision import Precision

QUICK = {"rounds": 3, "repeats": 1, "seconds": 0.5}
"""Just enough to see that everything runs; the numbers say nothing."""


def parse(arguments: list[str], parts: tuple[str, ...]) -> argparse.Namespace:
    """The options of the command line.

    Args:
        arguments: without the program's name.
        parts: what can be measured, in order.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serving",
        description="Measure the portal beside what people use instead, in turns on one machine.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--parts", nargs="+", choices=parts, default=parts, help="what to measure")
    add("--modality", choices=MODALITIES, default="ultrasound")
    add("--strategy", choices=STRATEGIES, default="initial")
    add("--precision", choices=get_args(Precision), default="f32", help="of the portal")
    add("--rounds", type=int, default=60, help="of each latency")
    add("--repeats", type=int, default=5, help="of each start and each turn under load")
    add("--seconds", type=float, default=5.0, help="of each turn under load")
    add("--quick", action="store_true", help=f"instead: {QUICK}")
    add("--checkpoints", type=Path, default=Path("models/checkpoints"))
    add("--portal-python", type=Path, default=Path(sys.executable), help="serves the portal")
    add("--output", type=Path, default=None, help="where a whole run is written, as Markdown")
    options = parser.parse_args(arguments)
    if options.quick:
        vars(options).update(QUICK)
    options.whole = not options.quick and set(options.parts) == set(parts)
    return options
