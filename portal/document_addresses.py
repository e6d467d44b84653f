"""Where the portal shows the documents that lie in ``docs``."""

from collections.abc import Mapping
from types import MappingProxyType

NAMES = (
    "intended-use",
    "privacy",
    "threat-model",
    "method",
    "tried",
    "data-sets",
    "dicom",
    "result",
    "scoring",
    "deployment",
)
"""The documents with a page below ``/about``, as they are called in their folder."""

ADDRESSES: Mapping[str, str] = MappingProxyType(
    {
        "api.md": "/api",
        "report.md": "/study/report",
        **{f"{name}.md": f"/about/{name}" for name in NAMES},
    }
)
"""File of a document -> its page."""
