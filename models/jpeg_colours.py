"""Which colours a JPEG frame holds, told by its header."""

import io

from PIL.JpegImagePlugin import JpegImageFile, get_sampling

_NOT_HALVED = (0, -1)  # 4:4:4, and what is no colour image of a usual kind


def are_halved(data: bytes) -> bool:
    """Whether colour is stored for every second pixel, which no one does to red, green and blue.

    Args:
        data: a JPEG image; of one that cannot be read nothing is known, so that it is not.
    """
    try:
        with JpegImageFile(io.BytesIO(data)) as image:
            return get_sampling(image) not in _NOT_HALVED
    except (OSError, SyntaxError, ValueError):
        return False
