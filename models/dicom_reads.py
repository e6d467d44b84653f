"""Bytes that pydicom reads a header from, and how often it may."""

from io import BytesIO

from models.decoded import ImageTooLarge

# pydicom makes a Python object at every few of them, even of what it skips: all of them take 3
# seconds and 140 MiB. 10,000 frames with ten functional groups each, of known length, need fewer.
MAX_READS = 400_000

SMALLER = "Export the image again with fewer frames, or as PNG or TIFF."
"""What to do about a header that is too large."""

_CHARACTER_SET = (b"\x08\x00\x05\x00", b"\x00\x08\x00\x05")  # (0008,0005), in either byte order
_HEAD = 8  # bytes: the tag of an element and its length, or half of that
_AFTER = 2  # reads after a head: the other half of the length, the value


class Reads:
    """The reads that are left to one file; all its streams share them."""

    def __init__(self) -> None:
        self._left = MAX_READS

    def spend(self, count: int) -> None:
        """Take some of them.

        Raises:
            ImageTooLarge: fewer were left.
        """
        self._left -= count
        self.require()

    def require(self) -> None:
        """Refuse a file that took more than it had.

        Raises:
            ImageTooLarge: it did.
        """
        if self._left < 0:
            raise ImageTooLarge(
                expected=f"a DICOM header that is read in {MAX_READS:,} steps",
                received="a longer one",
                action=SMALLER,
            )


class HeaderBytes(BytesIO):
    """A stream of a file's bytes, every read of which is taken from its `Reads`."""

    def __init__(self, content: bytes, reads: Reads) -> None:
        super().__init__(content)
        self._reads = reads
        self._named = 0  # reads in which the value of a character set may come

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any stream, but a byte of a character set counts as a read: pydicom looks it up.

        Raises:
            ImageTooLarge: no read was left.
        """
        content = super().read(size)
        self._reads.spend(1 + len(content) if self._named else 1)
        if len(content) == _HEAD and content.startswith(_CHARACTER_SET):
            self._named = _AFTER
        elif self._named:
            self._named -= 1
        return content
