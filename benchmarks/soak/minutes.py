"""A soak as a table, a row for each minute."""

from collections.abc import Sequence

import numpy as np

from benchmarks.serving.table import Table
from benchmarks.soak.bounds import BOUNDS, MEBIBYTE
from benchmarks.soak.record import NONE, Answer, Record

HEADS = (
    "minute",
    "200",
    "503",
    "other",
    "none",
    "p50, ms",
    "p95, ms",
    "/healthz p99, ms",
    "memory, MiB",
    "descriptors",
    "temporary files",
)


def minutes_table(record: Record) -> Table:
    """What was answered by the minute in which it was sent, and the last sample of each."""
    last = max((each.at for each in record.uploads), default=0.0)
    rows = tuple(_row(record, minute) for minute in range(int(last // 60) + 1))
    title = f"Full load, a worker killed after {record.killed:.0f} s"
    return Table(title=title, heads=HEADS, rows=rows, note=BOUNDS)


def _row(record: Record, minute: int) -> tuple[str, ...]:
    uploads = [each for each in record.uploads if each.at // 60 == minute]
    health = [each for each in record.health if each.at // 60 == minute]
    samples = [each for each in record.samples if each.at // 60 == minute]
    statuses = [each.status for each in uploads]
    known = [statuses.count(status) for status in (200, 503, NONE)]
    held = ("", "", "")
    if samples:
        held = (
            f"{samples[-1].resident / MEBIBYTE:.0f}",
            str(samples[-1].descriptors),
            str(samples[-1].entries),
        )
    return (
        str(minute + 1),
        str(known[0]),
        str(known[1]),
        str(len(statuses) - sum(known)),
        str(known[2]),
        _percentile([each for each in uploads if each.status == 200], 50),
        _percentile([each for each in uploads if each.status == 200], 95),
        _percentile(health, 99),
        *held,
    )


def _percentile(answers: Sequence[Answer], share: int) -> str:
    """In milliseconds."""
    if not answers:
        return ""
    return f"{np.percentile([each.seconds for each in answers], share) * 1000:.0f}"
