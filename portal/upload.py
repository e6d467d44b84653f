"""Upload: what a form brought, its files and its fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.file_manager import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One sent form, not yet looked at."""

    files: Files
    fields: Mapping[str, str] = field(default_factory=dict)
