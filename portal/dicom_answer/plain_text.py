"""Text as every character set of DICOM has it."""

import unicodedata

_SIGNS = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2019": "'", "\\": "/"})


def plain(text: str) -> str:
    """The text in printable ASCII: the file may be in any character set, its source's."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_SIGNS))
    kept = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    ascii_only = kept.encode("ascii", "replace").decode("ascii")
    return "".join(sign if sign.isprintable() else " " for sign in ascii_only)
