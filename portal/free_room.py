"""How much may still be written below a folder."""

import math
import shutil
from pathlib import Path


def free_room(folder: Path) -> float:
    """Bytes; no end of them on a tmpfs without a limit, which says that it has 0 of 0 bytes.

    Raises:
        OSError: the folder cannot be looked at.
    """
    found = shutil.disk_usage(folder)
    return found.free if found.total else math.inf
