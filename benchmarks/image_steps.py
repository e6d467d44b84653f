"""How long an image takes before the network: ``python -m benchmarks.image_steps``.

Decoding, colour conversion, resize, stain normalisation and equalisation, each apart.
"""

import argparse
import io
import sys
from collections.abc import Callable, Mapping
from functools import partial

import cv2
import numpy as np
from PIL import Image

from benchmarks.serving.aims import Aim, aims_table
from benchmarks.serving.rounds import Turn, in_turns
from benchmarks.serving.table import Table
from models.catalogue import MODALITIES
from models.imaging import decode
from models.preprocessing import CLAHE_CLIP, CLAHE_TILES, MEDIAN_SIDE, SIDE, normalise_stains
from pipelines.phantoms import phantom

SIDES = (256, 1024, 3072)  # pixels of an upload
STAINS = f"stain normalisation (Macenko), {SIDE} pixels"
STAINS_AIM = 10.0  # ms

Step = Callable[[], object]


def measure(rounds: int) -> tuple[list[Table], list[Aim]]:
    """A table for each size of upload, and the aim for the stain normalisation."""
    tables = []
    for side in SIDES:
        found = _measured(_steps(side), rounds)
        tables.append(_table(f"Image steps, {side} x {side} pixels", found))
    found = _measured(_small_steps(), rounds)
    tables.append(_table(f"Image steps, {SIDE} x {SIDE} pixels", found))
    middle = float(np.median(found[STAINS]))
    aim = Aim(what=f"{STAINS}, ms", measured=middle, bound=STAINS_AIM, shown=_shown(found[STAINS]))
    return tables, [aim]


def _measured(steps: Mapping[str, Step], rounds: int) -> Mapping[str, np.ndarray]:
    """Milliseconds of each step, (rounds,)."""
    found = in_turns({name: Turn.timed(step) for name, step in steps.items()}, rounds)
    return {name: 1000 * seconds for name, seconds in found.items()}


def _steps(side: int) -> Mapping[str, Step]:
    """What happens to a whole upload, and all of it as each modality does it."""
    pixels = _picture("histopathology", side)
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    png, jpeg = (_encoded(pixels, form) for form in ("PNG", "JPEG"))
    whole = {
        f"all of {modality.title.lower()}": partial(modality.prepare, _picture(key, side))
        for key, modality in MODALITIES.items()
    }
    size = (min(side, SIDE), min(side, SIDE))
    return {
        "decoding, PNG": partial(decode, png),
        "decoding, JPEG": partial(decode, jpeg),
        "RGB to gray": partial(cv2.cvtColor, pixels, cv2.COLOR_RGB2GRAY),
        "median filter, gray": partial(cv2.medianBlur, gray, MEDIAN_SIDE),
        "resize by area, gray": partial(cv2.resize, gray, size, interpolation=cv2.INTER_AREA),
        "resize by area, RGB": partial(cv2.resize, pixels, size, interpolation=cv2.INTER_AREA),
        **whole,
    }


def _small_steps() -> Mapping[str, Step]:
    """What happens to an image that is resized already."""
    pixels = _picture("histopathology", SIDE)
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    clahe = cv2.createCLAHE(clipLimit=CLAHE_CLIP, tileGridSize=(CLAHE_TILES, CLAHE_TILES))
    return {
        "equalisation (CLAHE)": partial(clahe.apply, gray),
        STAINS: partial(normalise_stains, pixels),
    }


def _picture(modality: str, side: int) -> np.ndarray:
    picture = phantom(modality, 1, 1)
    return np.ascontiguousarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC))


def _encoded(pixels: np.ndarray, form: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format=form)
    return buffer.getvalue()


def _table(title: str, found: Mapping[str, np.ndarray]) -> Table:
    rows = tuple(
        (name, *(f"{np.quantile(values, q):.2f}" for q in (0.5, 0.05, 0.95)))
        for name, values in found.items()
    )
    return Table(title=title, heads=("step", "p50, ms", "p5, ms", "p95, ms"), rows=rows)


def _shown(values: np.ndarray) -> str:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return f"{middle:.2f} ({low:.2f}-{high:.2f})"


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.image_steps")
    parser.add_argument("--rounds", type=int, default=30, help="(default: %(default)s)")
    tables, aims = measure(parser.parse_args(arguments).rounds)
    print("\n\n".join(str(table) for table in (*tables, aims_table(aims))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
