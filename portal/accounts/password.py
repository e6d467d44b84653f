"""Passwords: how they are hashed, and which may be chosen."""

from werkzeug.security import check_password_hash, generate_password_hash

LEAST = 12  # characters
MOST = 256  # characters

# One of the equal choices of OWASP's Password Storage Cheat Sheet: 32 MiB, three times over.
# Werkzeug, which is here anyway, computes it with OpenSSL's scrypt: no package is added.
METHOD = "scrypt:32768:8:3"


def hashed(password: str) -> str:
    """What stands in the file of accounts."""
    return generate_password_hash(password, METHOD)


def is_right(password: str, stored: str) -> bool:
    """Whether a password has this hash; takes a tenth of a second, and 32 MiB."""
    return len(password) <= MOST and check_password_hash(stored, password)
