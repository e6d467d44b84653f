"""Names of files: bytes on disk, and not always text."""


def is_text(name: str) -> bool:
    """Whether a name can be written as UTF-8; one from an old archive may not."""
    return as_text(name) == name


def as_text(name: str) -> str:
    r"""A name that can be written: bytes that are not UTF-8 become ``\udc..``."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
