"""Wishes: what a reader asks for beside a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from portal.choices import chosen
from portal.errors import UnknownField

TICKED = "yes"
"""What a ticked box sends; one that is not ticked sends nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The fields of an upload form beside its file; each has the name it has there."""

    read_first: bool = False  # the reader records a reading before the verdict is shown

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> Self:
        """The wishes of a sent form.

        Raises:
            UnknownField: the form has a field that nothing here would heed.
            UnknownChoice: a field says what it cannot say.
        """
        known = [item.name for item in fields(cls)]
        for name in sent:
            if name not in known:
                raise UnknownField(
                    expected=f"fields among {', '.join(['image', *known])}", received="another one"
                )
        return cls(read_first=_ticked(sent, "read_first"))


def _ticked(sent: Mapping[str, str], name: str) -> bool:
    return chosen(name, sent.get(name), (TICKED,)) is not None
