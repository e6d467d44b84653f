"""DICOM files that are refused: what they are not, what they lack, and what was broken in them."""

import io
import random
import struct
import tracemalloc
import zlib
from collections import Counter
from pathlib import Path
from time import perf_counter

import psutil
import pydicom.data
import pytest
from pydicom import uid

from models.decoded import (
    DamagedImage,
    ImageRefused,
    ImageTooLarge,
    ImageTooSmall,
    NoPixels,
    NotAnImage,
    OtherModality,
    SecondaryCapture,
    UnsupportedImage,
)
from models.imaging import decode
from models.wanted import Wanted
from tests.dicoms import MARK, SECONDARY_CAPTURE, dataset, dicom, encapsulate, frames, ramp, written
from tests.fakes import encoded, pixels

EXPLICIT = uid.ExplicitVRLittleEndian


def refusal(data: bytes, kind: type[ImageRefused], wanted: Wanted = Wanted()) -> ImageRefused:  # noqa: B008 -- frozen
    with pytest.raises(ImageRefused) as caught:
        decode(data, wanted)
    assert type(caught.value) is kind
    assert MARK not in str(caught.value)
    # Neither in a traceback, if somebody should log it.
    assert caught.value.__cause__ is None or MARK not in str(caught.value.__cause__)
    return caught.value


class TestKinds:
    @pytest.mark.parametrize(
        ("sop_class", "received"),
        [
            (uid.EncapsulatedPDFStorage, "a document"),
            (uid.EncapsulatedCDAStorage, "a document"),
            (uid.EncapsulatedSTLStorage, "a document"),
            (uid.BasicTextSRStorage, "a structured report"),
            (uid.MammographyCADSRStorage, "a structured report"),
            (uid.KeyObjectSelectionDocumentStorage, "a structured report"),
            (uid.GrayscaleSoftcopyPresentationStateStorage, "a presentation state"),
            (uid.MediaStorageDirectoryStorage, "a list of files"),
            (uid.TwelveLeadECGWaveformStorage, "a waveform"),
            (uid.SpatialRegistrationStorage, "measurements or marks"),
            (uid.RTPlanStorage, "a radiotherapy plan"),
            (uid.UltrasoundImageStorage, "a file without pixels"),
        ],
        ids=lambda value: getattr(value, "name", value),
    )
    def test_what_holds_no_image_is_named(self, sop_class: uid.UID, received: str) -> None:
        made = dataset(ramp(), SOPClassUID=sop_class)
        del made.PixelData
        made.EncapsulatedDocument = b"%PDF-1.7 MARKED"
        assert refusal(written(made), NoPixels).received.startswith(received)

    @pytest.mark.parametrize("ending", ["", ".1", ".2", ".3", ".4"])
    def test_secondary_captures_are_refused(self, ending: str) -> None:
        data = dicom(ramp(), SOPClassUID=SECONDARY_CAPTURE + ending)
        assert "screenshot" in refusal(data, SecondaryCapture).action

    def test_only_the_wanted_modality_is_read(self) -> None:
        data = dicom(ramp(), modality="MG")
        assert decode(data, Wanted(dicom_modality="MG")).notes == decode(data).notes
        why = refusal(data, OtherModality, Wanted(dicom_modality="US"))
        assert why.expected == "a file that says US (ultrasound)"
        assert why.received == "a file that says MG (mammography)"

    @pytest.mark.parametrize(
        ("modality", "received"),
        [
            (MARK, "a file that says another modality"),
            ("", "a file that does not say its modality"),
            (None, "a file that does not say its modality"),
        ],
    )
    def test_the_files_own_words_are_not_repeated(
        self, modality: str | None, received: str
    ) -> None:
        data = dicom(ramp(), Modality=modality)
        why = refusal(data, OtherModality, Wanted(dicom_modality="US"))
        assert why.received == received

    def test_the_modality_comes_before_the_choice_of_a_frame(self) -> None:
        refusal(frames(ramp(), ramp()), OtherModality, Wanted(dicom_modality="MG"))

    def test_other_formats_say_no_modality_and_are_read(self) -> None:
        data = encoded(pixels())
        assert decode(data, Wanted(dicom_modality="US", frame=1)).format == "PNG"

    def test_floating_point_is_refused(self) -> None:
        made = dataset(ramp("<u4", 16), bits=16)
        del made.PixelData
        made.FloatPixelData = bytes(48 * 40 * 4)
        refusal(written(made), UnsupportedImage)


class TestSize:
    def test_too_many_pixels_are_refused_by_the_header(self) -> None:
        data = dicom(ramp(), Rows=65_000, Columns=65_000)
        tracemalloc.start()
        began = perf_counter()
        refusal(data, ImageTooLarge)
        assert perf_counter() - began < 2
        assert tracemalloc.get_traced_memory()[1] < 10 * 2**20
        tracemalloc.stop()

    def test_too_few_pixels(self) -> None:
        refusal(dicom(ramp(width=15)), ImageTooSmall)

    def test_too_many_frames(self) -> None:
        refusal(dicom(ramp(), NumberOfFrames=10_001), ImageTooLarge)

    def test_a_deflate_bomb_is_refused_in_little_memory(self) -> None:
        head = dicom(ramp(), uid.DeflatedExplicitVRLittleEndian)
        meta = head[: 144 + struct.unpack("<I", head[140:144])[0]]
        deflate = zlib.compressobj(1, wbits=-15)
        zeros = bytes(2**24)
        bomb = meta + b"".join(deflate.compress(zeros) for _ in range(20)) + deflate.flush()
        assert len(bomb) < 2 * 2**20
        why = refusal(bomb, ImageTooLarge)
        assert why.expected == "a file of at most 256 MiB when it is inflated"

    def test_a_compressed_bomb_is_refused(self) -> None:
        made = dataset(ramp(), Rows=8000, Columns=8000)
        made.PixelData = encapsulate([struct.pack("<16I", 1, 64, *[0] * 14) + b"\x81\0" * 500])
        made["PixelData"].VR = "OB"
        refusal(written(made, uid.RLELossless), DamagedImage)


class TestBroken:
    @pytest.mark.parametrize("share", [0.2, 0.3, 0.5, 0.7, 0.9, 0.99])
    @pytest.mark.parametrize("syntax", [EXPLICIT, uid.DeflatedExplicitVRLittleEndian])
    def test_files_cut_short(self, share: float, syntax: str) -> None:
        whole = dicom(ramp("<u2", 12, width=128, height=128), syntax, bits=12)
        with pytest.raises(ImageRefused) as caught:
            decode(whole[: int(len(whole) * share)])
        assert type(caught.value) in {DamagedImage, NoPixels}

    def test_a_signature_and_nothing_else(self) -> None:
        refusal(bytes(128) + b"DICM", NoPixels)

    def test_no_signature(self) -> None:
        refusal(dicom(ramp())[132:], NotAnImage)

    @pytest.mark.parametrize(
        "keyword",
        [
            "Rows",
            "Columns",
            "BitsAllocated",
            "BitsStored",
            "SamplesPerPixel",
            "PhotometricInterpretation",
            "PixelRepresentation",
        ],
    )
    def test_what_an_image_must_have(self, keyword: str) -> None:
        refusal(dicom(ramp(), **{keyword: None}), DamagedImage)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"SamplesPerPixel": 3},
            {"SamplesPerPixel": 4},
            {"Rows": 400},
            {"BitsAllocated": 16},
            {"BitsAllocated": 7},
            {"BitsStored": 9, "HighBit": 8},
            {"BitsStored": 0, "HighBit": 0},
            {"PixelRepresentation": 7},
            {"NumberOfFrames": -3},
            {"RescaleSlope": "1e999", "RescaleIntercept": 0},
        ],
        ids=str,
    )
    def test_what_does_not_fit(self, wrong: dict[str, object]) -> None:
        refusal(dicom(ramp(), **wrong), DamagedImage)

    def test_a_length_beyond_the_file(self) -> None:
        data = dicom(ramp())
        for tag in (b"\x10\x00\x10\x00PN", b"\x28\x00\x10\x00US"):
            at = data.index(tag) + len(tag)
            refusal(data[:at] + b"\xff\xff" + data[at + 2 :], NoPixels)

    @pytest.mark.parametrize("depth", [50, 5_000, 200_000])
    def test_sequences_within_sequences(self, depth: int) -> None:
        whole = dicom(ramp())
        at = whole.index(b"\x10\x00\x10\x00PN")
        nest = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
        data = whole[:at] + nest * depth + whole[at:]
        began = perf_counter()
        with pytest.raises(ImageRefused):
            decode(data)
        assert perf_counter() - began < 20

    def test_sequences_that_hold_tables_within_tables(self) -> None:
        whole = dicom(ramp())
        at = whole.index(b"\xe0\x7f\x10\x00")
        nest = b"\x28\x00\x10\x30SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
        with pytest.raises(ImageRefused):
            decode(whole[:at] + nest * 3_000 + whole[at:])

    @pytest.mark.parametrize("content", [b"\0\0", b"\xff\xd8\xff\0", bytes(64), b"\xff" * 64])
    def test_compressed_pixels_that_are_none(self, content: bytes) -> None:
        made = dataset(ramp())
        made.PixelData = encapsulate([content])
        made["PixelData"].VR = "OB"
        refusal(written(made, uid.JPEGLosslessSV1), DamagedImage)

    def test_a_frame_that_kills_its_decoder(self) -> None:
        # GDCM ends its process at this JPEG 2000 frame, cut in the middle of its first header.
        whole = dicom(ramp(), uid.JPEG2000Lossless)
        at = whole.index(b"\xff\x4f\xff\x51") + 20
        refusal(whole[:at] + b"\xff" * 40 + whole[at + 40 :], DamagedImage)

    @pytest.mark.parametrize("syntax", [uid.JPEGLosslessSV1, uid.JPEGLSLossless, uid.RLELossless])
    def test_a_frame_of_another_size_than_the_file_says(self, syntax: str) -> None:
        made = dataset(ramp())
        stream = dicom(ramp(), syntax)
        data = stream.replace(
            struct.pack("<HH2sHH", 0x28, 0x10, b"US", 2, made.Rows),
            struct.pack("<HH2sHH", 0x28, 0x10, b"US", 2, 4 * made.Rows),
        )
        assert data != stream
        refusal(data, DamagedImage)


def mutated(data: bytes, dice: random.Random) -> bytes:
    """The file with a few bytes changed, a piece cut out, doubled, or its end lost."""
    broken = bytearray(data)
    for _ in range(dice.randint(1, 8)):
        value = dice.choice([0, 1, 127, 255, dice.randrange(256)])
        broken[dice.randrange(128, len(broken))] = value
    if dice.random() < 0.3:
        start = dice.randrange(132, len(broken))
        piece = broken[start : start + dice.randint(1, 40)]
        broken[start:start] = piece if dice.random() < 0.5 else b""
        if dice.random() < 0.5:
            del broken[start : start + len(piece)]
    if dice.random() < 0.1:
        del broken[dice.randrange(140, len(broken)) :]
    return bytes(broken)


def outcome(data: bytes, wanted: Wanted) -> str:
    """How a file was answered; anything but an image or a refusal is an error here."""
    try:
        decoded = decode(data, wanted)
    except ImageRefused as why:
        name, words = type(why).__name__, str(why)
    else:
        name, words = "read", " ".join(decoded.notes)
    assert MARK not in words
    return name


def test_any_damage_is_an_image_or_a_refusal() -> None:
    window = {"WindowCenter": 900, "WindowWidth": 1500, "RescaleSlope": 2, "RescaleIntercept": 1}
    seeds = (
        dicom(ramp("<u2", 12, width=20, height=20), bits=12, **window),
        dicom(ramp("<i2", 12, width=20, height=20), uid.ImplicitVRLittleEndian, bits=12),
        dicom(ramp("<u2", 12, width=20, height=20), uid.ExplicitVRBigEndian, bits=12, **window),
        dicom(pixels(size=(20, 20)), uid.DeflatedExplicitVRLittleEndian),
        frames(*[ramp(width=20, height=20)] * 3, **window),
    )
    dice = random.Random(5)
    found = Counter(
        outcome(mutated(dice.choice(seeds), dice), Wanted(frame=dice.choice([None, 1, 2])))
        for _ in range(400)
    )
    assert found["read"] > 40
    assert found["DamagedImage"] > 40


@pytest.mark.parametrize("syntax", [uid.JPEG2000Lossless, uid.JPEGLSLossless])
def test_any_damage_to_compressed_pixels_is_an_image_or_a_refusal(syntax: str) -> None:
    whole = dicom(ramp(width=20, height=20), syntax)
    start = whole.index(b"\xe0\x7f\x10\x00") + 12
    dice = random.Random(7)
    for _ in range(5):
        broken = bytearray(whole)
        for _ in range(6):
            broken[dice.randrange(start, len(broken))] = dice.randrange(256)
        outcome(bytes(broken), Wanted())


def test_every_file_that_pydicom_ships_is_an_image_or_a_refusal() -> None:
    folder = Path(pydicom.data.__file__).parent
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = Counter(
        outcome(path.read_bytes(), Wanted())
        for path in files
        if path.suffix not in {".py", ".pyc", ".txt", ".md", ".json"}
    )
    assert found["read"] > 40
    assert found["SecondaryCapture"] > 20
    assert found["NoPixels"] > 10


def test_a_tiff_that_is_a_dicom_too_is_read_as_dicom() -> None:
    whole = dicom(ramp())
    stream = io.BytesIO(b"II*\0" + whole[4:])
    assert decode(stream.getvalue()).format == "DICOM"


def test_no_process_of_a_decoder_stays() -> None:
    before = set(psutil.Process().children(recursive=True))
    outcome(dicom(ramp(), uid.JPEGLosslessSV1), Wanted())
    assert set(psutil.Process().children(recursive=True)) == before
