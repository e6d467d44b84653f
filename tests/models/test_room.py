"""A full machine, which is no fault of a file; and faults of files, which are none of a machine."""

import errno
import io
import resource
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import cv2
import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread, uid

from models.decoded import DamagedImage, ImageRefused, NoRoomToRead
from models.dicom_frame import read_frame
from models.imaging import decode
from models.pillow_reader import read_with_pillow
from models.room import require_room
from tests.dicoms import MARK, dicom, ramp
from tests.fakes import png

ROOT = Path(__file__).parents[2]
ROOM = 16 * 2**20  # bytes: for modules and headers, not for the pixels of a large image
ROOM_FOR_PIXELS = 100 * 2**20  # for those of 4000 x 4000, but not for their coefficients too
ROOM_FOR_FOUR = 176 * 2**20  # for the coefficients of three components, but not of four
FULL_OPENCV = "OpenCV(5.0.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate"
BAD_OPENCV = "OpenCV(5.0.0) color.cpp:9: error: (-215:Assertion failed) !_src.empty()"
FULL = (
    (MemoryError(), "no memory left"),
    (OSError(errno.ENOMEM, "words"), "no memory left"),
    (OSError(errno.EMFILE, "words"), "no more files that may be opened"),
    (OSError(errno.ENFILE, "words"), "no more files that may be opened"),
    (BlockingIOError(errno.EAGAIN, "words"), "no more processes that may be started"),
    (cv2.error(FULL_OPENCV), "no memory left"),
)
FAULTS = (
    OSError("broken data stream when reading image file"),
    OSError(errno.EIO, "words"),
    ValueError("words"),
    RecursionError(),
    cv2.error(BAD_OPENCV),
)


@pytest.mark.parametrize(("error", "received"), FULL, ids=repr)
def test_a_full_machine_is_told_with_what_it_lacks(error: Exception, received: str) -> None:
    with pytest.raises(NoRoomToRead) as caught:
        require_room(error)
    assert caught.value.received == received
    assert "words" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("error", FAULTS, ids=repr)
def test_a_fault_of_a_file_passes(error: Exception) -> None:
    require_room(error)


def test_what_a_library_made_of_it_is_seen_through() -> None:
    explicit, implicit = OSError("No tag to read"), ValueError("no item")
    explicit.__cause__, implicit.__context__ = MemoryError(), explicit
    for error in (explicit, implicit):
        with pytest.raises(NoRoomToRead):
            require_room(error)


def test_it_is_no_refusal_of_an_image() -> None:
    # Those are counted, or left out, as images that cannot be read whenever it is tried.
    assert not issubclass(NoRoomToRead, ImageRefused)


@pytest.mark.parametrize(("error", "received"), FULL, ids=repr)
def test_a_picture_is_not_called_damaged_by_a_full_machine(error: Exception, received: str) -> None:
    def full(_file: io.BytesIO) -> NoReturn:
        raise error

    with pytest.raises(NoRoomToRead, match=received):
        read_with_pillow("PNG", full, png())


@pytest.mark.parametrize("error", FAULTS, ids=repr)
def test_a_picture_that_cannot_be_read_is_called_damaged(error: Exception) -> None:
    def broken(_file: io.BytesIO) -> NoReturn:
        raise error

    with pytest.raises(DamagedImage):
        read_with_pillow("PNG", broken, png())


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let this process open none."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_compressed_dicom_file_is_not_called_damaged_where_no_file_may_be_opened() -> None:
    data = dicom(ramp(), uid.RLELossless)
    pixels = decode(data).pixels
    with no_more_files(), pytest.raises(NoRoomToRead, match="no more files") as caught:
        decode(data)
    assert MARK not in str(caught.value)
    np.testing.assert_array_equal(decode(data).pixels, pixels)


ENDS = {
    "the system": ("kill -KILL $$", NoRoomToRead, "no memory left"),
    "its own limit": ("kill -XCPU $$", DamagedImage, "damaged"),
    "a fault": ("exit 1", DamagedImage, "damaged"),
}


@pytest.mark.parametrize("by", ENDS)
def test_a_decoding_that_the_system_ended_is_no_fault_of_the_file(
    by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, kind, received = ENDS[by]
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{words}\n")
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(kind, match=received):
        decode(dicom(ramp(), uid.RLELossless))


def test_a_decoding_that_was_given_no_time_is_no_fault_of_the_file() -> None:
    elements = dcmread(io.BytesIO(dicom(ramp(), uid.RLELossless)))
    with pytest.raises(NoRoomToRead, match=r"none for 0\.0 seconds"):
        read_frame(elements, uid.RLELossless, 0, patience=0.0)


def encoded(file_format: str, mode: str = "RGB", **options: int) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (4000, 4000), 99).save(file, file_format, **options)
    return file.getvalue()


def of_three_scans(gray: bytes) -> bytes:
    """A gray JPEG as one of three components, each in a scan of its own; not progressive."""
    frame, scan = gray.index(b"\xff\xc0"), gray.index(b"\xff\xda")
    components = b"".join(bytes((number, 0x11, 0)) for number in (1, 2, 3))
    size = gray[frame + 4 : frame + 9]
    coded = gray[scan + 10 : -2]
    scans = (b"\xff\xda\0\x08\x01" + bytes((number, 0, 0, 63, 0)) + coded for number in (1, 2, 3))
    head = b"\xff\xc0" + struct.pack(">H", 17) + size + b"\x03" + components
    return gray[:frame] + head + gray[frame + 13 : scan] + b"".join(scans) + gray[-2:]


LARGE = {
    "PNG": lambda: encoded("PNG"),
    "JPEG": lambda: encoded("JPEG"),
    "progressive JPEG": lambda: encoded("JPEG", progressive=1),
    "progressive JPEG of four inks": lambda: encoded("JPEG", "CMYK", progressive=1, subsampling=0),
    "JPEG of several scans": lambda: of_three_scans(encoded("JPEG", "L")),
    "TIFF": lambda: encoded("TIFF"),
    "BMP": lambda: encoded("BMP"),
    "DICOM": lambda: dicom(ramp("<u2", 12, width=4000, height=4000), bits=12),
    "deflated DICOM": lambda: dicom(
        ramp("<u2", 12, width=4000, height=4000), uid.DeflatedExplicitVRLittleEndian, bits=12
    ),
}


ROOMS = {
    "progressive JPEG": ROOM_FOR_PIXELS,
    "progressive JPEG of four inks": ROOM_FOR_FOUR,
    "JPEG of several scans": ROOM_FOR_PIXELS,
}


@pytest.mark.parametrize("name", [name for name in LARGE if "JPEG" in name])
def test_a_jpeg_that_was_cut_short_is_called_damaged(name: str) -> None:
    data = LARGE[name]()
    with pytest.raises(DamagedImage):
        decode(data[: len(data) // 2])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells and bounds address space")
@pytest.mark.parametrize("name", LARGE)
def test_a_sound_file_is_read_again_when_there_is_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(LARGE[name]())
    code = f"""
import resource, sys
from pathlib import Path
from models import dicom_reader, imaging
from models.errors import Refusal
data = Path({str(path)!r}).read_bytes()
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
resource.setrlimit(resource.RLIMIT_AS, (used + {ROOMS.get(name, ROOM)}, hard))
try:
    imaging.decode(data)
except Refusal as refusal:
    print(type(refusal).__name__, refusal.received)
resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
print(imaging.decode(data).width)
"""
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines() == ["NoRoomToRead no memory left", "4000"]
