"""Which colours a JPEG or JPEG 2000 frame holds, told by its header."""

import io

from PIL.JpegImagePlugin import JpegImageFile, get_sampling

_NOT_HALVED = (0, -1)  # 4:4:4, and what is no colour image of a usual kind
_CODING_STYLE, _START_OF_TILE = b"\xff\x52", b"\xff\x90"  # of JPEG 2000
_YCBCR = 1  # transform of Adobe's application segment, ITU-T T.872, 6.5.3; 0 is RGB


def ybr_of(data: bytes) -> str | None:
    """The Photometric Interpretation (0028,0004) of a frame that cannot hold RGB.

    Args:
        data: a JPEG image.

    Returns:
        YBR_FULL_422 where colour is stored for every second pixel, which no one does to red, green
        and blue; YBR_FULL where it is a JFIF file, or Adobe's segment says so; None where all leave
        it open, or the image cannot be read.
    """
    try:
        with JpegImageFile(io.BytesIO(data)) as image:
            if get_sampling(image) not in _NOT_HALVED:
                return "YBR_FULL_422"
            is_said = "jfif" in image.info or image.info.get("adobe_transform") == _YCBCR
            return "YBR_FULL" if is_said and len(image.layer) == 3 else None
    except (OSError, SyntaxError, ValueError):
        return None


def is_named_rgb(data: bytes) -> bool:
    """Whether a JPEG image calls its components R, G and B and is no JFIF file, which holds YBR."""
    try:
        with JpegImageFile(io.BytesIO(data)) as image:
            names = bytes(component for component, *_ in image.layer)
            return names in (b"RGB", b"rgb") and "jfif" not in image.info
    except (OSError, SyntaxError, ValueError):
        return False


def transformed_to(data: bytes) -> str | None:
    """The Photometric Interpretation of a JPEG 2000 frame that decoding turns into RGB.

    Args:
        data: a codestream.

    Returns:
        YBR_RCT or YBR_ICT, as its wavelet is reversible or not; None where it says that its
        components stay what they are, or cannot be read.

    Source: ITU-T T.800, A.6.1, the multiple component transformation of the coding style.
    """
    place = 2  # behind the start of the codestream
    while place + 14 <= len(data):
        marker = data[place : place + 2]
        if marker == _CODING_STYLE:
            is_transformed, is_reversible = data[place + 8] == 1, data[place + 13] == 1
            return ("YBR_RCT" if is_reversible else "YBR_ICT") if is_transformed else None
        if marker[:1] != b"\xff" or marker == _START_OF_TILE:
            break
        place += 2 + max(2, int.from_bytes(data[place + 2 : place + 4]))
    return None
