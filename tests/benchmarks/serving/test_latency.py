import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks.serving import peers
from benchmarks.serving.contestants import Ask, Passes, check_same
from benchmarks.serving.errors import BenchmarkRefused
from benchmarks.serving.images import tensor, upload
from benchmarks.serving.latency import compared
from benchmarks.serving.passes import Pass
from benchmarks.serving.uploads import Probabilities
from models.catalogue import cohorts
from tests.benchmarks.serving.plans import small_plan

COHORT = cohorts()[2]


def slow(seconds: float, probability: float = 0.5) -> Ask:
    """Three models behind a name that begins with compare, else one."""

    def ask(name: str, image: bytes) -> Probabilities:
        assert image.startswith(b"\x89PNG")
        time.sleep(seconds)
        return (probability,) * (3 if name.startswith("compare") else 1)

    return ask


def test_each_page_has_a_table_and_each_model_an_aim(tmp_path: Path) -> None:
    asks = {peers.OURS: slow(0.05), peers.BARE: slow(0.001), peers.PLAIN: slow(0.4)}
    tables, aims = compared(small_plan(tmp_path), asks)
    slugs = [*(key.slug for key in COHORT.keys), COHORT.slug]
    assert [table.title.split(": ")[1] for table in tables] == slugs
    assert [aim.met for aim in aims] == [False, False, False, True]


def test_ours_is_one_in_the_ratios_and_who_is_absent_is_named(tmp_path: Path) -> None:
    tables, aims = compared(small_plan(tmp_path), {peers.OURS: slow(0.001)})
    assert aims == []
    for table in tables:
        ours, *others = table.rows
        assert ours[3:] == ("1.00 (1.00-1.00)", "1.00 (1.00-1.00)")
        assert [row[0] for row in others] == list(peers.NEEDS)
        assert all(row[1].startswith("left out") for row in others)


def test_different_answers_are_not_timed(tmp_path: Path) -> None:
    asks = {peers.OURS: slow(0, 0.5), peers.PLAIN: slow(0, 0.6)}
    with pytest.raises(BenchmarkRefused, match="from plain portal"):
        compared(small_plan(tmp_path), asks)


@pytest.mark.parametrize(
    ("second", "tolerance", "same"),
    [((0.5, 0.301), 0.01, True), ((0.5, 0.32), 0.01, False), ((0.5,), 0.01, False)],
)
def test_answers_are_the_same_within_a_tolerance(
    second: Probabilities, tolerance: float, same: bool
) -> None:
    answers = {"first": (0.5, 0.3), "second": second}
    if same:
        check_same(answers, tolerance)
    else:
        with pytest.raises(BenchmarkRefused):
            check_same(answers, tolerance)


def test_bare_passes_of_a_cohort_follow_each_other() -> None:
    seen: list[str] = []

    def one(name: str) -> Pass:
        def run(batch: np.ndarray) -> float:
            assert batch.shape == (1, 224, 224, 3)
            seen.append(name)
            return float(len(seen))

        return run

    passes = Passes(
        by_model={name: one(name) for name in "ab"},
        names={"both": ("a", "b"), "b": ("b",)},
        prepared=tensor(upload(COHORT.modality), COHORT.modality),
    )
    assert passes("both", b"") == (1.0, 2.0)
    assert passes("b", b"") == (3.0,)
    assert seen == ["a", "b", "b"]
