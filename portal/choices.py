"""What a reader may choose in an address: ``?point=...``, ``?sort=...``."""

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
