"""What a request brings, held to what the API's description says: nothing is ignored."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

from flask import Request

from portal.api.documents import Input
from portal.api.errors import NotAForm, RepeatedField, UnknownParameter
from portal.errors import FieldRefused, TooManyImages, UnknownField
from portal.file_manager import FIELD, display_name, only_image
from portal.upload import Upload
from portal.wishes import PAGE_ONLY, Extent, Wishes, part_of_a_square, unknown_field

MEDIA_TYPE = "multipart/form-data"
OF_PROGRAMS: tuple[Extent, ...] = ("square", "whole")
"""How much of an image a program may have analysed."""

OF_VERDICTS = tuple(item.name for item in fields(Wishes) if item.name not in PAGE_ONLY)
"""Wishes that a verdict heeds."""

OF_MAPS = ("anyway", "frame", "side")
"""Wishes that a map heeds."""

OF_A_SQUARE = ("left", "top", "side")
"""Fields that go together."""

_LONGEST = 60  # characters of another media type that are said again


def refuse_parameters(request: Request) -> None:
    """Refuse a request whose address has parameters: no address of the API takes any.

    Raises:
        UnknownParameter: it has.
    """
    if request.query_string:
        raise UnknownParameter(expected="an address without parameters", received="one with some")


def upload_of(request: Request) -> Upload:
    """The form of a request for a verdict. What else its fields hold is the intake's to judge.

    Raises:
        UnknownField: a verdict does not heed a field.
        FieldRefused: a sweep is asked for, a part of a square, or one and the whole image at once.
        Refusal: it is no form of one image, see `_form_of`.
    """
    upload = _form_of(request)
    _require_known(upload, OF_VERDICTS)
    _require_one_extent(upload.fields)
    _require_all_of_a_square(upload.fields)
    return upload


def map_upload_of(request: Request) -> Upload:
    """The form of a request for a map.

    Raises:
        UnknownField: a map does not heed a field.
        Refusal: it is no form of one image, see `_form_of`.
    """
    upload = _form_of(request)
    _require_known(upload, OF_MAPS)
    return replace(upload, fields={**dict(upload.fields.items()), "extent": "sweep"})


def _form_of(request: Request) -> Upload:
    """A form of one file at most, in its own field, and of each other field once.

    Raises:
        NotAForm: the body is of another media type, or compressed as a whole.
        UnknownField: a file stands in another field than the image's.
        RepeatedField: a field stands there twice.
        TooManyImages: the image's does.
    """
    if request.mimetype != MEDIA_TYPE:
        raise NotAForm(
            expected=f"a body of the media type {MEDIA_TYPE}",
            received=request.mimetype[:_LONGEST] or "none",
        )
    coding = request.headers.get("Content-Encoding", "identity")
    if coding != "identity":
        raise NotAForm(expected="a body as it is", received=f"one coded as {coding[:_LONGEST]}")
    for name in request.files:
        if name != FIELD:
            raise UnknownField(
                expected=f"one file, in the field '{FIELD}'",
                received=f"a file in the field '{display_name(name)}'",
            )
    images = request.files.getlist(FIELD)
    if len(images) > 1:
        raise TooManyImages(expected="one image", received=f"{len(images)} files")
    for name, values in request.form.lists():
        if len(values) > 1:
            raise RepeatedField(
                expected="each field once", received=f"'{display_name(name)}' {len(values)} times"
            )
    return Upload.of(request)


def _require_known(upload: Upload, known: Sequence[str]) -> None:
    for name in upload.fields:
        if name not in (FIELD, *known):
            raise unknown_field(name, known)


def _require_one_extent(form: Mapping[str, str]) -> None:
    """A page's form has places also where they are not heeded; what a program sends is heeded."""
    extent = form.get("extent")
    if extent and extent not in OF_PROGRAMS:
        raise FieldRefused(
            expected=f"one of {', '.join(OF_PROGRAMS)} in the field 'extent'",
            received="something else",
        )
    if extent == "whole" and any(form.get(name) for name in OF_A_SQUARE):
        raise FieldRefused(expected="a square or the whole image", received="both")


def _require_all_of_a_square(form: Mapping[str, str]) -> None:
    """Also where one is empty; whether each has a value is the intake's to judge."""
    sent = sum(name in form for name in OF_A_SQUARE)
    if sent not in (0, len(OF_A_SQUARE)):
        raise part_of_a_square(sent)


def input_of(upload: Upload) -> Input:
    """What identifies the image of a form.

    Raises:
        UploadRefused: there is no image.
    """
    stream = only_image(upload.files).stream
    content = stream.read()
    stream.seek(0)  # the intake reads it next
    return Input(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
