"""A request whose files stay in memory while the form is read."""

from io import BytesIO
from typing import IO, Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from portal.errors import UnreadableForm

_WITHOUT_FILES = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100  # of such a form; each takes fifty times as much memory as its bytes


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
            UnreadableForm: it is cut short, or written in another way than it says.
            RequestEntityTooLarge: it has too many fields.
        """
        if mimetype == _WITHOUT_FILES:
            stream = _of_few_fields(stream)
        try:
            return super().parse(stream, mimetype, content_length, options)
        except ValueError:
            raise UnreadableForm(
                expected="a whole form, its names in UTF-8",
                received="one that is cut short or written in another way",
            ) from None


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

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def _of_few_fields(stream: IO[bytes]) -> IO[bytes]:
    body = stream.read()
    if body.count(b"&") >= _MOST_FIELDS:
        raise RequestEntityTooLarge
    return BytesIO(body)
