"""What a process and its children write and whom they call, as the kernel sees it: `strace`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_OPENING = "open,openat,openat2,creat,memfd_create,mknod,mknodat,rename,renameat,renameat2"
_LINKING = "link,linkat,symlink,symlinkat"
_WRITING = "write,pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range,splice,mmap"

_CALLING = "connect,sendto,sendmsg"

_OPENED = re.compile(r"^(?:open|creat).*?= \d+<(/.*)>$")
_TO_WRITE = re.compile(r"\b(?:O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)\b|^creat")
_WRITTEN = re.compile(r"^(?:p?writev?2?|pwrite64)\(\d+<(/[^>]*)>.* = [1-9]\d*$")
_COPIED = re.compile(r"^(?:sendfile|splice|copy_file_range)\((.*)\) += [1-9]\d*$")
_MAPPED = re.compile(r"^mmap\(.*PROT_WRITE.*MAP_SHARED\b(?!.*MAP_ANONYMOUS).*<(/[^>]*)>")
_CALLED = re.compile(r"^(?:connect|sendto|sendmsg)\(.*AF_INET6?,.*?\"([0-9a-f.:]+)\"")
_NAMED = re.compile(r"^(?:rename|link|symlink|mknod|memfd_create)\w*\((.*)\) += \d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Paths of files, by what was done to them."""

    opened: frozenset[str]  # so that they could be written
    written: frozenset[str]  # at least one byte
    named: frozenset[str]  # calls that give a file a new name, or make one without
    called: frozenset[str]  # internet addresses, reached or not


def command(folder: Path) -> list[str]:
    """What to put before a command, so that each of its threads leaves its calls in ``folder``."""
    calls = f"{_OPENING},{_LINKING},{_WRITING},{_CALLING}"
    flags = ["-ff", "-y", "-qq", "-s", "0", "--seccomp-bpf", "-e", "signal=none"]
    return ["strace", *flags, "-e", f"trace={calls}", "-o", str(folder / "calls")]


def watched(folder: Path) -> Watched:
    """What the calls of all threads did."""
    opened, written, named, called = set(), set(), set(), set()
    for line in _lines(folder):
        if (found := _OPENED.match(line)) and _TO_WRITE.search(line):
            opened.add(found[1])
        elif found := _WRITTEN.match(line) or _MAPPED.match(line):
            written.add(found[1])
        elif found := _COPIED.match(line) or _NAMED.match(line):
            named.add(line)
        elif found := _CALLED.match(line):
            called.add(found[1])
    return Watched(
        opened=frozenset(opened),
        written=frozenset(written),
        named=frozenset(named),
        called=frozenset(called),
    )


def _lines(folder: Path) -> Iterator[str]:
    for path in folder.glob("calls.*"):
        yield from path.read_text("utf-8", "replace").splitlines()
