import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.engine import start_engine

ROOT = Path(__file__).resolve().parents[2]


def test_it_says_what_was_started() -> None:
    assert start_engine().startswith("Keras 3.")


@pytest.mark.slow
def test_it_starts_in_silence_and_standard_error_comes_back() -> None:
    script = (
        "import os\n"
        "from pipelines.engine import start_engine\n"
        "print(start_engine())\n"
        "os.write(2, b'afterwards')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Keras 3.")
    assert done.stderr == "afterwards"
