"""Wishes: what a reader asks for beside a verdict."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, Self, get_args

from portal.errors import FieldRefused, NoImageSent, UnknownField
from portal.file_manager import FIELD
from portal.square import Square

NUMBER = "[1-9][0-9]{0,8}"
"""The form of a field's whole number from 1 on; longer ones have no meaning here."""

TICKED = "yes"
"""What a ticked box sends; one that is not ticked sends nothing."""

PLACE = f"0|{NUMBER}"
"""The same from 0 on."""

Place = Annotated[int, PLACE]
"""Pixels from the edge of an image."""

Extent = Literal["square", "whole", "sweep"]
"""How much of an image is analysed: a square of it, all of it at once, or square by square."""

_LONGEST = 60  # characters of an unknown field's name that are said again
PAGE_ONLY = frozenset({"read_first"})
"""Wishes that mean nothing to a program."""

AnswerAs = Literal["dicom-sr", "dicom-sc"]
"""Kinds of file that an answer may be: a DICOM Structured Report, a DICOM Secondary Capture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The fields of an upload form beside its file; each has the name it has there."""

    read_first: bool = False  # the reader records a reading before the verdict is shown
    anyway: bool = False  # an answer, whatever the gate finds
    frame: int | None = None  # which one of a file of several, counted from 1
    explain: bool = False  # a heat-map of where the features lie that spoke for the verdict
    extent: Extent | None = None  # None: a square where one is given, else as the image is
    left: Place | None = None  # of the square, pixels
    top: Place | None = None  # of the square, pixels
    side: int | None = None  # of the square, or of each square of a sweep, pixels
    answer: AnswerAs | None = None  # the answer is such a file in place of a page or a document

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> Self:
        """The wishes of a sent form.

        Raises:
            NoImageSent: the image's field holds text.
            UnknownField: the form has a field that nothing here would heed.
            FieldRefused: a field holds something else than it is for.
        """
        if FIELD in sent:
            raise NoImageSent(expected=f"a file in the field '{FIELD}'", received="text in it")
        known = [item.name for item in fields(cls)]
        for name in sent:
            if name not in known:
                raise unknown_field(name, known)
        wishes = cls(
            read_first=_ticked(sent, "read_first"),
            anyway=_ticked(sent, "anyway"),
            frame=_number("frame", sent),
            explain=_ticked(sent, "explain"),
            extent=_one_of("extent", sent, Extent),
            left=_number("left", sent, PLACE),
            top=_number("top", sent, PLACE),
            side=_number("side", sent),
            answer=_one_of("answer", sent, AnswerAs),
        )
        wishes._require_whole_square()
        wishes._refuse_filed_map()
        return wishes

    @property
    def square(self) -> Square | None:
        """The square that is to be analysed; None where it is not a square."""
        return None if self.extent in {"whole", "sweep"} else self.placed

    @property
    def placed(self) -> Square | None:
        """The square of the form, whatever is to be analysed; None where it is not whole."""
        if self.left is None or self.top is None or self.side is None:
            return None
        return Square(left=self.left, top=self.top, side=self.side)

    def _require_whole_square(self) -> None:
        given = [value is not None for value in (self.left, self.top, self.side)]
        wanted = self.extent == "square" or (self.extent is None and any(given))
        if wanted and not all(given):
            raise part_of_a_square(sum(given))

    def _refuse_filed_map(self) -> None:
        if self.extent == "sweep" and self.answer is not None:
            raise FieldRefused(
                expected="a map on the page, or one verdict as a DICOM file",
                received="the wish for both",
                action="Ask for the map without a DICOM file, or for one square of the image.",
            )


def unknown_field(name: str, known: Sequence[str]) -> UnknownField:
    """The refusal of a field that is none of the known ones beside the image's."""
    return UnknownField(
        expected=f"fields among {', '.join([FIELD, *known])}",
        received=f"the field {name[:_LONGEST]!a}",
    )


def part_of_a_square(count: int) -> FieldRefused:
    """The refusal of a square of which only so many of three fields came."""
    return FieldRefused(
        expected="a square's left, top and side", received=f"{count} of these three"
    )


def _ticked(sent: Mapping[str, str], name: str) -> bool:
    """Whether a box is ticked; it is not where its field is empty or not there."""
    if sent.get(name, "") not in ("", TICKED):
        raise FieldRefused(
            expected=f"'{TICKED}' or nothing in the field '{name}'", received="something else"
        )
    return bool(sent.get(name))


def _one_of(name: str, sent: Mapping[str, str], kinds: Any) -> Any:
    """Which of a ``Literal``'s words a field holds; None where it is empty or not there."""
    text = sent.get(name) or None
    if text is not None and text not in get_args(kinds):
        named = ", ".join(f"'{kind}'" for kind in get_args(kinds))
        raise FieldRefused(
            expected=f"{named} or nothing in the field '{name}'", received="something else"
        )
    return text


def _number(name: str, sent: Mapping[str, str], form: str = NUMBER) -> int | None:
    """A field's whole number of a form; None where it is empty or not there."""
    text = sent.get(name)
    if not text:
        return None
    if not re.fullmatch(form, text):
        least = 1 if form == NUMBER else 0
        raise FieldRefused(
            expected=f"a whole number from {least} to 999999999 in the field '{name}'",
            received="something else",
        )
    return int(text)
