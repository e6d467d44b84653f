"""Decompress one DICOM frame: a program of its own, which may crash and takes nothing with it.

GDCM ends its process at some damaged frames, and others can keep it busy for long. So it runs
apart, with little memory and time, without a network of ours and unable to write a file.

Standard input: one line of JSON, ``{"syntax": UID, "options": {...}}`` with the options of
``pydicom.pixels.Decoder.as_array``; then the encapsulated frame. Standard output: one line of
JSON, ``{"dtype", "shape", "photometric_interpretation"}``; then the pixels. Exit status 0 means
that all of it is there.
"""

import contextlib
import json
import logging
import os
import resource
import sys
import warnings
from typing import Any

MEMORY = 3 * 2**30  # bytes
SECONDS = 20  # of processor time


def main() -> None:
    """Decode from standard input to standard output."""
    _confine()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # NumPy would reserve memory for every core
    answers = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)  # GDCM writes its complaints there
    os.dup2(silence, 2)
    task, source = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    pixels, found = _decoded(task["syntax"], source, task["options"])
    head = {
        "dtype": pixels.dtype.str,
        "shape": pixels.shape,
        "photometric_interpretation": found["photometric_interpretation"],
    }
    answers.write(json.dumps(head).encode() + b"\n" + pixels.tobytes())
    answers.close()


def _confine() -> None:
    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CORE: 0,  # a core dump would hold pixels
        resource.RLIMIT_FSIZE: 0,  # nothing is written to a disk
    }
    for limit, most in limits.items():
        _limit(limit, most, most)
    # At the first it ends by SIGXCPU; SIGKILL is then what a system without memory sends.
    _limit(resource.RLIMIT_CPU, SECONDS, SECONDS + 1)


def _limit(what: int, soft: int, hard: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS has not all of them
        resource.setrlimit(what, (soft, hard))


def _decoded(syntax: str, source: bytes, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """(pixels, properties) as pydicom gives them; colours come as RGB."""
    from pydicom import uid
    from pydicom.pixels.decoders.base import get_decoder

    warnings.simplefilter("ignore")
    logging.disable()
    if syntax == uid.JPEGExtended12Bit:
        # GDCM reads 8 and 12 bits of either syntax alike; pydicom forbids it 12 of this one.
        syntax = uid.JPEGBaseline8Bit
    return get_decoder(uid.UID(syntax)).as_array(source, index=0, **options)


if __name__ == "__main__":
    main()
