"""``python -m portal`` serves the portal."""

import sys

from portal.server import main

sys.exit(main())
