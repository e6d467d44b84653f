"""Seal: a document that a page carries and that only this portal can have written."""

import hashlib
import time
from collections.abc import Callable

from itsdangerous import BadData, SignatureExpired, TimedSerializer

from portal.clock_skew import SkewTolerantSigner
from portal.errors import ReportRefused
from portal.result import FORMAT, Document

_HOUR = 3600  # seconds in which a report may be saved


class Seal:
    """Signs documents and opens them again, unless they are forged, foreign or old.

    The signature says who wrote a document, it hides nothing; the page shows the same.

    Args:
        key: the secret; portals with the same one open each other's documents.
        clock: seconds since 1970.
    """

    def __init__(self, key: str, *, clock: Callable[[], float] = time.time) -> None:
        class Signer(SkewTolerantSigner):
            def get_timestamp(self) -> int:
                return int(clock())

        # Plain JSON: its bulk is a PNG, which a compression would only try at.
        self._serializer = TimedSerializer(
            key,
            salt=f"result-{FORMAT}",
            signer=Signer,
            signer_kwargs={"digest_method": hashlib.sha256},
        )

    def sealed(self, document: Document) -> str:
        """The signed document: one line of ASCII."""
        return str(self._serializer.dumps(document))

    def opened(self, sealed: str) -> Document:
        """The document of a signed text.

        Raises:
            ReportRefused: the text was not written by this portal, or more than an hour ago.
        """
        try:
            document: Document = self._serializer.loads(sealed, max_age=_HOUR)
        except SignatureExpired as error:
            raise ReportRefused(
                expected="a result that is at most an hour old", received="an older one"
            ) from error
        except BadData as error:
            raise ReportRefused(
                expected="a result that was signed with this portal's present key",
                received="another text",
            ) from error
        return document
