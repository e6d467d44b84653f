"""Square: where a reader wants a square, whether or not it lies inside an image."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """In pixels of the whole image, from its upper left corner."""

    left: int
    top: int
    side: int
