"""What a soak may show and what not: the bounds, and the findings beyond them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np

from benchmarks.soak.record import NONE, Record, Sample

MEBIBYTE = 2**20
RESIDENT = 64  # MiB that may come on top while a worker lives
DESCRIPTORS = 8  # that may come on top while a worker lives, and that may be left in the end
HEALTH = 0.1  # seconds, 99th percentile of /healthz
BACK = 60  # seconds, until a killed worker's successor answers
GOOD = frozenset({200, 400, 413, 415, 422, 503})  # 503: told to come back
FEWEST = 4  # samples of a worker's life

BOUNDS = f"""Bounds: while a worker lives, from the second quarter of its time to the last, at most
{RESIDENT} MiB of memory and {DESCRIPTORS} descriptors more (medians); afterwards no more temporary
files than before, and at most {DESCRIPTORS} descriptors more; 99 of 100 answers of /healthz within
{HEALTH * 1000:.0f} ms; the next worker answers within {BACK} s of the kill; apart from the time
between, every upload has an answer, and none is an error of the server's."""


def findings(record: Record) -> list[str]:
    """What is beyond its bound, each in a sentence."""
    return [*_growth(record), *_left(record), *_answers(record), *_health(record)]


def _growth(record: Record) -> Iterator[str]:
    lives = {
        "the first worker": [each for each in record.samples if each.at < record.killed],
        "the second worker": [each for each in record.samples if each.at > record.back],
    }
    for name, life in lives.items():
        if len(life) < FEWEST:
            yield f"{name} was seen {len(life)} times only: let it run longer"
            continue
        memory = _grown([each.resident for each in life]) / MEBIBYTE
        descriptors = _grown([each.descriptors for each in life])
        if memory > RESIDENT:
            yield f"{name} grew by {memory:.0f} MiB"
        if descriptors > DESCRIPTORS:
            yield f"{name} opened {descriptors:.0f} descriptors more"


def _grown(values: Sequence[int]) -> float:
    """From the second quarter to the last, by medians."""
    quarter = len(values) // 4
    return median(values[-quarter:]) - median(values[quarter : 2 * quarter])


def _left(record: Record) -> Iterator[str]:
    left: Sample | None = record.left
    if left is None:
        yield "the server did not live to its end"
        return
    if left.entries > record.idle.entries:
        yield f"{left.entries - record.idle.entries} temporary files were left behind"
    if left.descriptors > record.idle.descriptors + DESCRIPTORS:
        yield f"{left.descriptors - record.idle.descriptors} descriptors were left open"


def _answers(record: Record) -> Iterator[str]:
    counts = Counter(each.status for each in record.uploads if not record.is_cut(each))
    for status, count in sorted(counts.items()):
        if status == NONE:
            yield f"{count} uploads had no answer"
        elif status not in GOOD:
            yield f"{count} uploads had status {status}"
    if not counts[200]:
        yield "no upload was answered"


def _health(record: Record) -> Iterator[str]:
    if record.back - record.killed > BACK:
        yield f"no worker answered within {BACK} s of the kill"
    times = [each.seconds for each in record.health if not record.is_cut(each)]
    if times and (slow := float(np.percentile(times, 99))) > HEALTH:
        yield f"/healthz took {slow * 1000:.0f} ms (99th percentile)"
    if any(each.status != 200 for each in record.health if not record.is_cut(each)):
        yield "/healthz did not always say 200"
