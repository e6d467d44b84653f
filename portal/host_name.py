"""Whether a text names a host, as HOST and TRUSTED_HOSTS must."""

import re
from ipaddress import ip_address

_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"  # the underscore is no part of RFC 1123, but is in use
_NAME = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*(?!\d+\Z){_LABEL}", re.IGNORECASE)


def is_host(text: str) -> bool:
    """Whether it is an IP address or a name (RFC 1123), without scheme, port or brackets.

    A last label of digits alone, as in ``0`` or ``127.1``, is an address in disguise.
    """
    return _is_address(text) or bool(_NAME.fullmatch(text))


def canonical(host: str) -> str:
    """A host as browsers name it: in lower case, an IPv6 address in its shortest form."""
    return str(ip_address(host)) if _is_address(host) else host.lower()


def is_wildcard(host: str) -> bool:
    """Whether it stands for every address of the machine."""
    return _is_address(host) and ip_address(host).is_unspecified


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
