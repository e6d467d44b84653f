"""``python -m benchmarks.soak`` keeps the portal at full load and watches it."""

import sys

from benchmarks.soak.command import main

sys.exit(main(sys.argv[1:]))
