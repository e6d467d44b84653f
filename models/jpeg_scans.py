"""How many scans a JPEG image may have, told by its bytes, before decoding."""

from models.decoded import UnsupportedImage

# A progressive JPEG has about ten, one of other kinds at most four. libjpeg goes through all pixels
# for each of them, also where it holds next to nothing. libtiff allows as many.
MAX_SCANS = 100

_START_OF_SCAN = b"\xff\xda"  # never within compressed pixels: what follows an FF there is 0 or RST


def require_few_scans(data: bytes) -> None:
    """Refuse a JPEG image, whole or as a DICOM frame, that takes minutes to decode.

    Raises:
        UnsupportedImage: its pixels come in more than ``MAX_SCANS``.
    """
    if data.count(_START_OF_SCAN) > MAX_SCANS:
        raise UnsupportedImage(
            expected=f"a JPEG image of at most {MAX_SCANS} scans", received="one of more"
        )
