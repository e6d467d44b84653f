"""A request whose files stay in memory while the form is read."""

from io import BytesIO
from typing import IO

from flask import Request


class UploadRequest(Request):
    """A request that writes no file by itself.

    Werkzeug spools form files over 500 kB into the system's temporary folder; here only
    `FileManager` writes, into its private one. MAX_CONTENT_LENGTH bounds the memory.
    """

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()
