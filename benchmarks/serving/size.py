"""What serving takes on the disk: its packages and the checkpoints."""

import subprocess
import sys
from pathlib import Path

from benchmarks.serving.aims import Aim
from benchmarks.serving.plan import Plan
from benchmarks.serving.table import Table

MEGABYTE = 1_000_000
AIM = 900  # MB


def measure(plan: Plan) -> tuple[list[Table], list[Aim]]:
    """A table, and the aim where the portal has an environment of its own."""
    prefix = _prefix(plan.portal_python)
    heads = ("part", "MB")
    checkpoints = allocated(plan.checkpoints) / MEGABYTE
    if prefix == Path(sys.prefix):
        reason = "left out: no environment of the portal alone; see --portal-python"
        return [Table(title="Installed size", heads=heads, rows=(("packages", reason),))], []
    packages = allocated(prefix) / MEGABYTE
    total = packages + checkpoints
    rows = (
        ("packages", f"{packages:.0f}"),
        ("checkpoints", f"{checkpoints:.0f}"),
        ("together", f"{total:.0f}"),
    )
    aim = Aim(what="installed size, MB", measured=total, bound=AIM, shown=f"{total:.0f}")
    return [Table(title="Installed size", heads=heads, rows=rows)], [aim]


def allocated(folder: Path) -> int:
    """Bytes on the disk of all files below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_blocks * 512 for path in files)


def _prefix(python: Path) -> Path:
    """The environment of an interpreter."""
    command = [str(python), "-c", "import sys; print(sys.prefix)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 -- chosen by the caller
    return Path(done.stdout.strip())
