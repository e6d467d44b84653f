import subprocess
import sys

from benchmarks.serving.memory import aim, resident
from models.catalogue import model_keys

HOLD = "import sys; held = bytearray(b'x' * {size}); print(flush=True); sys.stdin.read()"
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"


def test_the_memory_of_children_counts() -> None:
    def held(size: int) -> int:
        command = [sys.executable, "-c", PARENT, HOLD.format(size=size)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            found = resident(process.pid)
            process.communicate()
        return found

    assert 90 * 2**20 < held(100 * 2**20) - held(0) < 110 * 2**20


def test_the_bound_is_for_all_models() -> None:
    every = len(model_keys())
    assert aim(every, 0.59, "int8").met
    assert not aim(every, 0.61, "int8").met
    fewer = aim(every - 1, 0.59, "int8")
    assert not fewer.met
    assert fewer.shown == f"0.59 with {every - 1}, as others refuse"
