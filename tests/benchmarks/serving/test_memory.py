import subprocess
import sys

from benchmarks.serving.memory import resident

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
