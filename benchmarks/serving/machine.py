"""Where and with what a run was made, so that its numbers can be read later."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.serving.plan import Plan
from benchmarks.serving.server import PROJECT
from benchmarks.serving.table import Table

PACKAGES = (
    "keras",
    "openvino",
    "numpy",
    "opencv-python-headless",
    "pillow",
    "flask",
    "gunicorn",
    "tensorflow-cpu",
    "tensorflow",
    "gradio",
    "onnxruntime",
)

# What decides how fast networks are: vectors, products of 8-bit integers, bfloat16.
INSTRUCTIONS = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")

_LISTING = """
import sys
from importlib.metadata import distributions
found = {item.metadata["Name"].lower().replace("_", "-"): item.version for item in distributions()}
print(", ".join(f"{name} {found[name]}" for name in sys.argv[1:] if name in found))
"""


def machine_table(plan: Plan) -> Table:
    """Machine, versions, commit, date, and what the run measured with."""
    measured = f"{plan.precision}; {plan.rounds} rounds, {plan.repeats} repeats"
    rows = (
        ("date", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("commit", _commit()),
        ("processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("of its instructions", ", ".join(_instructions()) or "unknown"),
        ("memory", f"{_memory() / 2**30:.0f} GiB"),
        ("load before the run", f"{os.getloadavg()[0]:.2f}"),
        ("system", f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"),
        ("packages of the portal", _versions(plan.portal_python)),
        ("packages of the others", _versions(Path(sys.executable))),
        ("measured", f"{measured}, {plan.seconds:g} s under load; synthetic images"),
    )
    return Table(title="Machine", heads=("what", "found"), rows=rows)


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(  # noqa: S603 -- a fixed command
            command, cwd=PROJECT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _processor() -> str:
    return _listed("model name") or platform.processor() or "unknown"


def _instructions() -> tuple[str, ...]:
    found = _listed("flags").split()
    return tuple(name for name in INSTRUCTIONS if name in found)


def _listed(key: str) -> str:
    """What Linux says of the first processor."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text("utf-8").splitlines() if listing.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _versions(python: Path) -> str:
    """Which of the packages an interpreter has."""
    command = [str(python), "-c", _LISTING, *PACKAGES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 -- chosen by the caller
    return done.stdout.strip()
