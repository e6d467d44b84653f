"""Errors of a full machine, told apart from those that a file causes."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import cv2

from models.decoded import NoRoomToRead

_OF_OPENCV = f"({cv2.Error.STS_NO_MEM}:"  # begins the words of its error
_NO_MEMORY = "no memory left"
_NO_FILES = "no more files that may be opened"
_LACKS: Mapping[int | None, str] = MappingProxyType(
    {
        errno.ENOMEM: _NO_MEMORY,
        errno.EMFILE: _NO_FILES,
        errno.ENFILE: _NO_FILES,
        errno.EAGAIN: "no more processes that may be started",
    }
)


def require_room(error: Exception) -> None:
    """Let pass what may be a file's fault.

    A library may have made another error of the machine's, so those that led to it count too.

    Args:
        error: that ended the reading of a file.

    Raises:
        NoRoomToRead: the machine lacked something; no text of the error stands in it.
    """
    for cause in _chain(error):
        lack = _lack(cause)
        if lack is not None:
            raise NoRoomToRead(expected="a machine with room to read it", received=lack) from None


@contextmanager
def room_required() -> Iterator[None]:
    """Have a full machine told as such, whatever it interrupts.

    Raises:
        NoRoomToRead: the machine lacked something.
    """
    try:
        yield
    except Exception as error:
        require_room(error)
        raise


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and all that led to it."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _lack(error: BaseException) -> str | None:
    """What the machine lacked, in words; None where it lacked nothing."""
    if isinstance(error, cv2.error):  # its code is kept on the class, which all threads share
        return _NO_MEMORY if _OF_OPENCV in str(error) else None
    if isinstance(error, MemoryError):
        return _NO_MEMORY
    return _LACKS.get(error.errno) if isinstance(error, OSError) else None
