"""A request whose files stay in memory while the form is read."""

from io import BytesIO
from typing import IO, Any

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

from portal.errors import UnreadableForm
from portal.form_parts import ShortHeadParser, TooManyParts

MOST_WITHOUT_FILES = 2 * 2**20
"""Bytes of a form without a file, each of which can take eighty of memory.

The largest result that a page can carry, six heat-maps of noise, takes a quarter of it.
"""

_WITHOUT_FILES = "application/x-www-form-urlencoded"
_WITH_FILES = "multipart/form-data"
_MOST_FIELDS = 100  # of a form; without a file each takes fifty times as much memory as its bytes


class UploadFormParser(FormDataParser):
    """Reads forms, and refuses those that Werkzeug would take for empty ones, or for any price."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> Any:
        """The rest of the stream, the fields and the files of a form.

        Raises:
            UnreadableForm: it is cut short, written in another way than it says, has endless
                names, or has no file and is larger than any page's.
            TooManyParts: it has too many fields.
        """
        if mimetype == _WITHOUT_FILES:
            stream = _of_usual_size(stream)
        try:
            if mimetype == _WITH_FILES:
                boundary = (options or {}).get("boundary", "").encode("ascii")
                return stream, *self._parts(stream, boundary, content_length)
            return super().parse(stream, mimetype, content_length, options)
        except ValueError:
            raise UnreadableForm(
                expected="a whole form, its names in UTF-8",
                received="one that is cut short or written in another way",
            ) from None

    def _parts(
        self, stream: IO[bytes], boundary: bytes, content_length: int | None
    ) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
        if not boundary:
            raise ValueError("expected a boundary")
        parser = ShortHeadParser(
            max_form_memory_size=self.max_form_memory_size,
            max_form_parts=_MOST_FIELDS,
            cls=self.cls,
        )
        return parser.parse(stream, boundary, content_length)


class UploadRequest(Request):
    """A request that writes no file by itself.

    Werkzeug spools form files over 500 kB into the system's temporary folder; here only
    `FileManager` writes, into its private one. MAX_CONTENT_LENGTH bounds the memory.
    """

    form_data_parser_class = UploadFormParser

    def make_form_data_parser(self) -> FormDataParser:
        """A parser that says when it cannot read a form."""
        parser = super().make_form_data_parser()
        parser.silent = False
        return parser


def _of_usual_size(stream: IO[bytes]) -> IO[bytes]:
    body = stream.read()
    if len(body) > MOST_WITHOUT_FILES:
        raise UnreadableForm(
            expected=f"a form of at most {MOST_WITHOUT_FILES // 2**20} MiB where it has no file",
            received="a larger one",
        )
    if body.count(b"&") >= _MOST_FIELDS:
        raise TooManyParts
    return BytesIO(body)
