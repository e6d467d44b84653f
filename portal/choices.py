"""What a reader may choose in an address: ``?point=...``, ``?sort=...``, ``?threshold=...``."""

import re

from portal.errors import PortalError

_LONGEST = 40  # characters of a wrong choice that are shown again


class UnknownChoice(PortalError):
    title = "This page has no such choice"
    action = "Take one of the choices on the page. It is shown as it is at first."


def chosen(name: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    """The choice that an address makes, or None where it makes none.

    Args:
        name: of the choice: "point".
        value: what the address says; None or empty where it says nothing.
        allowed: what may be chosen.

    Raises:
        UnknownChoice: ``value`` is none of those allowed.
    """
    if not value:
        return None
    if value not in allowed:
        raise UnknownChoice(
            expected=f"{name} to be one of {', '.join(allowed)}", received=repr(value[:_LONGEST])
        )
    return value


def chosen_number(name: str, value: str | None, low: float, high: float) -> float | None:
    """The number that an address gives, or None where it gives none.

    Args:
        name: of the number: "threshold".
        value: what the address says; None or empty where it says nothing.
        low: the smallest that is allowed; its decimals are as many as may be given.
        high: the largest.

    Raises:
        UnknownChoice: ``value`` is no such number.
    """
    if not value:
        return None
    places = len(str(low).partition(".")[2])
    plain = re.fullmatch(rf"0?\.[0-9]{{1,{places}}}", value)
    if not plain or not low <= float(value) <= high:
        raise UnknownChoice(
            expected=f"{name} to be a number from {low} to {high} with at most {places} decimals",
            received=repr(value[:_LONGEST]),
        )
    return float(value)
