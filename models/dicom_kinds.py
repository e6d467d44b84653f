"""What a DICOM file is by its SOP Class UID (0008,0016), and whether that is an image to read."""

from pydicom.dataset import Dataset

from models.decoded import NoPixels, OtherModality, SecondaryCapture

_STORAGE = "1.2.840.10008.5.1.4.1.1"
_SECONDARY_CAPTURE = f"{_STORAGE}.7"
_WITHOUT_IMAGE = (  # beginning of the UID, what it is
    ("1.2.840.10008.1.3.10", "a list of files (DICOMDIR)"),
    (f"{_STORAGE}.104", "a document (PDF, CDA or model) in a DICOM file"),
    (f"{_STORAGE}.88", "a structured report"),
    (f"{_STORAGE}.11", "a presentation state: how to show an image that is another file"),
    (f"{_STORAGE}.9", "a waveform"),
    (f"{_STORAGE}.66", "measurements or marks on images that are other files"),
    (f"{_STORAGE}.481", "a radiotherapy plan"),
)
_MODALITIES = {  # the usual values of Modality (0008,0060); others are not repeated to a reader
    "CR": "computed radiography",
    "CT": "computed tomography",
    "DX": "digital radiography",
    "ES": "endoscopy",
    "GM": "general microscopy",
    "IO": "intra-oral radiography",
    "MG": "mammography",
    "MR": "magnetic resonance",
    "NM": "nuclear medicine",
    "OP": "ophthalmic photography",
    "OT": "other",
    "PT": "positron emission tomography",
    "RF": "radiofluoroscopy",
    "RTDOSE": "radiotherapy dose",
    "RTIMAGE": "radiotherapy image",
    "SC": "secondary capture",
    "SEG": "segmentation",
    "SM": "slide microscopy",
    "US": "ultrasound",
    "XA": "X-ray angiography",
    "XC": "photography",
}


def require_image(elements: Dataset) -> None:
    """Refuse what holds no image, and copies of a screen.

    Raises:
        SecondaryCapture: made by a program, from a screen, a film or another file.
        NoPixels: any kind without pixels.
    """
    kind = str(elements.get("SOPClassUID", ""))
    if _is_below(kind, _SECONDARY_CAPTURE):
        raise SecondaryCapture(
            expected="an image from a scanner", received="a screenshot or a converted copy"
        )
    if any(keyword in elements for keyword in ("PixelData", "FloatPixelData")):
        return
    if "DoubleFloatPixelData" not in elements:
        raise NoPixels(expected="a DICOM file with an image", received=_described(kind))


def require_modality(elements: Dataset, wanted: str | None) -> None:
    """Refuse an image that says it is of another modality; None wants none.

    Raises:
        OtherModality: the file says another, or none.
    """
    found = str(elements.get("Modality") or "").strip()
    if wanted is not None and found != wanted:
        received = _named(found) if found else "a file that does not say its modality"
        raise OtherModality(expected=_named(wanted), received=received)


def _described(kind: str) -> str:
    for root, words in _WITHOUT_IMAGE:
        if _is_below(kind, root):
            return words
    return "a file without pixels"


def _is_below(kind: str, root: str) -> bool:
    return kind == root or kind.startswith(f"{root}.")


def _named(modality: str) -> str:
    if modality in _MODALITIES:
        return f"a file that says {modality} ({_MODALITIES[modality]})"
    return "a file that says another modality"
