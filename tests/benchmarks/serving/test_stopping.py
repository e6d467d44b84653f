import signal
import subprocess
import sys
import time

import psutil

from benchmarks.serving.server import PROJECT
from benchmarks.serving.stopping import orderly_end

RUN = """
import sys, time
from benchmarks.serving.server import started
from benchmarks.serving.stopping import orderly_end
deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
with orderly_end(), started((sys.executable, "-c", deaf), {}, 1, grace=1) as server:
    while not server.log.read_bytes():
        time.sleep(0.01)
    print(server.process.pid, flush=True)
    time.sleep(60)
"""


def test_a_server_is_stopped_even_if_sigterm_comes_twice() -> None:
    command = [sys.executable, "-c", RUN]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        server = psutil.Process(int(process.stdout.readline()))
        process.terminate()
        time.sleep(0.2)  # the server is deaf, so its stopping takes a second
        process.terminate()
        assert process.wait(30) == 128 + signal.SIGTERM
    assert not server.is_running()


def test_what_was_done_on_sigterm_before_is_done_again_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with orderly_end():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
