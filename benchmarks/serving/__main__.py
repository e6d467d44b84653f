"""``python -m benchmarks.serving`` measures the portal beside what people use instead."""

import sys

from benchmarks.serving.command import main

sys.exit(main(sys.argv[1:]))
