"""A part of a drawing's width, so that the drawing fits any screen."""


def of_width(share: float) -> str:
    """A share in [0, 1] of the width, as style sheets and SVG write it: ``83.1%``."""
    return f"{100 * share:.1f}%"
