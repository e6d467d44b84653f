"""DICOM files that are refused: what they are not, what they lack, and what was broken in them."""

import contextlib
import io
import random
import struct
import sys
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
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
from models.dicom_file import MAX_VALUE
from models.dicom_frame import MAX_FRAGMENTS
from models.dicom_reads import MAX_READS
from models.imaging import decode
from models.jpeg_scans import MAX_SCANS
from models.wanted import Wanted
from tests.dicoms import (
    MARK,
    SECONDARY_CAPTURE,
    before,
    dataset,
    deflated,
    dicom,
    element,
    encapsulate,
    frames,
    item,
    ramp,
    understated,
    written,
)
from tests.fakes import encoded, of_scans, pixels
from tests.fuzzing import spoiled

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

    @pytest.mark.parametrize("syntax", [uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit], ids=str)
    def test_a_jpeg_frame_of_too_many_scans_is_refused(self, syntax: uid.UID) -> None:
        made = dataset(ramp())
        whole = encoded(ramp(), "JPEG", progressive=True)
        for count, refused in ((MAX_SCANS, False), (100_000, True)):
            made.PixelData = encapsulate([of_scans(whole, count)])
            made["PixelData"].VR = "OB"
            data = written(made, syntax)
            if refused:
                began = perf_counter()
                assert refusal(data, UnsupportedImage).received == "one of more"
                assert perf_counter() - began < 1
            else:
                assert decode(data).pixels.shape == (40, 48, 3)


PRIVATE = 0x00091010
CHARACTER_SET = 0x00080005
SOP_CLASS = 0x00080016
UNWANTED = 0x00281040  # Pixel Intensity Relationship
TABLES = 0x00283010  # VOI LUT Sequence
EACH_FRAME = 0x52009230  # Per-frame Functional Groups Sequence
WINDOWS = 0x00289132  # Frame VOI LUT Sequence
PIXELS = 0x7FE00010

ITEMS = item(b"") * (MAX_READS // 3 + 1)  # each is read in three steps
ELEMENTS = struct.pack("<HH2sH", 0x0011, 0x0010, b"LO", 0) * (MAX_READS + 1)


class TestHeaders:
    @pytest.mark.parametrize(
        "bomb",
        [
            element(UNWANTED, "SQ", ITEMS, ends=False),
            element(TABLES, "SQ", ITEMS),
            element(EACH_FRAME, "SQ", item(element(WINDOWS, "SQ", ITEMS, ends=False))),
            element(PRIVATE, "UN", item(ELEMENTS), ends=False),
        ],
        ids=["unwanted", "wanted", "nested", "elements"],
    )
    def test_too_many_items_or_elements(self, bomb: bytes) -> None:
        why = refusal(before(PIXELS, bomb, dicom(ramp())), ImageTooLarge)
        assert why.expected == "a DICOM header that is read in 400,000 steps"

    def test_more_items_take_no_longer(self) -> None:
        bomb = element(PRIVATE, "UN", item(b"") * 4_000_000, ends=False)
        data = deflated(before(PIXELS, bomb, dicom(ramp())))
        assert len(data) < 100_000
        began = process_time()
        refusal(data, ImageTooLarge)
        assert process_time() - began < 20  # a minute and a half, if they were read to the end

    def test_too_many_elements_before_the_data_set(self) -> None:
        elements = struct.pack("<HH2sH", 0x0002, 0x0100, b"LO", 0) * (MAX_READS + 1)
        whole = dicom(ramp())
        refusal(whole[:132] + elements + whole[132:], ImageTooLarge)

    @pytest.mark.parametrize("ends", [True, False])
    def test_a_long_sequence_within_another(self, ends: bool) -> None:
        inner = element(WINDOWS, "SQ", bytes(MAX_VALUE + 2))
        bomb = element(EACH_FRAME, "SQ", item(inner), ends=ends)
        why = refusal(before(PIXELS, bomb, dicom(ramp())), ImageTooLarge)
        assert why.expected == "at most 256 KiB in each value beside the pixels"

    def test_a_long_list_of_numbers(self) -> None:
        numbers = b"1\\" * (MAX_VALUE // 2 + 1)
        window = struct.pack("<HHL", 0x0028, 0x1050, len(numbers)) + numbers
        refusal(before(PIXELS, window, dicom(ramp(), uid.ImplicitVRLittleEndian)), ImageTooLarge)

    @pytest.mark.parametrize("kind", ["UC", "UV"])
    def test_pixels_that_say_they_are_text_or_numbers(self, kind: str) -> None:
        whole = dicom(ramp())
        at = whole.index(struct.pack("<HH2s", 0x7FE0, 0x0010, b"OB"))
        refusal(whole[:at] + element(PIXELS, kind, bytes(MAX_VALUE + 8)), ImageTooLarge)

    @pytest.mark.parametrize("ends", [True, False])
    def test_a_long_list_of_character_sets(self, ends: bool) -> None:
        """pydicom looks up each of them, in items that nobody wants too."""
        sets = element(CHARACTER_SET, "UC", b"a\\" * (MAX_READS // 2 + 1))
        if not ends:
            sets = element(PRIVATE, "UN", item(sets), ends=False)
        began = process_time()
        refusal(before(SOP_CLASS, sets, dicom(ramp())), ImageTooLarge)
        assert process_time() - began < 1

    def test_a_long_transfer_syntax(self) -> None:
        whole = dicom(ramp())
        at = whole.index(b"\x02\0\x10\0UI")
        after = at + 8 + whole[at + 6]
        syntax = element(0x00020010, "UC", b"\\" * (MAX_VALUE + 2))
        refusal(whole[:at] + syntax + whole[after:], ImageTooLarge)

    @pytest.mark.parametrize("ends", [True, False])
    def test_too_many_fragments(self, ends: bool) -> None:
        whole = dicom(ramp(), uid.JPEGLSLossless)
        at = whole.index(struct.pack("<HH2s", 0x7FE0, 0x0010, b"OB"))
        fragments = element(PIXELS, "OB", item(b"") * (MAX_FRAGMENTS + 1), ends=ends)
        refusal(whole[:at] + fragments, ImageTooLarge)

    def test_many_functional_groups_are_read(self) -> None:
        count = 10_000
        shown = element(WINDOWS, "SQ", item(_window(70, 40)))
        others = b"".join(
            element(tag, "SQ", item(_window(5, 5)))
            for tag in (0x00209111, 0x00209113, 0x00209116, 0x00289110, 0x00289145)
        )
        groups = item(others + shown) * (count - 1) + item(others)
        made = dataset(np.stack([ramp(width=16, height=16)] * count), NumberOfFrames=count)
        data = before(PIXELS, element(EACH_FRAME, "SQ", groups), written(made))
        notes = decode(data, Wanted(frame=count - 1)).notes
        assert "Window center 70, width 40 (LINEAR)." in notes
        assert not any("Window" in note for note in decode(data, Wanted(frame=count)).notes)

    def test_a_table_of_every_value_in_a_functional_group_is_read(self) -> None:
        descriptor = struct.pack("<HH2sHHHH", 0x0028, 0x3002, b"US", 6, 0, 0, 16)
        table = descriptor + element(0x00283006, "OW", np.arange(2**16).astype("<u2").tobytes())
        group = element(WINDOWS, "SQ", item(element(TABLES, "SQ", item(table))))
        bomb = element(EACH_FRAME, "SQ", item(group))
        notes = decode(before(PIXELS, bomb, dicom(ramp("<u2", 16), bits=16))).notes
        assert "Shown by the file's lookup table of values of interest." in notes


def _window(center: int, width: int) -> bytes:
    """The elements of a window; numbers of at most two digits."""
    return b"".join(
        struct.pack("<HH2sH2s", 0x0028, number, b"DS", 2, f"{value:>2}".encode())
        for number, value in ((0x1050, center), (0x1051, width))
    )


class TestBitsStored:
    """Values of more bits than the header says."""

    @pytest.mark.parametrize(
        "syntax",
        [
            uid.JPEGLSLossless,
            uid.JPEGLSNearLossless,
            uid.JPEG2000Lossless,
            uid.JPEG2000,
            uid.JPEGLossless,
            uid.JPEGLosslessSV1,
        ],
        ids=lambda value: value.name,
    )
    @pytest.mark.parametrize(("bits", "said"), [(9, 8), (13, 12)])
    def test_compressed_ones_are_refused(self, syntax: str, bits: int, said: int) -> None:
        values = ramp("<u2", bits)
        why = refusal(understated(values, syntax, said, bits=bits), DamagedImage)
        assert why.expected == f"compressed pixels of {said} bits, as the file says"

    def test_compressed_ones_with_a_loss_are_refused(self) -> None:
        data = understated(ramp("<u2", 12), uid.JPEGExtended12Bit, 10, bits=12)
        assert refusal(data, DamagedImage).received == "values of more bits"

    @pytest.mark.parametrize("syntax", [uid.JPEGLSLossless, uid.JPEGLosslessSV1])
    def test_compressed_ones_below_zero_are_refused(self, syntax: str) -> None:
        refusal(understated(ramp("<i2", 13), syntax, 12, bits=13), DamagedImage)

    @pytest.mark.parametrize("syntax", [uid.JPEGLSLossless, uid.JPEGLosslessSV1])
    def test_compressed_colours_are_refused(self, syntax: str) -> None:
        wide = pixels().astype("<u2") * 2
        refusal(understated(wide, syntax, 8, bits=9), DamagedImage)

    @pytest.mark.parametrize(
        "syntax", [uid.JPEGLSLossless, uid.JPEG2000Lossless, uid.JPEGLossless], ids=lambda s: s.name
    )
    def test_room_for_more_bits_is_none_of_them(self, syntax: str) -> None:
        values = ramp("<u2", 12)
        data = understated(values, syntax, 12, bits=16)
        np.testing.assert_array_equal(decode(data).pixels, decode(dicom(values, bits=12)).pixels)

    @pytest.mark.parametrize("syntax", [uid.JPEGLSLossless, uid.JPEGLosslessSV1])
    def test_a_sign_may_stand_in_the_stored_bits_alone(self, syntax: str) -> None:
        values = ramp("<i2", 12)
        positive = (values & 0xFFF).astype("<u2")
        stream = understated(positive, syntax, 12, bits=16)
        sign = struct.pack("<HH2sHH", 0x0028, 0x0103, b"US", 2, 0)
        data = stream.replace(sign, sign[:-2] + b"\1\0")
        np.testing.assert_array_equal(decode(data).pixels, decode(dicom(values, bits=12)).pixels)

    @pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.RLELossless])
    def test_overlays_in_unused_bits_are_ignored(self, syntax: str) -> None:
        values = ramp("<u2", 12)
        overlay = (np.indices(values.shape).sum(0) % 3 == 0).astype("<u2") << 15
        data = dicom(values | overlay, syntax, bits=12)
        np.testing.assert_array_equal(decode(data).pixels, decode(dicom(values, bits=12)).pixels)


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
        outcome(spoiled(dice, dice.choice(seeds)), Wanted(frame=dice.choice([None, 1, 2])))
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


def test_a_decoder_is_told_nothing_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_KEY", MARK)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    with environments() as given:
        decode(dicom(ramp(), uid.JPEGLosslessSV1))
        monkeypatch.delenv("LD_LIBRARY_PATH")
        decode(dicom(ramp(), uid.JPEGLosslessSV1))
    assert given == [{"LD_LIBRARY_PATH": str(tmp_path)}, {}]


@contextlib.contextmanager
def environments() -> Iterator[list[object]]:
    """The environment of each process that is started meanwhile, as Python's own audit tells."""
    given: list[object] = []
    listening = True

    def heard(event: str, details: tuple[object, ...]) -> None:
        if listening and event == "subprocess.Popen":
            given.append(details[3])

    sys.addaudithook(heard)  # there for good, so that it has to be made deaf
    yield given
    listening = False


def test_no_process_of_a_decoder_stays() -> None:
    before = set(psutil.Process().children(recursive=True))
    outcome(dicom(ramp(), uid.JPEGLosslessSV1), Wanted())
    assert set(psutil.Process().children(recursive=True)) == before
