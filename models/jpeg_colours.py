"""Which colours a JPEG frame holds, told by its header."""

import io

from PIL.JpegImagePlugin import JpegImageFile, get_sampling

_NOT_HALVED = (0, -1)  # 4:4:4, and what is no colour image of a usual kind
_YCBCR = 1  # transform of Adobe's application segment, ITU-T T.872, 6.5.3; 0 is RGB


def ybr_of(data: bytes) -> str | None:
    """The Photometric Interpretation (0028,0004) of a frame that cannot hold RGB.

    Args:
        data: a JPEG image.

    Returns:
        YBR_FULL_422 where colour is stored for every second pixel, which no one does to red, green
        and blue; YBR_FULL where Adobe's segment says so; None where both leave it open, or the
        image cannot be read.
    """
    try:
        with JpegImageFile(io.BytesIO(data)) as image:
            if get_sampling(image) not in _NOT_HALVED:
                return "YBR_FULL_422"
            is_said = len(image.layer) == 3 and image.info.get("adobe_transform") == _YCBCR
            return "YBR_FULL" if is_said else None
    except (OSError, SyntaxError, ValueError):
        return None
