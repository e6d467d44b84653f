"""Upload: what a form brought, its files and its fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from flask import Request

from portal.client import Client
from portal.file_manager import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One sent form, not yet looked at."""

    files: Files
    fields: Mapping[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=Client)

    @classmethod
    def of(cls, request: Request) -> Self:
        """The form of a request, and who sent it."""
        client = Client(request.environ.get("gunicorn.socket"))
        return cls(files=request.files, fields=request.form, client=client)
