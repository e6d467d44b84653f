"""The parts of a form with files, none of which has a long head.

Werkzeug reads a head, in which a part's names stand, at a second for each megabyte.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import IO

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser
from werkzeug.sansio.multipart import (
    BLANK_LINE_RE,
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
    State,
)

from portal.errors import UnreadableForm

_LONGEST_HEAD = 8 * 1024  # bytes


class TooManyParts(RequestEntityTooLarge):
    """A form of more fields and files than any page sends, however small they are."""


class ShortHeadParser(MultiPartParser):
    """Werkzeug's parser, whose own decoder cannot be replaced by another one."""

    def parse(
        self, stream: IO[bytes], boundary: bytes, content_length: int | None
    ) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
        """The fields and the files of a form.

        Raises:
            ClientDisconnected: it ends before the length that was announced.
            ValueError: it is cut short, or no form.
            UnreadableForm: the head of a part is too long, or gives it no name.
            TooManyParts: it has too many.
        """
        decoder = _ShortHeadDecoder(
            boundary, self.max_form_memory_size, max_parts=self.max_form_parts
        )
        fields: list[tuple[str, str]] = []
        files: list[tuple[str, FileStorage]] = []
        chunks = _chunks(stream, self.buffer_size, content_length)
        for part, content in _parts(_events(decoder, chunks)):
            if isinstance(part, File):
                file = FileStorage(content, part.filename, part.name, headers=part.headers)
                files.append((part.name, file))
            else:
                charset = self.get_part_charset(part.headers)
                fields.append((part.name, content.read().decode(charset, "replace")))
        return self.cls(fields), self.cls(files)


class _ShortHeadDecoder(MultipartDecoder):
    def next_event(self) -> Event:
        if (
            self.state is State.PART
            and len(self.buffer) > _LONGEST_HEAD
            and not BLANK_LINE_RE.search(self.buffer, 0, _LONGEST_HEAD)
        ):
            raise UnreadableForm(
                expected=f"a form whose names take at most {_LONGEST_HEAD // 1024} KiB each",
                received="a longer one",
            )
        try:
            event = super().next_event()
        except RequestEntityTooLarge:  # this method has no other reason
            raise TooManyParts from None
        if isinstance(event, Field | File) and not event.name:  # Werkzeug says None for none
            raise UnreadableForm(
                expected="a form whose parts have names",
                received="a part without one",
                action="Send each field, and the image, under its name.",
            )
        return event


def _chunks(stream: IO[bytes], size: int, length: int | None) -> Iterator[bytes]:
    left = length or 0  # bytes; 0 where the request does not say
    while chunk := stream.read(size):
        left -= len(chunk)
        yield chunk
    if left > 0:
        raise ClientDisconnected


def _events(decoder: MultipartDecoder, chunks: Iterator[bytes]) -> Iterator[Event]:
    while not decoder.complete:
        decoder.receive_data(next(chunks, None))
        while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
            yield event


def _parts(events: Iterator[Event]) -> Iterator[tuple[Field | File, BytesIO]]:
    """Each part with its content, which stays in memory."""
    for event in events:
        if isinstance(event, Field | File):
            part, content = event, BytesIO()
        elif isinstance(event, Data):
            content.write(event.data)
            if not event.more_data:
                content.seek(0)
                yield part, content
