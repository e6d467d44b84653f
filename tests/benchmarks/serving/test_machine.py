from importlib.metadata import version
from pathlib import Path

from benchmarks.serving.machine import INSTRUCTIONS, machine_table
from tests.benchmarks.serving.plans import small_plan


def test_the_portal_s_packages_are_those_of_its_own_interpreter(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho flask 0.1, pillow 0.2\n")
    python.chmod(0o755)
    rows = dict(machine_table(small_plan(tmp_path, portal_python=python)).rows)
    assert rows["packages of the portal"] == "flask 0.1, pillow 0.2"
    others = rows["packages of the others"].split(", ")
    assert f"numpy {version('numpy')}" in others
    assert f"keras {version('keras')}" in others
    assert f"tensorflow-cpu {version('tensorflow-cpu')}" in others
    assert not [name for name in others if name.startswith("flask 0.1")]


def test_known_instructions_of_the_processor_are_told(tmp_path: Path) -> None:
    rows = dict(machine_table(small_plan(tmp_path)).rows)
    told = rows["of its instructions"].split(", ")
    flags = Path("/proc/cpuinfo").read_text("utf-8").split()
    assert told == ([name for name in INSTRUCTIONS if name in flags] or ["unknown"])


def test_a_run_tells_its_plan_and_where_it_was_made(tmp_path: Path) -> None:
    rows = dict(machine_table(small_plan(tmp_path)).rows)
    assert rows["packages of the portal"] == rows["packages of the others"]
    assert rows["measured"].startswith("f32; 2 rounds, 1 repeats, 0.2 s under load")
    assert all(rows.values())
