"""Uploaded bytes of every kind, sound and broken."""

import random
import threading
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import perf_counter

import numpy as np
import pytest
from PIL import Image, ImageFile

from models.decoded import (
    AnimatedImage,
    DamagedImage,
    DecodedImage,
    EmptyFile,
    FrameRefused,
    ImageRefused,
    ImageTooLarge,
    ImageTooSmall,
    NoSuchFrame,
    NotAnImage,
    UnsupportedImage,
)
from models.imaging import READERS, SUFFIXES, decode
from models.jpeg_scans import MAX_SCANS
from models.wanted import Wanted
from tests.fakes import of_scans
from tests.fuzzing import chunk, sound, spoiled
from tests.fuzzing import saved as encoded

ORIENTATION = 0x0112
LOSSLESS = ("PNG", "TIFF", "BMP")
FORMATS = (*LOSSLESS, "JPEG")
OTHERS = [name for name in sound() if not name.startswith("DICOM")]  # test_dicom_refusals has those


def scene(mode: str = "RGB", width: int = 48, height: int = 64) -> Image.Image:
    """Smooth colours, another in each corner."""
    rows, columns = np.mgrid[:height, :width]
    colours = np.stack([rows * 255 // height, columns * 255 // width, (rows + columns) % 256], 2)
    return Image.fromarray(colours.astype(np.uint8)).convert(mode)


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    """A PNG file made by hand; ``rows`` are the unfiltered rows, each with its leading 0."""
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    header = chunk(b"IHDR", size + bytes([depth, colour, 0, 0, 0]))
    content = chunk(b"IDAT", zlib.compress(rows, 1))
    return b"\x89PNG\r\n\x1a\n" + header + content + chunk(b"IEND", b"")


def tiff(*tags: tuple[int, int, int], pixels: bytes) -> bytes:
    """A little-endian TIFF file made by hand; tags are (number, type, value)."""
    start = 8 + 2 + 12 * (len(tags) + 1) + 4
    entries = sorted([*tags, (273, 4, start)])
    directory = b"".join(
        number.to_bytes(2, "little")
        + kind.to_bytes(2, "little")
        + (1).to_bytes(4, "little")
        + value.to_bytes(4, "little")
        for number, kind, value in entries
    )
    count = len(entries).to_bytes(2, "little")
    return b"II*\0" + (8).to_bytes(4, "little") + count + directory + bytes(4) + pixels


def gray_tiff(
    values: np.ndarray, *, photometric: int = 1, sample_format: int = 1, orientation: int = 1
) -> bytes:
    """A gray TIFF file of any integer type."""
    height, width = values.shape
    return tiff(
        (256, 3, width),
        (257, 3, height),
        (258, 3, values.itemsize * 8),
        (259, 3, 1),
        (262, 3, photometric),
        (274, 3, orientation),
        (277, 3, 1),
        (278, 3, height),
        (279, 4, values.nbytes),
        (339, 3, sample_format),
        pixels=values.tobytes(),
    )


class TestSoundFiles:
    @pytest.mark.parametrize("file_format", LOSSLESS)
    @pytest.mark.parametrize("mode", ["RGB", "L"])
    def test_pixels_come_out_as_they_went_in(self, file_format: str, mode: str) -> None:
        image = scene(mode)
        decoded = decode(encoded(image, file_format))
        np.testing.assert_array_equal(decoded.pixels, np.asarray(image.convert("RGB")))
        assert (decoded.format, decoded.mode, decoded.bit_depth) == (file_format, mode, 8)
        assert decoded.notes == ()

    @pytest.mark.parametrize("mode", ["RGB", "L"])
    def test_jpeg_comes_out_as_nearly_as_jpeg_can(self, mode: str) -> None:
        image = scene(mode)
        decoded = decode(encoded(image, "JPEG", quality=95))
        truth = np.asarray(image.convert("RGB"), dtype=float)
        assert np.abs(decoded.pixels - truth).mean() < 3
        assert (decoded.format, decoded.mode, decoded.bit_depth) == ("JPEG", mode, 8)

    def test_knows_its_size(self) -> None:
        decoded = decode(encoded(scene(width=48, height=64)))
        assert (decoded.width, decoded.height) == (48, 64)

    def test_pixels_are_contiguous_and_cannot_be_written_to(self) -> None:
        for mode in ("RGB", "RGBA", "I;16", "L"):
            pixels = decode(encoded(scene(mode))).pixels
            assert pixels.flags.c_contiguous
            with pytest.raises(ValueError, match="read-only"):
                pixels[0, 0] = 0

    @pytest.mark.parametrize("options", [{"progressive": True}, {"optimize": True}], ids=str)
    def test_reads_every_usual_jpeg(self, options: dict[str, bool]) -> None:
        assert decode(encoded(scene(), "JPEG", **options)).format == "JPEG"

    @pytest.mark.parametrize(
        "compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "tiff_deflate"]
    )
    def test_reads_every_usual_tiff(self, compression: str) -> None:
        image = scene()
        decoded = decode(encoded(image, "TIFF", compression=compression))
        difference = np.abs(decoded.pixels - np.asarray(image, dtype=float))
        assert difference.mean() <= (3 if compression == "jpeg" else 0)

    def test_reads_ycbcr_tiff(self) -> None:
        image = scene()
        decoded = decode(encoded(image.convert("YCbCr"), "TIFF"))
        assert decoded.mode == "YCbCr"
        assert np.abs(decoded.pixels - np.asarray(image, dtype=float)).max() <= 3

    def test_reads_cmyk_jpeg_the_right_way_round(self) -> None:
        image = scene()
        decoded = decode(encoded(image.convert("CMYK"), "JPEG", quality=95))
        assert decoded.mode == "CMYK"
        assert np.abs(decoded.pixels - np.asarray(image, dtype=float)).mean() < 4
        assert "CMYK" in decoded.notes[0]

    @pytest.mark.parametrize("depth", [1, 2, 4])
    def test_reads_gray_png_of_few_bits(self, depth: int) -> None:
        levels = 2**depth
        row = b"\0" + bytes(random.Random(depth).randbytes(16 * depth // 8))
        decoded = decode(png(16, 16, depth, 0, row * 16))
        assert decoded.bit_depth == depth
        assert {int(value) for value in decoded.pixels.flat} <= {
            level * 255 // (levels - 1) for level in range(levels)
        }

    def test_reads_one_bit_images(self) -> None:
        image = scene("1")
        decoded = decode(encoded(image, "TIFF"))
        np.testing.assert_array_equal(decoded.pixels, np.asarray(image.convert("RGB")))
        assert decoded.bit_depth == 1
        assert decoded.notes == ("1 bit per pixel: only black and white.",)

    @pytest.mark.parametrize("file_format", LOSSLESS)
    def test_reads_palettes(self, file_format: str) -> None:
        image = scene().quantize(40)
        decoded = decode(encoded(image, file_format))
        np.testing.assert_array_equal(decoded.pixels, np.asarray(image.convert("RGB")))
        assert decoded.mode == "P"
        assert decoded.notes == ("The palette's colours were looked up.",)

    def test_takes_the_first_image_of_a_camera_jpeg(self) -> None:
        camera = encoded(scene(), "MPO", save_all=True, append_images=[scene().rotate(180)])
        np.testing.assert_array_equal(
            decode(camera).pixels, decode(encoded(scene(), "JPEG")).pixels
        )

    def test_trailing_bytes_do_no_harm(self) -> None:
        for file_format in FORMATS:
            assert decode(encoded(scene(), file_format) + bytes(1000)).format == file_format

    def test_content_counts_not_the_name_within_the_data(self) -> None:
        assert decode(encoded(scene(), "BMP")).format == "BMP"


def test_a_tiff_of_as_many_strips_as_it_may_have_rows() -> None:
    rows = np.random.default_rng(0).integers(0, 256, (30_000, 16), dtype=np.uint8)
    data = encoded(Image.fromarray(rows), "TIFF", tiffinfo={278: 1})  # RowsPerStrip
    assert np.array_equal(decode(data).pixels[:, :, 0], rows)


class TestBitDepth:
    def test_16_bits_are_scaled_by_their_full_range(self) -> None:
        values = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
        for file_format in ("PNG", "TIFF"):
            decoded = decode(encoded(Image.fromarray(values), file_format))
            np.testing.assert_array_equal(decoded.pixels[:, :, 0], np.rint(values / 257))
            np.testing.assert_array_equal(decoded.pixels[:, :, 0], decoded.pixels[:, :, 2])
            assert decoded.bit_depth == 16
            assert decoded.notes == ("16-bit values were scaled to 8 bits: 65535 became 255.",)

    def test_8_bits_spread_over_16_come_back(self) -> None:
        image = scene("L")
        wide = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
        np.testing.assert_array_equal(decode(encoded(wide)).pixels, decode(encoded(image)).pixels)

    @pytest.mark.parametrize("bits", [8, 10, 12, 14])
    def test_fewer_bits_in_16_are_scaled_by_their_own_range(self, bits: int) -> None:
        top = 2**bits - 1
        values = np.linspace(0, top, 64 * 64).astype(np.uint16).reshape(64, 64)
        decoded = decode(encoded(Image.fromarray(values)))
        np.testing.assert_array_equal(decoded.pixels[:, :, 0], np.rint(values * (255 / top)))
        assert decoded.notes[0].startswith(f"16-bit values use only {bits} bits")
        assert f"{top} became 255" in decoded.notes[0]

    def test_black_of_16_bits_stays_black(self) -> None:
        assert decode(encoded(Image.new("I;16", (32, 32)))).pixels.max() == 0

    def test_reads_16_bits_in_either_byte_order(self) -> None:
        values = np.linspace(0, 65535, 32 * 32).astype(np.uint16).reshape(32, 32)
        little = Image.fromarray(values)
        big = Image.frombytes("I;16B", (32, 32), values.astype(">u2").tobytes())
        np.testing.assert_array_equal(
            decode(encoded(little, "TIFF")).pixels, decode(encoded(big, "TIFF")).pixels
        )

    @pytest.mark.parametrize("kind", [np.uint8, np.uint16])
    def test_zero_is_white_where_the_file_says_so(self, kind: type) -> None:
        top = np.iinfo(kind).max
        values = np.linspace(0, top, 32 * 32).astype(kind).reshape(32, 32)
        black_is_zero = decode(gray_tiff(values, photometric=1)).pixels
        white_is_zero = decode(gray_tiff(values, photometric=0)).pixels
        np.testing.assert_array_equal(white_is_zero, 255 - black_is_zero)

    @pytest.mark.parametrize(
        ("kind", "sample_format", "photometric"),
        [(np.float16, 3, 1), (np.int64, 2, 1), (np.uint32, 1, 0), (np.int16, 2, 0)],
    )
    def test_sound_files_of_rare_pixels_are_not_called_damaged(
        self, kind: type, sample_format: int, photometric: int
    ) -> None:
        values = np.linspace(0, 100, 32 * 32).astype(kind).reshape(32, 32)
        file = gray_tiff(values, sample_format=sample_format, photometric=photometric)
        with pytest.raises(UnsupportedImage, match="a TIFF file of other pixels"):
            decode(file)

    def test_colours_of_16_bits_keep_their_upper_8(self) -> None:
        row = b"\0" + b"\x12\x99\x80\x99\xfe\x99" * 16
        decoded = decode(png(16, 16, 16, 2, row * 16))
        assert decoded.pixels[3, 3].tolist() == [0x12, 0x80, 0xFE]
        assert decoded.bit_depth == 16
        assert decoded.notes == ("Of 16 bits per channel the upper 8 were used.",)

    def test_signed_and_32_bit_values_are_scaled_from_smallest_to_largest(self) -> None:
        ramp = np.linspace(-1000, 3000, 32 * 32).reshape(32, 32)
        for kind, sample_format in ((np.int16, 2), (np.int32, 2)):
            decoded = decode(gray_tiff(ramp.astype(kind), sample_format=sample_format))
            assert np.abs(decoded.pixels[:, :, 0] - (ramp + 1000) * 255 / 4000).max() <= 1
            words = f"Signed {np.dtype(kind).itemsize * 8}-bit values were scaled to 8 bits"
            assert decoded.notes == (f"{words}: -1000 became 0 and 3000 became 255.",)

    @pytest.mark.parametrize("top", [4095, 2**31 - 1, 2**31, 2**32 - 1])
    def test_unsigned_values_of_32_bits_keep_their_order(self, top: int) -> None:
        values = np.linspace(0, top, 32 * 32).astype(np.uint32).reshape(32, 32)
        decoded = decode(gray_tiff(values))
        assert np.abs(decoded.pixels[:, :, 0] - values * (255 / top)).max() <= 0.5
        assert decoded.notes == (
            f"32-bit values were scaled to 8 bits: 0 became 0 and {top:g} became 255.",
        )

    def test_32_bits_are_unsigned_where_the_file_does_not_say(self) -> None:
        values = np.linspace(0, 2**32 - 1, 32 * 32).astype(np.uint32).reshape(32, 32)
        said = gray_tiff(values)
        sample_format, unknown = (339).to_bytes(2, "little"), (65000).to_bytes(2, "little")
        assert said.count(sample_format) == 1
        silent = said.replace(sample_format, unknown)
        np.testing.assert_array_equal(decode(silent).pixels, decode(said).pixels)

    def test_signed_values_of_8_bits_keep_their_order(self) -> None:
        values = np.linspace(-100, 90, 32 * 32).astype(np.int8).reshape(32, 32)
        decoded = decode(gray_tiff(values, sample_format=2))
        assert np.abs(decoded.pixels[:, :, 0] - (values + 100.0) * 255 / 190).max() <= 0.5
        assert decoded.bit_depth == 8
        assert decoded.notes == (
            "Signed 8-bit values were scaled to 8 bits: -100 became 0 and 90 became 255.",
        )

    @pytest.mark.parametrize(
        ("kind", "sample_format"), [(np.uint32, 1), (np.int32, 2), (np.int16, 2), (np.int8, 2)]
    )
    def test_values_of_either_sign_are_turned_upright(
        self, kind: type[np.integer], sample_format: int
    ) -> None:
        limits = np.iinfo(kind)
        values = np.linspace(limits.min, limits.max, 40 * 24).astype(kind).reshape(24, 40)
        turned = gray_tiff(values, sample_format=sample_format, orientation=6)
        upright = np.rot90(decode(gray_tiff(values, sample_format=sample_format)).pixels, -1)
        np.testing.assert_array_equal(decode(turned).pixels, upright)

    def test_floating_point_is_scaled_and_gaps_become_black(self) -> None:
        values = np.linspace(0.5, 2.5, 32 * 32).astype(np.float32).reshape(32, 32)
        values[5, 5:8] = [np.nan, np.inf, -np.inf]
        decoded = decode(encoded(Image.fromarray(values), "TIFF"))
        assert (decoded.pixels.min(), decoded.pixels.max()) == (0, 255)
        assert not decoded.pixels[5, 5:8].any()
        assert decoded.mode == "F"
        assert decoded.bit_depth == 32
        assert "0.5 became 0 and 2.5 became 255" in decoded.notes[0]
        assert "3 pixels without a number became 0" in decoded.notes[0]
        values[5, 5:7] = 1.0
        decoded = decode(encoded(Image.fromarray(values), "TIFF"))
        assert "1 pixel without a number became 0" in decoded.notes[0]

    @pytest.mark.parametrize("value", [0.0, -7.5, 3e38])
    def test_floating_point_of_one_value_is_black(self, value: float) -> None:
        flat = Image.fromarray(np.full((32, 32), value, np.float32))
        assert decode(encoded(flat, "TIFF")).pixels.max() == 0

    def test_floating_point_may_span_its_whole_range(self) -> None:
        values = np.full((32, 32), 3.4e38, np.float32)
        values[:16] *= -1
        decoded = decode(encoded(Image.fromarray(values), "TIFF"))
        assert (decoded.pixels[0, 0, 0], decoded.pixels[-1, -1, 0]) == (0, 255)

    def test_floating_point_without_any_number_is_refused(self) -> None:
        nothing = Image.fromarray(np.full((32, 32), np.nan, np.float32))
        with pytest.raises(DamagedImage):
            decode(encoded(nothing, "TIFF"))


class TestTransparency:
    def test_an_opaque_alpha_channel_changes_nothing(self) -> None:
        for mode in ("RGBA", "LA"):
            decoded = decode(encoded(scene(mode)))
            np.testing.assert_array_equal(decoded.pixels, np.asarray(scene(mode).convert("RGB")))
            assert decoded.notes == ("The alpha channel, opaque all over, was dropped.",)

    def test_coloured_images_are_laid_on_white(self) -> None:
        image = scene("RGBA")
        image.putalpha(Image.linear_gradient("L").resize(image.size))
        layers = np.asarray(image, dtype=float)
        weight = layers[:, :, 3:] / 255
        truth = layers[:, :, :3] * weight + 255 * (1 - weight)
        decoded = decode(encoded(image))
        assert np.abs(decoded.pixels - truth).max() <= 1
        assert decoded.notes == ("Transparent parts were laid on white.",)

    @pytest.mark.parametrize("mode", ["LA", "RGBA"])
    def test_gray_images_are_laid_on_black(self, mode: str) -> None:
        image = scene("L").convert(mode)
        image.putalpha(Image.linear_gradient("L").resize(image.size))
        layers = np.asarray(image.convert("RGBA"), dtype=float)
        decoded = decode(encoded(image))
        assert np.abs(decoded.pixels - layers[:, :, :3] * layers[:, :, 3:] / 255).max() <= 1
        assert decoded.notes == ("Transparent parts were laid on black.",)

    def test_hidden_colours_do_not_make_an_image_coloured(self) -> None:
        image = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
        image.paste((90, 90, 90, 255), (0, 0, 16, 32))
        decoded = decode(encoded(image))
        assert decoded.pixels[0, 0].tolist() == [90, 90, 90]
        assert decoded.pixels[0, 31].tolist() == [0, 0, 0]

    @pytest.mark.parametrize("mode", ["P", "L", "RGB", "1"])
    def test_one_transparent_colour_is_laid_on_a_ground(self, mode: str) -> None:
        image = Image.new("RGB", (32, 32), "white").convert(mode)
        image.paste(0 if mode != "RGB" else (0, 0, 0), (0, 0, 16, 32))
        hidden: object = {"RGB": (255, 255, 255), "P": image.getpixel((31, 0))}.get(mode, 255)
        decoded = decode(encoded(image, transparency=hidden))
        assert decoded.pixels[0, 31].tolist() == [0, 0, 0]
        assert "Transparent parts were laid on black." in decoded.notes

    def test_a_palette_may_be_half_transparent(self) -> None:
        image = scene().quantize(16)
        decoded = decode(encoded(image, transparency=bytes([128] * 16)))
        truth = np.asarray(image.convert("RGB"), dtype=float) * 128 / 255 + 127
        assert np.abs(decoded.pixels - truth).max() <= 1


class TestOrientation:
    @pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF"])
    @pytest.mark.parametrize("orientation", range(2, 9))
    def test_turned_images_come_upright(self, file_format: str, orientation: int) -> None:
        turned = {
            2: lambda pixels: pixels[:, ::-1],
            3: lambda pixels: pixels[::-1, ::-1],
            4: lambda pixels: pixels[::-1],
            5: lambda pixels: pixels.transpose(1, 0, 2),
            6: lambda pixels: pixels.transpose(1, 0, 2)[:, ::-1],
            7: lambda pixels: pixels[::-1, ::-1].transpose(1, 0, 2),
            8: lambda pixels: pixels.transpose(1, 0, 2)[::-1],
        }[orientation]
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        stored = decode(encoded(scene(), file_format)).pixels
        decoded = decode(encoded(scene(), file_format, exif=exif))
        np.testing.assert_array_equal(decoded.pixels, turned(stored))
        assert decoded.notes == (f"Turned upright, as its EXIF orientation ({orientation}) says.",)

    @pytest.mark.parametrize("orientation", [0, 1, 9, 65535])
    def test_upright_and_unknown_orientations_are_left(self, orientation: int) -> None:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        decoded = decode(encoded(scene(), exif=exif))
        np.testing.assert_array_equal(decoded.pixels, np.asarray(scene()))
        assert decoded.notes == ()

    def test_unreadable_exif_does_not_cost_the_image(self) -> None:
        decoded = decode(encoded(scene(), exif=b"Exif\0\0no TIFF header here"))
        np.testing.assert_array_equal(decoded.pixels, np.asarray(scene()))
        assert decoded.notes == (
            "Its EXIF data could not be read; the image was taken as it is stored.",
        )

    # Of Pillow, as an error here alone: while serving the image is read.
    @pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
    def test_exif_cut_short_does_not_cost_the_image(self) -> None:
        exif = Image.Exif()
        exif[ORIENTATION] = 6
        decoded = decode(encoded(scene(), "JPEG", exif=exif.tobytes()[:-9]))
        assert decoded.format == "JPEG"


class TestRefusals:
    def refusal(self, data: bytes, kind: type[ImageRefused]) -> ImageRefused:
        with pytest.raises(ImageRefused) as caught:
            decode(data)
        assert type(caught.value) is kind
        return caught.value

    def test_nothing(self) -> None:
        refusal = self.refusal(b"", EmptyFile)
        assert refusal.received == "0 bytes"

    @pytest.mark.parametrize(
        ("data", "received"),
        [
            (b"Dear doctor, ...", "plain text"),
            (b"BMI,age\n21,50\n", "plain text"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "plain text"),
            (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
            (b"PK\x03\x04\x14\x00", "a ZIP archive or an office document"),
            (bytes(4) + b"ftypheic\0", "a HEIC, AVIF or video file"),
            (b"\x00\x01\x02", "content of an unknown kind"),
            (b"\x89", "content of an unknown kind"),
            (bytes(100_000), "content of an unknown kind"),
        ],
    )
    def test_what_is_no_image_is_named(self, data: bytes, received: str) -> None:
        refusal = self.refusal(data, NotAnImage)
        assert refusal.received == received
        assert all(reader.format in refusal.expected for reader in READERS)

    @pytest.mark.parametrize(("file_format", "received"), [("GIF", "GIF"), ("WEBP", "WebP")])
    def test_formats_that_are_not_read_are_named(self, file_format: str, received: str) -> None:
        refusal = self.refusal(encoded(scene(), file_format), NotAnImage)
        assert refusal.received == f"a {received} image"

    @pytest.mark.parametrize("file_format", FORMATS)
    @pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.9, 0.99])
    def test_files_cut_short(self, file_format: str, share: float) -> None:
        whole = encoded(scene(width=200, height=200), file_format)
        refusal = self.refusal(whole[: max(12, int(len(whole) * share))], DamagedImage)
        assert refusal.expected == f"a whole {file_format} image"
        assert refusal.received == f"a {file_format} file that is damaged or was cut short"

    @pytest.mark.parametrize("file_format", FORMATS)
    def test_a_signature_and_nothing_else(self, file_format: str) -> None:
        reader = next(reader for reader in READERS if reader.format == file_format)
        for signature in reader.signatures:
            self.refusal(signature + b"\0", DamagedImage)

    def test_png_without_its_last_chunk(self) -> None:
        self.refusal(encoded(scene())[:-12], DamagedImage)

    def test_png_with_a_wrong_checksum(self) -> None:
        data = bytearray(encoded(scene()))
        data[-20] ^= 1
        self.refusal(bytes(data), DamagedImage)

    def test_png_whose_header_does_not_come_first(self) -> None:
        data = encoded(scene())
        self.refusal(data[:8] + chunk(b"gAMA", bytes(4)) + data[8:], DamagedImage)

    @pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
    def test_millions_of_empty_parts(self, file_format: str) -> None:
        whole = encoded(scene(), file_format)
        place, part = {"PNG": (33, chunk(b"emPt", b"")), "JPEG": (2, b"\xff")}[file_format]
        for count, refused in ((1_000, False), (1_000_000, True)):
            data = whole[:place] + part * count + whole[place:]
            if refused:
                assert "more, most of them empty" in self.refusal(data, DamagedImage).received
            else:
                assert np.array_equal(decode(data).pixels, decode(whole).pixels)

    @pytest.mark.parametrize("file_format", ["JPEG", "MPO"])
    def test_a_jpeg_of_too_many_scans(self, file_format: str) -> None:
        pages = {"save_all": True, "append_images": [scene()]} if file_format == "MPO" else {}
        whole = encoded(scene(), file_format, progressive=True, **pages)
        assert decode(of_scans(whole, MAX_SCANS)).format == "JPEG"
        for count in (MAX_SCANS + 1, 100_000):
            started = perf_counter()
            refusal = self.refusal(of_scans(whole, count), UnsupportedImage)
            assert perf_counter() - started < 1
            assert refusal.expected == "a JPEG image of at most 100 scans"

    def test_a_bomb_is_refused_by_its_header(self) -> None:
        side = 20_000
        data = png(side, side, 8, 0, bytes((side + 1) * side // 100))
        tracemalloc.start()
        started = perf_counter()
        refusal = self.refusal(data, ImageTooLarge)
        seconds = perf_counter() - started
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert refusal.received == "20000 x 20000 pixels, that is 400.00 megapixels"
        assert seconds < 1
        assert peak < 10 * 2**20

    @pytest.mark.parametrize("side", [8001, 65_535, 2**31 - 1])
    def test_any_size_above_the_limit_is_refused(self, side: int) -> None:
        self.refusal(png(side, side, 8, 0, bytes(100)), ImageTooLarge)

    def test_a_size_just_above_the_limit_is_told_from_it(self) -> None:
        refusal = self.refusal(png(8001, 8000, 8, 0, bytes(100)), ImageTooLarge)
        assert refusal.received == "8001 x 8000 pixels, that is 64.01 megapixels"

    @pytest.mark.parametrize("size", [(16, 30_001), (1_000_000, 16)])
    def test_an_endless_strip_is_refused(self, size: tuple[int, int]) -> None:
        refusal = self.refusal(png(*size, 8, 0, bytes(100)), ImageTooLarge)
        assert refusal.expected == "at most 30000 pixels on each side"

    def test_tiff_that_lacks_strips(self) -> None:
        values = np.full((64, 16), 200, np.uint8)
        whole = gray_tiff(values)
        rows_of_strip, rows_of_image = (278).to_bytes(2, "little"), (257).to_bytes(2, "little")
        assert decode(whole).pixels.min() == 200
        data = bytearray(whole)
        for tag, rows in ((rows_of_strip, 64), (rows_of_image, 640)):
            entry = data.index(tag + b"\3\0")
            data[entry + 8 : entry + 12] = rows.to_bytes(4, "little")
        self.refusal(bytes(data), DamagedImage)

    @pytest.mark.parametrize("kind", [4, 9], ids=["unsigned", "signed"])
    @pytest.mark.parametrize("size", [(46_336, 46_320), (2**30, 16)])
    def test_a_small_tiff_of_a_huge_tile(self, size: tuple[int, int], kind: int) -> None:
        tags = [(256, 4, 64), (257, 4, 64), (258, 3, 8), (259, 3, 8), (262, 3, 1), (277, 3, 1)]
        tile = [(322, kind, size[0]), (323, kind, size[1]), (324, 4, 200), (325, 4, 100)]
        refusal = self.refusal(tiff(*tags, *tile, pixels=bytes(300)), ImageTooLarge)
        assert refusal.expected == "tiles of at most 64 megapixels"
        assert refusal.received == f"tiles of {size[0]} x {size[1]} pixels"

    def test_a_tiff_of_tiles_larger_than_itself_is_read(self) -> None:
        values = np.arange(256, dtype=np.uint8).reshape(16, 16)
        tags = [(256, 4, 16), (257, 4, 16), (258, 3, 8), (259, 3, 8), (262, 3, 1), (277, 3, 1)]
        content = zlib.compress(np.pad(values, ((0, 240), (0, 240))).tobytes())
        start = 8 + 2 + 12 * (len(tags) + 5) + 4
        tile = [(322, 4, 256), (323, 4, 256), (324, 4, start), (325, 4, len(content))]
        decoded = decode(tiff(*tags, *tile, pixels=content))
        np.testing.assert_array_equal(decoded.pixels[:, :, 0], values)

    def test_the_largest_size_is_read(self) -> None:
        decoded = decode(encoded(Image.new("L", (8000, 8000), 9), compress_level=1))
        assert decoded.pixels.shape == (8000, 8000, 3)

    @pytest.mark.parametrize("size", [(1, 1), (15, 400), (400, 15)])
    @pytest.mark.parametrize("file_format", FORMATS)
    def test_too_few_pixels(self, size: tuple[int, int], file_format: str) -> None:
        refusal = self.refusal(encoded(Image.new("RGB", size), file_format), ImageTooSmall)
        assert refusal.expected == "at least 16 pixels on each side"
        assert refusal.received == f"{size[0]} x {size[1]} pixels"

    def test_the_smallest_size_is_read(self) -> None:
        assert decode(encoded(Image.new("RGB", (16, 16)))).pixels.shape == (16, 16, 3)

    @pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
    def test_several_frames(self, file_format: str) -> None:
        others = [scene().rotate(90), scene().rotate(45)]
        data = encoded(scene(), file_format, save_all=True, append_images=others)
        refusal = self.refusal(data, AnimatedImage)
        assert (refusal.expected, refusal.received) == ("one image", "3 frames")

    def test_frames_are_not_counted_for_ever(self) -> None:
        pages = [Image.new("1", (16, 16))] * 150
        data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
        assert self.refusal(data, AnimatedImage).received == "more than 100 frames"

    def test_colours_that_are_not_read(self) -> None:
        lab = Image.frombytes("LAB", (32, 32), bytes(32 * 32 * 3))
        refusal = self.refusal(encoded(lab, "TIFF"), UnsupportedImage)
        assert refusal.received == "LAB colours"

    def test_every_refusal_speaks_to_its_reader(self) -> None:
        for kind in set(ImageRefused.__subclasses__()) - {FrameRefused}:
            refusal = kind(expected="this", received="that")
            assert refusal.title != ImageRefused.__mro__[1].title
            assert refusal.action.endswith(".")
            assert "Expected this; received that." in str(refusal)

    def test_a_refused_frame_says_which_there_are(self) -> None:
        with pytest.raises(NoSuchFrame) as caught:
            decode(encoded(scene()), Wanted(frame=2))
        assert caught.value.frames == 1
        assert "Expected the number of a frame, from 1 to 1; received 2." in str(caught.value)


class TestReaders:
    def test_suffixes_are_those_of_the_readers(self) -> None:
        assert SUFFIXES == (".dcm", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")

    def test_no_content_belongs_to_two_readers(self) -> None:
        for file_format in FORMATS:
            data = encoded(scene(), file_format)
            assert [reader.format for reader in READERS if reader.recognises(data)] == [file_format]

    def test_a_decoded_image_that_exists_is_valid(self) -> None:
        for pixels in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), "u1")):
            with pytest.raises(ValueError, match="expected"):
                DecodedImage(pixels=pixels, format="PNG", mode="L", bit_depth=8)


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize(
    "strict",
    [
        pytest.param(True, id="warnings are errors"),
        pytest.param(False, id="warnings are silent", marks=pytest.mark.filterwarnings("ignore")),
    ],
)
def test_no_bytes_bring_anything_but_an_image_or_a_refusal(name: str, *, strict: bool) -> None:
    dice = random.Random(f"{name} {strict}")
    for _ in range(40):
        with suppress(ImageRefused):
            assert decode(spoiled(dice, sound()[name])).pixels.dtype == np.uint8


def test_eight_threads_decode_as_one_does() -> None:
    wide = Image.fromarray(np.linspace(0, 65535, 10**6).astype(np.uint16).reshape(1000, 1000))
    files = [
        encoded(scene(width=900, height=700), "JPEG"),
        encoded(scene("L", 900, 700)),
        encoded(wide),
        encoded(scene("RGBA", 900, 700), "TIFF"),
        encoded(scene(width=900, height=700), "JPEG")[:-5000],
        png(20_000, 20_000, 8, 0, bytes(100)),
        b"no image",
        encoded(scene("CMYK", 900, 700), "JPEG"),
    ]

    def outcome(data: bytes) -> object:
        try:
            decoded = decode(data)
        except ImageRefused as refusal:
            return str(refusal)
        return decoded.pixels.tobytes(), decoded.notes

    alone = [outcome(data) for data in files]
    start = threading.Barrier(8)

    def together(turn: int) -> list[object]:
        start.wait()
        return [outcome(files[(turn + step) % 8]) for step in range(8)]

    with ThreadPoolExecutor(8) as pool:
        for turn, outcomes in enumerate(pool.map(together, range(8))):
            assert outcomes == [alone[(turn + step) % 8] for step in range(8)]


def test_nothing_shared_is_changed() -> None:
    limit = Image.MAX_IMAGE_PIXELS
    decode(encoded(scene()))
    with pytest.raises(ImageTooLarge):
        decode(png(20_000, 20_000, 8, 0, bytes(100)))
    assert limit == Image.MAX_IMAGE_PIXELS
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
