"""DICOM files of every kind that is read, beside what pydicom makes of them by itself."""

import io

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread, uid
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut, convert_color_space, pixel_array
from pydicom.sequence import Sequence

from models.decoded import (
    DamagedImage,
    DecodedImage,
    FrameNeeded,
    NoSuchFrame,
    UnsupportedImage,
)
from models.imaging import decode
from models.wanted import Wanted
from tests.dicoms import (
    LOSSLESS,
    LOSSY,
    NATIVE,
    compressed,
    dataset,
    dicom,
    encapsulate,
    frames,
    lookup,
    ramp,
    without_markers,
    written,
)
from tests.fakes import pixels as picture

KINDS = (("u1", 8), ("<u2", 10), ("<u2", 12), ("<u2", 16), ("<i2", 12), ("<i2", 16))
WIDE = {"WindowCenter": 128, "WindowWidth": 256}


def by_pydicom(data: bytes) -> np.ndarray:
    """8-bit gray as pydicom's own functions give it: rescaled, windowed, scaled to its range."""
    file = dcmread(io.BytesIO(data))
    units = apply_modality_lut(pixel_array(file), file)
    shown = np.asarray(apply_voi_lut(units, file), float)
    low, high = _range(file)
    gray = np.clip((shown - low) / (high - low), 0, 1) * 255
    return 255 - gray if file.PhotometricInterpretation == "MONOCHROME1" else gray


def _range(file: Dataset) -> tuple[float, float]:
    """What pydicom maps the window's ends to."""
    if "VOILUTSequence" in file:
        return 0, 2 ** file.VOILUTSequence[0].LUTDescriptor[2] - 1
    if "ModalityLUTSequence" in file:
        return 0, 2 ** file.ModalityLUTSequence[0].LUTDescriptor[2] - 1
    signed = file.PixelRepresentation
    low = -(2 ** (file.BitsStored - 1)) if signed else 0
    high = low + 2**file.BitsStored - 1
    slope, intercept = file.get("RescaleSlope", 1), file.get("RescaleIntercept", 0)
    return low * slope + intercept, high * slope + intercept


def gray(image: DecodedImage) -> np.ndarray:
    assert (image.pixels == image.pixels[:, :, :1]).all()
    return image.pixels[:, :, 0].astype(float)


def assert_same(data: bytes, *, within: float = 1.0) -> DecodedImage:
    image = decode(data)
    assert np.abs(gray(image) - by_pydicom(data)).max() <= within
    return image


class TestSyntaxes:
    @pytest.mark.parametrize("syntax", NATIVE, ids=lambda syntax: syntax.name)
    @pytest.mark.parametrize(("kind", "bits"), KINDS)
    def test_native(self, syntax: uid.UID, kind: str, bits: int) -> None:
        data = dicom(ramp(kind, bits), syntax, bits=bits, WindowCenter=9, WindowWidth=2**bits)
        image = assert_same(data)
        assert (image.format, image.mode, image.bit_depth) == ("DICOM", "MONOCHROME2", bits)
        assert (image.width, image.height) == (48, 40)

    @pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.name)
    @pytest.mark.parametrize(("kind", "bits"), [("u1", 8), ("<u2", 16)])
    def test_lossless(self, syntax: uid.UID, kind: str, bits: int) -> None:
        options = {"bits": bits, "WindowCenter": 2 ** (bits - 1), "WindowWidth": 2**bits}
        image = decode(dicom(ramp(kind, bits), syntax, **options))
        native = decode(dicom(ramp(kind, bits), **options))
        np.testing.assert_array_equal(image.pixels, native.pixels)

    @pytest.mark.parametrize(
        ("syntax", "kind", "bits"),
        [
            (uid.RLELossless, "<i2", 12),
            (uid.JPEGLossless, "<u2", 12),
            (uid.JPEGLosslessSV1, "<i2", 16),
            (uid.JPEGLosslessSV1, "<u2", 12),
            (uid.JPEGLSLossless, "<i2", 12),
            (uid.JPEGLSLossless, "<u2", 10),
        ],
        ids=str,
    )
    def test_lossless_of_other_depths(self, syntax: uid.UID, kind: str, bits: int) -> None:
        options = {"bits": bits, "WindowCenter": 40, "WindowWidth": 2**bits}
        image = decode(dicom(ramp(kind, bits), syntax, **options))
        native = decode(dicom(ramp(kind, bits), **options))
        np.testing.assert_array_equal(image.pixels, native.pixels)

    @pytest.mark.parametrize("syntax", LOSSY, ids=lambda syntax: syntax.name)
    def test_lossy(self, syntax: uid.UID) -> None:
        native = decode(dicom(ramp())).pixels.astype(float)
        assert np.abs(decode(dicom(ramp(), syntax)).pixels - native).mean() < 2

    def test_extended_jpeg_of_12_bits(self) -> None:
        options = {"bits": 12, "WindowCenter": 2048, "WindowWidth": 4096}
        native = decode(dicom(ramp("<u2", 12), **options)).pixels.astype(float)
        image = decode(dicom(ramp("<u2", 12), uid.JPEGExtended12Bit, **options))
        assert image.bit_depth == 12
        assert np.abs(image.pixels - native).mean() < 2

    @pytest.mark.parametrize("syntax", [*NATIVE, *LOSSLESS], ids=lambda syntax: syntax.name)
    def test_colours(self, syntax: uid.UID) -> None:
        image = decode(dicom(picture(), syntax))
        np.testing.assert_array_equal(image.pixels, picture())
        assert image.mode == "RGB"

    @pytest.mark.parametrize(
        ("written_as", "received"),
        [
            (b"1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000"),
            (b"1.2.840.10008.1.2.4.100", "MPEG2"),
            (b"1.2.840.99999.9.9.9.999", "another compression"),
        ],
    )
    def test_other_compressions_are_refused(self, written_as: bytes, received: str) -> None:
        made = dataset(ramp())
        made.PixelData = encapsulate([bytes(100)])
        data = written(made, uid.HTJ2KLossless)
        with pytest.raises(UnsupportedImage) as caught:
            decode(data.replace(b"1.2.840.10008.1.2.4.201", written_as))
        assert "JPEG 2000" in caught.value.expected
        assert received in caught.value.received
        assert "99999" not in caught.value.received


class TestGray:
    @pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
    @pytest.mark.parametrize(("center", "width"), [(600, 1), (600, 2), (2048, 4096), (100.5, 3.25)])
    @pytest.mark.parametrize(("kind", "bits"), [("<u2", 12), ("<i2", 13)])
    def test_windows(
        self, function: str, center: float, width: float, kind: str, bits: int
    ) -> None:
        data = dicom(
            ramp(kind, bits),
            bits=bits,
            WindowCenter=center,
            WindowWidth=width,
            VOILUTFunction=function,
        )
        if (function, width) == ("LINEAR", 1):  # pydicom leaves the step's own value undefined
            expected = np.where(ramp(kind, bits) > center - 0.5, 255, 0)
            np.testing.assert_array_equal(gray(decode(data)), expected)
        else:
            assert_same(data)
        assert f"Window center {center:g}, width {width:g} ({function})." in decode(data).notes

    @pytest.mark.parametrize(("slope", "intercept"), [(1, -1024), (2.5, 7), (0.684, 200), (-1, 90)])
    def test_rescaling(self, slope: float, intercept: float) -> None:
        data = dicom(
            ramp("<u2", 12),
            bits=12,
            RescaleSlope=slope,
            RescaleIntercept=intercept,
            WindowCenter=300,
            WindowWidth=900,
        )
        if slope > 0:  # pydicom turns the gray scale round where the slope is negative
            assert_same(data)
        else:
            values = ramp("<u2", 12).astype(float) * slope + intercept
            expected = np.clip((values - 299.5) / 899 + 0.5, 0, 1) * 255
            assert np.abs(gray(decode(data)) - expected).max() <= 0.5
        notes = decode(data).notes
        assert f"Values were rescaled by slope {slope:g} and intercept {intercept:g}." in notes

    def test_a_modality_table(self) -> None:
        table = lookup(np.linspace(0, 4095, 1000) ** 0.9, first=200, bits=16)
        data = dicom(
            ramp("<u2", 12),
            bits=12,
            ModalityLUTSequence=table,
            WindowCenter=900,
            WindowWidth=1500,
        )
        assert "modality lookup table" in assert_same(data).notes[1]

    @pytest.mark.parametrize(("first", "bits"), [(0, 16), (100, 12), (100, 10)])
    def test_a_table_of_values_of_interest(self, first: int, bits: int) -> None:
        entries = np.linspace(0, 1, 3000) ** 2 * (2**bits - 1)
        data = dicom(
            ramp("<u2", 12),
            bits=12,
            VOILUTSequence=lookup(entries, first=first, bits=bits),
            WindowCenter=5,
            WindowWidth=5,
        )
        assert "lookup table of values of interest" in assert_same(data).notes[1]

    def test_a_table_of_values_of_interest_after_a_modality_table(self) -> None:
        modality = lookup(np.linspace(0, 2000, 1000), first=200)
        voi = lookup(np.linspace(0, 65535, 1001), first=1000)
        data = dicom(ramp("<u2", 12), bits=12, ModalityLUTSequence=modality, VOILUTSequence=voi)
        image = assert_same(data)
        assert (gray(image)[ramp("<u2", 12) <= 200] == 0).all()

    @pytest.mark.parametrize("stored_as", ["<u2", "u1"])
    def test_a_table_of_8_bits_in_words_or_bytes(self, stored_as: str) -> None:
        entries = np.linspace(0, 255, 3000).astype(stored_as)
        sequence = lookup(entries, first=100, bits=8)  # pydicom reads only its last 256 entries
        sequence[0].LUTData = entries.tobytes()
        places = np.clip(ramp("<u2", 12).astype(int) - 100, 0, 2999)
        image = decode(dicom(ramp("<u2", 12), bits=12, VOILUTSequence=sequence))
        np.testing.assert_array_equal(gray(image), entries[places])

    def test_a_table_that_begins_below_zero(self) -> None:
        entries = np.linspace(0, 65535, 4096)
        sequence = lookup(entries, first=-2048)
        data = dicom(ramp("<i2", 12), bits=12, VOILUTSequence=sequence)
        expected = entries.astype(int)[ramp("<i2", 12).astype(int) + 2048] / 65535 * 255
        assert np.abs(gray(decode(data)) - expected).max() <= 0.5

    @pytest.mark.parametrize(
        ("kind", "intercept", "first"), [("<u2", -1024, -1000), ("<i2", 33000, 33100)]
    )
    def test_a_table_begins_at_a_value_after_rescaling(
        self, kind: str, intercept: int, first: int
    ) -> None:
        entries = np.linspace(0, 65535, 900)
        made = dataset(
            ramp(kind, 12),
            bits=12,
            RescaleSlope=1,
            RescaleIntercept=intercept,
            VOILUTSequence=lookup(entries, first=first),
        )
        # in implicit VR nothing but the values says whether the number of two bytes is signed
        image = decode(written(made, uid.ImplicitVRLittleEndian))
        places = np.clip(ramp(kind, 12).astype(int) + intercept - first, 0, 899)
        assert np.abs(gray(image) - entries.astype(int)[places] / 65535 * 255).max() <= 0.5
        np.testing.assert_array_equal(decode(written(made)).pixels, image.pixels)

    def test_a_table_in_a_big_endian_file(self) -> None:
        entries = np.linspace(0, 65535, 4096).astype("<u2")
        made = lookup(entries)
        made[0].LUTData = entries.astype(">u2").tobytes()
        little = dicom(ramp("<u2", 12), bits=12, VOILUTSequence=lookup(entries))
        big = dicom(ramp("<u2", 12), uid.ExplicitVRBigEndian, bits=12, VOILUTSequence=made)
        np.testing.assert_array_equal(decode(big).pixels, decode(little).pixels)

    @pytest.mark.parametrize(("bits", "kept"), [(16, 100), (16, 4096), (16, 8190), (8, 8190)])
    def test_a_table_cut_short_is_refused(self, bits: int, kept: int) -> None:
        sequence = lookup(np.arange(4096), bits=bits)
        sequence[0].LUTData = sequence[0].LUTData[:kept]
        with pytest.raises(DamagedImage, match="4096 entries"):
            decode(dicom(ramp("<u2", 12), bits=12, VOILUTSequence=sequence))

    @pytest.mark.parametrize(("kind", "bits"), KINDS)
    def test_monochrome1_is_inverted(self, kind: str, bits: int) -> None:
        window = {"WindowCenter": 100, "WindowWidth": 2 ** (bits - 1)}
        image = assert_same(
            dicom(ramp(kind, bits), bits=bits, PhotometricInterpretation="MONOCHROME1", **window)
        )
        assert "Inverted, as MONOCHROME1 says that low values are white." in image.notes

    def test_several_windows_give_the_first(self) -> None:
        options = {"WindowCenter": [100, 900], "WindowWidth": [200, 10]}
        image = assert_same(dicom(ramp("<u2", 12), bits=12, **options))
        words = "Window center 100, width 200 (LINEAR), the first of 2 that the file offers."
        assert words in image.notes

    @pytest.mark.parametrize(
        ("width", "function"),
        [(0, "LINEAR"), (0.5, "LINEAR"), (0, "SIGMOID"), (-3, "LINEAR_EXACT")],
    )
    def test_a_window_without_width_is_passed_over(self, width: float, function: str) -> None:
        window = {"WindowCenter": 5, "WindowWidth": width, "VOILUTFunction": function}
        image = decode(dicom(ramp(), **window))
        np.testing.assert_array_equal(gray(image), ramp())
        words = "No window of the file shows anything: values of 8 bits stayed as they are."
        assert words in image.notes
        values = ramp("<u2", 12) // 2 + 100
        image, bare = decode(dicom(values, bits=12, **window)), decode(dicom(values, bits=12))
        np.testing.assert_array_equal(image.pixels, bare.pixels)
        highest = values.max()
        words = f"No window of the file shows anything: 100 became black and {highest} white."
        assert words in image.notes

    @pytest.mark.parametrize("width", [0, 0.5, -3, "nan", "1e999"])
    def test_the_first_window_that_shows_anything_is_taken(self, width: float | str) -> None:
        several = {"WindowCenter": [5, 2048, 9], "WindowWidth": [width, 3000, 9]}
        image = decode(dicom(ramp("<u2", 12), bits=12, **several))
        one = dicom(ramp("<u2", 12), bits=12, WindowCenter=2048, WindowWidth=3000)
        np.testing.assert_array_equal(image.pixels, decode(one).pixels)
        words = "Window center 2048, width 3000 (LINEAR), the first of 3 that the file offers "
        assert f"{words}and that shows anything." in image.notes

    @pytest.mark.parametrize("ends", ["center", "width", "both"])
    def test_an_empty_window_at_the_end_is_none(self, ends: str) -> None:
        center = ["2048"] if ends == "width" else ["2048", ""]
        width = ["3000"] if ends == "center" else ["3000", ""]
        image = assert_same(dicom(ramp("<u2", 12), bits=12, WindowCenter=2048, WindowWidth=3000))
        data = dicom(ramp("<u2", 12), bits=12, WindowCenter=center, WindowWidth=width)
        assert b"2048\\" in data or b"3000\\" in data
        np.testing.assert_array_equal(decode(data).pixels, image.pixels)
        assert decode(data).notes == image.notes

    def test_nothing_but_backslashes_is_no_window(self) -> None:
        data = dicom(ramp("<u2", 12), bits=12, WindowCenter=["", ""], WindowWidth=["", ""])
        assert decode(data).notes == decode(dicom(ramp("<u2", 12), bits=12)).notes

    def test_an_unknown_function_is_refused(self) -> None:
        with pytest.raises(DamagedImage) as caught:
            decode(dicom(ramp(), **WIDE, VOILUTFunction="MARKED"))
        assert "MARKED" not in str(caught.value)

    def test_8_bits_without_a_window_stay_as_they_are(self) -> None:
        half = ramp() // 2
        np.testing.assert_array_equal(gray(decode(dicom(half))), half)

    def test_more_bits_without_a_window_are_stretched(self) -> None:
        values = ramp("<u2", 12) // 2 + 100
        image = decode(dicom(values, bits=12))
        span = int(values.max()) - 100
        assert np.abs(gray(image) - (values - 100.0) * 255 / span).max() <= 0.5
        assert f"names no window: 100 became black and {values.max()} white" in image.notes[1]

    @pytest.mark.parametrize("value", [0, 77, 4095])
    def test_an_image_of_one_value_is_read(self, value: int) -> None:
        flat = np.full((40, 48), value, "<u2")
        assert decode(dicom(flat, bits=12)).pixels.shape == (40, 48, 3)

    def test_padding_is_black_in_either_direction(self) -> None:
        values = ramp("<u2", 12)
        values[:, :5] = 4000
        window = {"WindowCenter": 2048, "WindowWidth": 4096, "PixelPaddingValue": 4000}
        for photometric in ("MONOCHROME1", "MONOCHROME2"):
            options = {"bits": 12, "PhotometricInterpretation": photometric, **window}
            image = decode(dicom(values, **options))
            assert gray(image)[:, :5].max() == 0
            assert "What the file marks as padding around the image is black." in image.notes

    @pytest.mark.parametrize("syntax", [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian])
    @pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
    @pytest.mark.parametrize(
        ("kind", "padding", "limit"),
        [
            ("<u2", 65535, None),
            ("<u2", 0, None),
            ("<i2", -2000, None),
            ("<u2", 60000, 65535),
            ("<u2", 65535, 60000),
            ("<i2", -2000, -1999),
        ],
    )
    def test_padding_takes_no_part_in_the_stretch(
        self, kind: str, padding: int, limit: int | None, photometric: str, syntax: str
    ) -> None:
        values = (ramp("<u2", 12) // 4 + 1000).astype(kind)
        tissue = values[:, 5:].astype(float)
        values[:, :3], values[:, 3:5] = padding, padding if limit is None else limit
        options = {"PixelPaddingValue": padding, "PixelPaddingRangeLimit": limit}
        image = decode(dicom(values, syntax, PhotometricInterpretation=photometric, **options))
        low, high = tissue.min(), tissue.max()
        expected = (tissue - low) * 255 / (high - low)
        if photometric == "MONOCHROME1":
            expected = 255 - expected
        assert np.abs(gray(image)[:, 5:] - expected).max() <= 0.5
        assert gray(image)[:, :5].max() == 0
        words = f"The file names no window: {low:g} became black and {high:g} white."
        assert words in image.notes

    @pytest.mark.parametrize(("slope", "intercept"), [(-1, 3000), (0.5, -1024)])
    def test_padding_takes_no_part_in_the_stretch_of_rescaled_values(
        self, slope: float, intercept: float
    ) -> None:
        values = ramp("<u2", 12)
        values[:, :5] = 65535
        options = {"RescaleSlope": slope, "RescaleIntercept": intercept}
        image = decode(dicom(values, PixelPaddingValue=65535, **options))
        tissue = values[:, 5:].astype(float) * slope + intercept
        low, high = tissue.min(), tissue.max()
        assert np.abs(gray(image)[:, 5:] - (tissue - low) * 255 / (high - low)).max() <= 0.5
        assert f"The file names no window: {low:g} became black and {high:g} white." in image.notes

    def test_the_stretch_goes_by_values_that_occur(self) -> None:
        values = np.where(ramp() > 100, 2, 0).astype("<u2")
        table = lookup(np.array([300, 65535, 700]))  # no pixel has the value in the middle
        image = decode(dicom(values, ModalityLUTSequence=table))
        np.testing.assert_array_equal(gray(image), np.where(values == 2, 255, 0))
        assert "The file names no window: 300 became black and 700 white." in image.notes

    def test_an_image_of_nothing_but_padding_is_black(self) -> None:
        flat = np.full((40, 48), 4000, "<u2")
        flat[:20] = 3000
        options = {"PixelPaddingValue": 3000, "PixelPaddingRangeLimit": 4000}
        image = decode(dicom(flat, **options))
        assert image.pixels.max() == 0
        assert "What the file marks as padding around the image is black." in image.notes
        assert not any("no window" in note for note in image.notes)

    @pytest.mark.parametrize(
        ("kind", "representation", "value", "limit", "padding"),
        [
            ("<i2", "US", 63536, 63537, -2000),
            ("<i2", "US", 63537, 63536, -2000),
            ("<i2", "US", 65000, 65535, -1),
            ("<u2", "SS", -1, -2, 65535),
            ("<u2", "SS", -2000, -1, 63536),
        ],
    )
    def test_padding_may_be_written_with_the_other_sign(
        self, kind: str, representation: str, value: int, limit: int, padding: int
    ) -> None:
        values = ramp("<u2", 12).astype(kind)
        values[:, :5] = padding
        made = dataset(values)
        made.add_new("PixelPaddingValue", representation, value)
        made.add_new("PixelPaddingRangeLimit", representation, limit)
        image = decode(written(made))
        tissue = values[:, 5:].astype(float)
        assert gray(image)[:, :5].max() == 0
        low, high = tissue.min(), tissue.max()
        assert np.abs(gray(image)[:, 5:] - (tissue - low) * 255 / (high - low)).max() <= 0.5

    def test_stray_bits_above_those_stored_are_ignored(self) -> None:
        values = ramp("<u2", 12)
        window = {"bits": 12, "WindowCenter": 2048, "WindowWidth": 4096}
        stray = dicom(values | 0x8000, **window)
        np.testing.assert_array_equal(decode(stray).pixels, decode(dicom(values, **window)).pixels)

    def test_one_bit_is_black_and_white(self) -> None:
        made = dataset(ramp(), BitsAllocated=1, BitsStored=1, HighBit=0)
        bits = (ramp() > 100).astype(np.uint8)
        made.PixelData = np.packbits(bits, bitorder="little").tobytes()
        np.testing.assert_array_equal(gray(decode(written(made))), bits * 255)

    def test_more_than_16_bits_are_refused(self) -> None:
        with pytest.raises(UnsupportedImage, match="at most 16 bits"):
            decode(dicom(ramp("<u4", 32)))
        with pytest.raises(UnsupportedImage, match="at most 32 bits each; received 64 bits"):
            decode(dicom(ramp("<u8", 12), bits=12))

    def test_values_in_high_bits_are_refused(self) -> None:
        with pytest.raises(UnsupportedImage, match="lowest bits"):
            decode(dicom(ramp("<u2", 12), bits=12, HighBit=15))


class TestColours:
    def test_planes_one_after_the_other(self) -> None:
        made = dataset(picture(), PlanarConfiguration=1)
        made.PixelData = np.ascontiguousarray(picture().transpose(2, 0, 1)).tobytes()
        np.testing.assert_array_equal(decode(written(made)).pixels, picture())

    def test_ybr_full(self) -> None:
        stored = convert_color_space(picture(), "RGB", "YBR_FULL")
        image = decode(dicom(stored, PhotometricInterpretation="YBR_FULL"))
        assert np.abs(image.pixels.astype(int) - picture()).max() <= 3
        assert "Colours were converted from YBR_FULL to RGB." in image.notes

    def test_ybr_full_422_uncompressed(self) -> None:
        stored = convert_color_space(picture(), "RGB", "YBR_FULL")
        made = dataset(stored, PhotometricInterpretation="YBR_FULL_422")
        luma = stored[:, :, 0].reshape(120, 80, 2)
        chroma = stored[:, ::2, 1:]
        made.PixelData = np.concatenate([luma, chroma], 2).tobytes()
        image = decode(written(made))
        halved = np.repeat(stored[:, ::2, 1:], 2, axis=1)
        expected = convert_color_space(
            np.concatenate([stored[:, :, :1], halved], 2), "YBR_FULL", "RGB"
        )
        np.testing.assert_array_equal(image.pixels, expected)

    def test_jpeg_in_ybr_is_what_pillow_reads(self) -> None:
        stream = io.BytesIO()
        Image.fromarray(picture()).save(stream, "JPEG", quality=90)
        made = dataset(picture(), PhotometricInterpretation="YBR_FULL_422")
        made.PixelData = encapsulate([stream.getvalue()])
        made["PixelData"].VR = "OB"
        image = decode(written(made, uid.JPEGBaseline8Bit))
        truth = np.asarray(Image.open(stream).convert("RGB"), float)
        assert np.abs(image.pixels - truth).mean() < 3

    @pytest.mark.parametrize(("subsampling", "halved"), [(0, False), (1, True), (2, True)])
    def test_halved_colours_are_no_rgb_whatever_the_file_says(
        self, subsampling: int, halved: bool
    ) -> None:
        made = dataset(picture())
        assert made.PhotometricInterpretation == "RGB"
        stream = io.BytesIO()
        options = {"quality": 95, "subsampling": subsampling, "keep_rgb": not halved}
        Image.fromarray(picture()).save(stream, "JPEG", **options)
        made.PixelData = encapsulate([without_markers(stream.getvalue())])
        made["PixelData"].VR = "OB"
        image = decode(written(made, uid.JPEGBaseline8Bit))
        truth = np.asarray(Image.open(stream).convert("RGB"), float)
        assert np.abs(image.pixels - truth).mean() < 3
        assert any("YBR_FULL_422" in note for note in image.notes) == halved

    @pytest.mark.parametrize("transform", [0, 1])
    def test_adobe_says_which_colours_a_frame_holds(self, transform: int) -> None:
        stream = io.BytesIO()
        options = {"quality": 95, "subsampling": 0, "keep_rgb": transform == 0}
        Image.fromarray(picture()).save(stream, "JPEG", **options)
        bare = without_markers(stream.getvalue())
        adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform])
        frame = bare[:2] + adobe + bare[2:]
        made = dataset(picture())
        assert made.PhotometricInterpretation == "RGB"
        made.PixelData = encapsulate([frame])
        made["PixelData"].VR = "OB"
        image = decode(written(made, uid.JPEGBaseline8Bit))
        truth = np.asarray(Image.open(io.BytesIO(frame)).convert("RGB"), float)
        assert np.abs(image.pixels - truth).mean() < 1
        words = "The file calls its colours RGB, its JPEG data hold YBR_FULL; they were read so."
        assert (words in image.notes) == (transform == 1)

    @pytest.mark.parametrize(
        ("said", "held", "options"),
        [
            ("RGB", "YBR_FULL", {}),  # a JFIF file
            ("YBR_FULL_422", "RGB", {"keep_rgb": True}),  # by the names of its components
            ("YBR_FULL", "RGB", {"keep_rgb": True}),
        ],
    )
    def test_what_is_said_of_the_colours_is_what_was_done(
        self, said: str, held: str, options: dict[str, bool]
    ) -> None:
        stream = io.BytesIO()
        Image.fromarray(picture()).save(stream, "JPEG", quality=95, subsampling=0, **options)
        made = dataset(picture(), PhotometricInterpretation=said)
        made.PixelData = encapsulate([stream.getvalue()])
        made["PixelData"].VR = "OB"
        image = decode(written(made, uid.JPEGBaseline8Bit))
        truth = np.asarray(Image.open(stream).convert("RGB"), float)
        assert np.abs(image.pixels - truth).mean() < 1
        named = f"The file calls its colours {said}, its JPEG data hold {held}; they were read so."
        converted = [f"Colours were converted from {held} to RGB."] if held != "RGB" else []
        assert list(image.notes[1:]) == [named, *converted, *image.cautions]

    @pytest.mark.parametrize("transformed", [True, False])
    @pytest.mark.parametrize(
        ("syntax", "reversible"),
        [(uid.JPEG2000Lossless, True), (uid.JPEG2000, False), (uid.JPEG2000, True)],
    )
    def test_jpeg_2000_says_whether_its_colours_become_rgb(
        self, syntax: uid.UID, reversible: bool, transformed: bool
    ) -> None:
        stored = picture() if transformed else convert_color_space(picture(), "RGB", "YBR_FULL")
        stream = io.BytesIO()
        options = {"mct": int(transformed), "irreversible": not reversible, "no_jp2": True}
        Image.fromarray(stored).save(stream, "JPEG2000", **options)
        made = dataset(picture(), PhotometricInterpretation="YBR_FULL")
        made.PixelData = encapsulate([stream.getvalue()])
        made["PixelData"].VR = "OB"
        image = decode(written(made, syntax))
        assert np.abs(image.pixels.astype(int) - picture()).max() <= 4
        held = "YBR_RCT" if reversible else "YBR_ICT"
        words = f"its JPEG data hold {held}; they were read so."
        assert any(note.endswith(words) for note in image.notes) == transformed
        words = "Colours were converted from YBR_FULL to RGB."
        assert (words in image.notes) != transformed

    @pytest.mark.parametrize("bits", [10, 12, 16])
    def test_colours_of_more_bits_keep_their_upper_8(self, bits: int) -> None:
        wide = picture().astype("<u2") << (bits - 8)
        image = decode(dicom(wide, bits=bits))
        np.testing.assert_array_equal(image.pixels, picture())
        assert f"Of {bits} bits per channel the upper 8 were used." in image.notes

    @pytest.mark.parametrize("kind", ["u1", "<u2"])
    def test_palettes(self, kind: str) -> None:
        random = np.random.default_rng(1)
        colours = random.integers(0, 256, (256, 3))
        made = dataset(ramp(kind, 8), bits=8, PhotometricInterpretation="PALETTE COLOR")
        for channel, colour in enumerate(("Red", "Green", "Blue")):
            setattr(made, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
            entries = (colours[:, channel] * 257).astype("<u2").tobytes()
            setattr(made, f"{colour}PaletteColorLookupTableData", entries)
        image = decode(written(made))
        np.testing.assert_array_equal(image.pixels, colours[ramp(kind, 8)])
        assert "The palette's colours were looked up." in image.notes

    @pytest.mark.parametrize("kept", [256, 510])
    def test_a_palette_cut_short_is_refused(self, kept: int) -> None:
        made = dataset(ramp(), PhotometricInterpretation="PALETTE COLOR")
        for colour in ("Red", "Green", "Blue"):
            setattr(made, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
            setattr(made, f"{colour}PaletteColorLookupTableData", bytes(kept))
        with pytest.raises(DamagedImage, match="256 entries"):
            decode(written(made))

    @pytest.mark.parametrize("kind", ["HSV", "CMYK", "YBR_PARTIAL_422", "MARKED"])
    def test_other_colours_are_refused(self, kind: str) -> None:
        with pytest.raises(UnsupportedImage) as caught:
            decode(dicom(picture(), PhotometricInterpretation=kind))
        assert "MARKED" not in str(caught.value)


class TestFrames:
    pictures = tuple(ramp() // number for number in (1, 2, 3))

    def test_the_reader_is_asked_which(self) -> None:
        with pytest.raises(FrameNeeded) as caught:
            decode(frames(*self.pictures))
        assert caught.value.frames == 3
        assert caught.value.received == "a file with 3 frames"

    @pytest.mark.parametrize("number", [1, 2, 3])
    @pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.JPEGLosslessSV1])
    def test_the_one_asked_for_is_read(self, number: int, syntax: str) -> None:
        made = dataset(np.stack(self.pictures), NumberOfFrames=3)
        if syntax == uid.JPEGLosslessSV1:
            one = dataset(ramp())
            made.PixelData = encapsulate(
                [compressed(picture, syntax, one) for picture in self.pictures]
            )
            made["PixelData"].VR = "OB"
        image = decode(written(made, syntax), Wanted(frame=number))
        np.testing.assert_array_equal(gray(image), self.pictures[number - 1])
        assert f"Frame {number} of 3." in image.notes

    @pytest.mark.parametrize("number", [0, 4, 10**9])
    def test_a_frame_that_is_not_there_is_refused(self, number: int) -> None:
        with pytest.raises(NoSuchFrame, match="from 1 to 3"):
            decode(frames(*self.pictures), Wanted(frame=number))

    def test_a_file_of_one_frame_has_a_first_and_no_second(self) -> None:
        assert decode(dicom(ramp()), Wanted(frame=1)).notes == decode(dicom(ramp())).notes
        with pytest.raises(NoSuchFrame):
            decode(dicom(ramp()), Wanted(frame=2))

    def test_frames_that_are_only_claimed_are_refused(self) -> None:
        data = dicom(ramp(), NumberOfFrames=5)
        with pytest.raises(DamagedImage):
            decode(data, Wanted(frame=3))

    def test_each_frame_has_its_own_window(self) -> None:
        made = dataset(np.stack(self.pictures), NumberOfFrames=3)
        made.PerFrameFunctionalGroupsSequence = Sequence([_group(10 * k, 40) for k in (1, 2, 3)])
        for number, values in enumerate(self.pictures, start=1):
            image = decode(written(made), Wanted(frame=number))
            expected = np.clip((values - (10 * number - 0.5)) / 39 + 0.5, 0, 1) * 255
            assert np.abs(gray(image) - expected).max() <= 0.5

    def test_all_frames_may_share_a_window(self) -> None:
        made = dataset(np.stack(self.pictures), NumberOfFrames=3)
        made.SharedFunctionalGroupsSequence = Sequence([_group(70, 40)])
        image = decode(written(made), Wanted(frame=2))
        assert "Window center 70, width 40 (LINEAR)." in image.notes

    @pytest.mark.parametrize("own", [True, False])
    def test_the_size_of_pixels_is_that_of_the_frame(self, own: bool) -> None:
        made = dataset(np.stack(self.pictures), NumberOfFrames=3)
        made.SharedFunctionalGroupsSequence = Sequence([_measures(0.09)])
        if own:
            made.PerFrameFunctionalGroupsSequence = Sequence([_measures(k) for k in (1, 2, 3)])
        found = [decode(written(made), Wanted(frame=number)).spacing for number in (1, 2, 3)]
        assert found == ([1, 2, 3] if own else [0.09] * 3)

    def test_the_size_of_pixels_outside_the_groups_comes_first(self) -> None:
        made = dataset(np.stack(self.pictures), NumberOfFrames=3, ImagerPixelSpacing=[0.05, 0.05])
        made.SharedFunctionalGroupsSequence = Sequence([_measures(0.09)])
        assert decode(written(made), Wanted(frame=1)).spacing == 0.05


def _group(center: float, width: float) -> Dataset:
    window, group = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth = center, width
    group.FrameVOILUTSequence = Sequence([window])
    return group


def _measures(spacing: float) -> Dataset:
    measures, group = Dataset(), Dataset()
    measures.PixelSpacing = [spacing, spacing]
    group.PixelMeasuresSequence = Sequence([measures])
    return group


class TestWords:
    def test_the_notes_say_how_it_is_stored(self) -> None:
        (stored, *_) = decode(dicom(ramp("<i2", 12), bits=12)).notes
        assert stored == (
            "Values of 12 bits, signed, stored in 16; photometric interpretation MONOCHROME2."
        )

    @pytest.mark.parametrize(
        ("modality", "burned", "words"),
        [
            ("US", "YES", "text is burnt into the image"),
            ("MG", "YES", "text is burnt into the image"),
            ("US", None, "does not say whether text is burnt"),
            ("US", "NO", None),
            ("MG", None, None),
            ("MG", "NO", None),
        ],
    )
    def test_burnt_in_text_is_warned_of(
        self, modality: str, burned: str | None, words: str | None
    ) -> None:
        image = decode(dicom(ramp(), modality=modality, BurnedInAnnotation=burned))
        found = [note for note in image.notes if "burnt" in note]
        assert image.cautions == tuple(found)
        assert len(found) == (words is not None)
        assert words is None or words in found[0]

    @pytest.mark.parametrize(
        ("spacings", "found"),
        [
            ({"ImagerPixelSpacing": [0.05, 0.05]}, 0.05),
            ({"PixelSpacing": [0.1, 0.1]}, 0.1),
            ({"ImagerPixelSpacing": [0.05, 0.05], "PixelSpacing": [0.04, 0.04]}, 0.05),
            ({"ImagerPixelSpacing": [0.05, 0.1], "PixelSpacing": [0.04, 0.04]}, 0.04),
            ({"ImagerPixelSpacing": [0.0, 0.0]}, None),
            ({"ImagerPixelSpacing": [50.0, 50.0]}, None),
            ({"ImagerPixelSpacing": 0.05}, None),
            ({"ImagerPixelSpacing": []}, None),
            ({}, None),
        ],
    )
    def test_the_size_of_pixels(self, spacings: dict[str, object], found: float | None) -> None:
        assert decode(dicom(ramp(), **spacings)).spacing == found

    def test_raw_detector_values_are_warned_of(self) -> None:
        for intent, warned in (("FOR PROCESSING", True), ("FOR PRESENTATION", False)):
            notes = decode(dicom(ramp(), modality="MG", PresentationIntentType=intent)).notes
            assert any("FOR PROCESSING" in note for note in notes) is warned
