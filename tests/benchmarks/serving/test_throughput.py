import time
from functools import partial
from pathlib import Path

from benchmarks.serving import peers
from benchmarks.serving.ratios import spread
from benchmarks.serving.throughput import _aims, _loaded, _row
from benchmarks.serving.uploads import NoVerdict
from tests.benchmarks.serving.plans import small_plan


def refuse() -> None:
    raise NoVerdict(expected="status 200", received="503")


def test_verdicts_are_counted_against_bare_passes_of_the_same_round(tmp_path: Path) -> None:
    plan = small_plan(tmp_path, repeats=2, seconds=0.3)
    asks = {peers.OURS: partial(time.sleep, 0.05)}
    loads, rates = _loaded(plan, asks, lambda: 0.1, 2)
    assert len(loads[peers.OURS]) == len(rates[peers.BARE]) == 2
    name, clients, _, p50, *_, refused, share = _row(peers.OURS, 2, loads[peers.OURS], rates)
    assert (name, clients, refused) == (peers.OURS, "2", "0")
    assert float(p50) >= 50
    assert share == str(spread(rates[peers.OURS] / 0.1))
    rate, tail = _aims(loads[peers.OURS], rates)
    assert rate.measured > 0.9
    assert rate.met
    assert tail.measured >= 1


def test_who_gives_no_verdict_reaches_nothing(tmp_path: Path) -> None:
    loads, rates = _loaded(small_plan(tmp_path), {peers.OURS: refuse}, lambda: 0.1, 2)
    row = _row(peers.OURS, 2, loads[peers.OURS], rates)
    assert row[3] == "nan"
    assert int(row[6]) > 0
    assert not any(aim.met for aim in _aims(loads[peers.OURS], rates))
