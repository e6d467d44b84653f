"""Files that no camera made: a corpus of malformed ones, and ways to spoil a sound one further."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image
from pydicom import uid

from tests.dicoms import dicom, frames, ramp
from tests.fakes import encoded, pixels

_MAX_SPOILS = 4


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, rows: bytes, *, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG that claims a size, whatever its rows hold."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def tiff(*entries: tuple[int, int, int, int]) -> bytes:
    """A little-endian TIFF of one directory: (tag, type, count, value), with no pixels."""
    lines = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + lines + bytes(4)


def bmp(width: int, height: int, *, bits: int = 24, compression: int = 0) -> bytes:
    """A BMP that claims a size and holds 300 bytes of pixels."""
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 354, 0, 0, 54) + header + bytes(300)


def saved(image: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    """A file that Pillow writes."""
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def _picture(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(pixels(size=(64, 48))).convert(mode)


def _exif(orientation: int, *, kind: int = 3) -> bytes:
    """EXIF data that hold an orientation, as a number (3) or, against the rules, as text (2)."""
    entry = struct.pack("<HHII", 0x0112, kind, 1, orientation)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)


@cache
def sound() -> dict[str, bytes]:
    """Files that are read, one of each kind."""
    gray16 = pixels(size=(64, 48))[:, :, 0].astype(np.uint16) * 257
    return {
        "PNG": saved(_picture(), "PNG"),
        "PNG, 16 bits": encoded(gray16),
        "PNG, palette": saved(_picture().quantize(16), "PNG"),
        "PNG, transparent": saved(_picture("RGBA"), "PNG"),
        "PNG, black and white": saved(_picture("1"), "PNG"),
        "JPEG": saved(_picture(), "JPEG"),
        "JPEG, gray": saved(_picture("L"), "JPEG"),
        "JPEG, CMYK": saved(_picture("CMYK"), "JPEG"),
        "JPEG, progressive": saved(_picture(), "JPEG", progressive=True),
        "JPEG, turned": saved(_picture(), "JPEG", exif=_exif(6)),
        "TIFF": saved(_picture(), "TIFF"),
        "TIFF, 16 bits": encoded(gray16, "TIFF"),
        "TIFF, LZW": saved(_picture(), "TIFF", compression="tiff_lzw"),
        "TIFF, JPEG inside": saved(_picture(), "TIFF", compression="jpeg"),
        "TIFF, floats": saved(_picture("F"), "TIFF"),
        "DICOM": dicom(ramp()),
        "DICOM, 16 bits": dicom(ramp("i2", 12), bits=12),
        "DICOM, colour": dicom(pixels(size=(64, 48))),
        "DICOM, deflated": dicom(ramp(), uid.DeflatedExplicitVRLittleEndian),
        "DICOM, run lengths": dicom(ramp(), uid.RLELossless),
        "DICOM, JPEG 2000": dicom(ramp("u2", 16), uid.JPEG2000Lossless),
        "BMP": saved(_picture(), "BMP"),
        "BMP, palette": saved(_picture().quantize(16), "BMP"),
    }


@cache
def malformed() -> dict[str, bytes]:
    """Files that are no images, or say what is not so."""
    good = sound()
    moving = [Image.fromarray(pixels(seed, (64, 48))) for seed in (1, 2, 3)]
    many = {"save_all": True, "append_images": moving[1:]}
    size = [(256, 4, 1, 64), (257, 4, 1, 48), (258, 3, 1, 8), (262, 3, 1, 1)]
    return {
        **{f"first half of {name}": content[: len(content) // 2] for name, content in good.items()},
        **{f"first bytes of {name}": content[:12] for name, content in good.items()},
        **{f"{name} without its end": content[:-1] for name, content in good.items()},
        "nothing": b"",
        "one byte": b"\x00",
        "signatures only": b"\x89PNG\r\n\x1a\n" + b"\xff\xd8\xff" + b"II*\0" + b"BM",
        "text that begins as BMP": b"BM is how this text begins.\n" * 40,
        "PNG of no size": png(0, 0, b""),
        "PNG of one pixel": png(1, 1, b"\0\0"),
        "PNG of 2^31 by 2^31": png(2**31 - 1, 2**31 - 1, b"\0"),
        "PNG longer than it says": png(32, 32, bytes(33 * 320)),
        "PNG shorter than it says": png(320, 320, bytes(33 * 32)),
        "PNG bomb": png(20_000, 20_000, bytes(2501 * 20_000), depth=1),
        "PNG bomb of one row": png(2**30, 1, bytes(2**20)),
        "PNG of a depth that is none": png(32, 32, bytes(33 * 32), depth=7),
        "PNG of a colour that is none": png(32, 32, bytes(33 * 32), colour=5),
        "PNG of unknown filters": png(32, 32, bytes([9]) * 33 * 32),
        "PNG with a bomb for a comment": good["PNG"][:33]
        + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2**24), 9))
        + good["PNG"][33:],
        "PNG with a broken profile": good["PNG"][:33]
        + chunk(b"iCCP", b"x\0\0" + b"none")
        + good["PNG"][33:],
        "PNG with a wrong checksum": good["PNG"][:29] + b"\0\0\0\0" + good["PNG"][33:],
        "PNG that moves": saved(moving[0], "PNG", **many),
        "JPEG of 65535 by 65535": good["JPEG"].replace(
            b"\0\x30\0\x40\x03", b"\xff\xff\xff\xff\x03", 1
        ),
        "JPEG of comments": b"\xff\xd8" + b"\xff\xfe\xff\xff" + bytes(65533) + good["JPEG"][2:],
        "JPEG with an impossible turn": saved(_picture(), "JPEG", exif=_exif(99)),
        "JPEG with a turn in words": saved(_picture(), "JPEG", exif=_exif(99, kind=2)),
        "JPEG with half an EXIF": saved(_picture(), "JPEG", exif=_exif(6)[:20]),
        "JPEG with EXIF that runs on": saved(_picture(), "JPEG", exif=_exif(6) + b"\xff" * 200),
        "TIFF without a directory": b"II*\0" + struct.pack("<I", 8),
        "TIFF whose directory is elsewhere": b"II*\0" + struct.pack("<I", 2**31),
        "TIFF whose directories circle": b"II*\0" + struct.pack("<IHI", 8, 0, 8),
        "TIFF without pixels": tiff(*size),
        "TIFF of 2^30 by 2^30": tiff((256, 4, 1, 2**30), (257, 4, 1, 2**30), *size[2:]),
        "TIFF of a thousand million strips": tiff(*size, (273, 4, 10**9, 8), (279, 4, 10**9, 8)),
        "TIFF of many channels": tiff(*size, (277, 3, 1, 65535), (273, 4, 1, 8), (279, 4, 1, 9)),
        "TIFF of unknown compression": tiff(*size, (259, 3, 1, 60000), (273, 4, 1, 8)),
        "TIFF of three pages": saved(moving[0], "TIFF", **many),
        "BigTIFF, empty": b"II+\0" + struct.pack("<HHQ", 8, 0, 16) + bytes(8),
        "BMP of no size": bmp(0, 0),
        "BMP of a negative width": bmp(-64, 64),
        "BMP upside down": bmp(10, -10),
        "BMP of 2^31 pixels": bmp(2**31 - 1, 2**31 - 1),
        "BMP of run lengths": bmp(64, 64, bits=8, compression=1),
        "BMP of 64 bits": bmp(64, 64, bits=64),
        "GIF": saved(_picture(), "GIF"),
        "WebP": saved(_picture(), "WEBP"),
        "DICOM of three frames": frames(ramp(), ramp(), ramp()),
        "DICOM of 65535 by 65535": dicom(ramp(), Rows=65535, Columns=65535),
        "DICOM of no channel": dicom(ramp(), SamplesPerPixel=0),
        "DICOM without content": bytes(128) + b"DICM" + bytes(200),
        "ZIP behind a PNG": good["PNG"] + b"PK\x03\x04" + bytes(100),
        "page behind a JPEG": good["JPEG"] + b"<html><script>alert(1)</script></html>",
        "JPEG behind a BMP's letters": b"BM" + good["JPEG"],
        "PDF that is a JPEG too": b"%PDF-1.7\n" + good["JPEG"],
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>',
    }


def _flip(chance: random.Random, content: bytearray) -> None:
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def _cut(chance: random.Random, content: bytearray) -> None:
    del content[chance.randrange(len(content)) :]


def _drop(chance: random.Random, content: bytearray) -> None:
    at = chance.randrange(len(content))
    del content[at : at + chance.randrange(1, 64)]


def _insert(chance: random.Random, content: bytearray) -> None:
    at = chance.randrange(len(content))
    content[at:at] = chance.randbytes(chance.randrange(1, 64))


def _extreme(chance: random.Random, content: bytearray) -> None:
    at = chance.randrange(len(content))
    value = chance.choice([b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\0"])
    content[at : at + len(value)] = value


def _header(chance: random.Random, content: bytearray) -> None:
    content[chance.randrange(min(64, len(content)))] = chance.randrange(256)


_SPOILS: tuple[Callable[[random.Random, bytearray], None], ...] = (
    _flip,
    _cut,
    _drop,
    _insert,
    _extreme,
    _header,
)


def spoiled(chance: random.Random, content: bytes) -> bytes:
    """A file with a few random changes."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, _MAX_SPOILS)):
        if changed:
            chance.choice(_SPOILS)(chance, changed)
    return bytes(changed)
