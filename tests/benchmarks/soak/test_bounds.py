from dataclasses import replace

import pytest

from benchmarks.soak.bounds import BACK, MEBIBYTE, findings
from benchmarks.soak.minutes import minutes_table
from benchmarks.soak.record import Answer, Record, Sample

IDLE = Sample(at=0.0, resident=300 * MEBIBYTE, descriptors=20, entries=1)
KILLED = 60.5


@pytest.fixture
def record() -> Record:
    """Two minutes in which all is well."""
    times = [float(second) for second in range(120)]
    return Record(
        idle=IDLE,
        killed=KILLED,
        dead=KILLED + 0.4,
        uploads=[Answer(at=at, seconds=0.2, status=0 if 60 < at < 63 else 200) for at in times],
        health=[Answer(at=at, seconds=0.01, status=0 if 60.5 < at < 63 else 200) for at in times],
        samples=[replace(IDLE, at=at) for at in times],
        left=IDLE,
    )


def change(record: Record, name: str, first: int, last: int, **values: float) -> None:
    """Other values for some of the answers or samples."""
    items = getattr(record, name)
    items[first:last] = [replace(item, **values) for item in items[first:last]]


def test_what_is_in_bounds_is_no_finding(record: Record) -> None:
    assert record.back == 63.01
    assert findings(record) == []


@pytest.mark.parametrize(
    ("name", "first", "last", "values", "words"),
    [
        ("samples", 50, 60, {"resident": 400 * MEBIBYTE}, "the first worker grew by 100 MiB"),
        ("samples", 100, 120, {"resident": 365 * MEBIBYTE}, "the second worker grew by 65 MiB"),
        ("samples", 100, 120, {"descriptors": 29}, "the second worker opened 9 descriptors more"),
        ("samples", 64, 118, {"at": 0.0}, "the second worker was seen 2 times only"),
        ("uploads", 10, 12, {"status": 0}, "2 uploads had no answer"),
        ("uploads", 10, 13, {"status": 500}, "3 uploads had status 500"),
        ("uploads", 0, 120, {"status": 503}, "no upload was answered"),
        ("health", 10, 20, {"seconds": 0.15}, "/healthz took 150 ms (99th percentile)"),
        ("health", 10, 11, {"status": 503}, "/healthz did not always say 200"),
        ("health", 63, 120, {"status": 0}, f"no worker answered within {BACK} s of the kill"),
    ],
)
def test_what_is_beyond_its_bound_is_told(
    record: Record, name: str, first: int, last: int, values: dict[str, float], words: str
) -> None:
    change(record, name, first, last, **values)
    assert any(found.startswith(words) for found in findings(record))


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (replace(IDLE, entries=3), ["2 temporary files were left behind"]),
        (replace(IDLE, descriptors=29), ["9 descriptors were left open"]),
        (None, ["the server did not live to its end"]),
    ],
)
def test_what_is_left_behind_is_told(record: Record, left: Sample | None, words: list[str]) -> None:
    record.left = left
    assert findings(record) == words


def test_a_minute_is_a_row(record: Record) -> None:
    first, second = minutes_table(record).rows
    assert first == ("1", "60", "0", "0", "0", "200", "200", "10", "300", "20", "1")
    assert second[:5] == ("2", "58", "0", "0", "2")
