"""Prepared images, read from disk once and then kept, as far as memory is granted."""

from pathlib import Path

import cv2
import numpy as np

from pipelines.errors import PipelineRefused
from pipelines.run_folder import work_words

MEMORY = 2**30  # bytes; 7,133 images of 224 x 224 x 3


def prepare_command(folder: Path) -> str:
    """The command that prepares the data set of a folder, which is named like it."""
    work = work_words(folder.parent.parent)
    return f"python -m pipelines prepare {folder.name} --data FOLDER{work}"


class DamagedPreparation(PipelineRefused):
    """A file of a prepared data set is gone, or is not what was written."""

    title = "A prepared data set is damaged"

    def __init__(self, file: Path, folder: Path) -> None:
        """``file`` lies in ``folder``, which is named like its data set."""
        super().__init__(
            expected=f"{file} as it was prepared",
            received="a file that cannot be read" if file.exists() else "no such file",
            action=f"Delete {folder} and run `{prepare_command(folder)}` again.",
        )


def read_image(path: Path) -> np.ndarray:
    """A prepared image, ``<data set>/<label>/<file>``: (224, 224, 3) uint8 RGB.

    Raises:
        DamagedPreparation: it is missing or cannot be read.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise DamagedPreparation(path, path.parents[1])
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


class ImageStore:
    """Keeps decoded images until its memory is full; the others are read again every time.

    Decoding costs most of what a training image costs. As every epoch asks for every image, none
    is worth more than another, and none is dropped for another.
    """

    def __init__(self, memory: int = MEMORY) -> None:
        """Keep at most ``memory`` bytes of pixels."""
        self._left = memory
        self._kept: dict[Path, np.ndarray] = {}

    def read(self, path: Path) -> np.ndarray:
        """The image, as ``read_image`` gives it, errors too; it must not be written to."""
        found = self._kept.get(path)
        if found is None:
            found = read_image(path)
            found.flags.writeable = False
            if found.nbytes <= self._left:
                self._left -= found.nbytes
                self._kept[path] = found
        return found
