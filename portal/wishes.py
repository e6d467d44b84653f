"""Wishes: what a reader asks for beside a verdict."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, Self, get_args

from portal.errors import FieldRefused, NoImageSent, UnknownField
from portal.file_manager import FIELD

NUMBER = "[1-9][0-9]{0,8}"
"""The form of a field's whole number from 1 on; longer ones have no meaning here."""

TICKED = "yes"
"""What a ticked box sends; one that is not ticked sends nothing."""

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
                raise UnknownField(
                    expected=f"fields among {', '.join([FIELD, *known])}", received="another one"
                )
        return cls(
            read_first=_ticked(sent, "read_first"),
            anyway=_ticked(sent, "anyway"),
            frame=_number("frame", sent),
            explain=_ticked(sent, "explain"),
            answer=_kind("answer", sent),
        )


def _ticked(sent: Mapping[str, str], name: str) -> bool:
    """Whether a box is ticked; it is not where its field is empty or not there."""
    if sent.get(name, "") not in ("", TICKED):
        raise FieldRefused(
            expected=f"'{TICKED}' or nothing in the field '{name}'", received="something else"
        )
    return bool(sent.get(name))


def _kind(name: str, sent: Mapping[str, str]) -> AnswerAs | None:
    """The kind of file that a field names; None where it is empty or not there."""
    text = sent.get(name)
    kinds = get_args(AnswerAs)
    if text and text not in kinds:
        named = ", ".join(f"'{kind}'" for kind in kinds)
        raise FieldRefused(
            expected=f"{named} or nothing in the field '{name}'", received="something else"
        )
    return next((kind for kind in kinds if kind == text), None)


def _number(name: str, sent: Mapping[str, str]) -> int | None:
    """A field's whole number from 1 on; None where it is empty or not there."""
    text = sent.get(name)
    if not text:
        return None
    if not re.fullmatch(NUMBER, text):
        raise FieldRefused(
            expected=f"a whole number from 1 to 999999999 in the field '{name}'",
            received="something else",
        )
    return int(text)
