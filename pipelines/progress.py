"""How far a walk through a data set is: a bar on a terminal, two lines in a log."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")


def progress(items: Iterable[Item], title: str, unit: str) -> Iterator[Item]:
    """The items, one after another; standard error tells of them.

    Args:
        items: what is gone through.
        title: what is done to them: "Preparing BUSI".
        unit: what one is: "image".
    """
    if sys.stderr.isatty():
        yield from tqdm(items, desc=title, unit=f" {unit}s")
        return
    print(f"{title} ...", file=sys.stderr, flush=True)
    count = 0
    for item in items:
        yield item
        count += 1
    print(f"{title}: {count} {unit}s, done.", file=sys.stderr, flush=True)


def shown(items: Iterable[Item], title: str, unit: str) -> Iterator[Item]:
    """The items, one after another; of the terminal's bar nothing stays, and a log tells nothing.

    Arguments are those of ``progress``, below whose own bar this one may stand.
    """
    if sys.stderr.isatty():
        yield from tqdm(items, desc=title, unit=f" {unit}s", leave=False)
    else:
        yield from items
