"""Each modality's step against numbers computed another way."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from PIL import Image

from models.catalogue import MODALITIES
from models.preprocessing import (
    SIDE,
    normalise_stains,
    prepare_histopathology,
    prepare_mammography,
    prepare_ultrasound,
)
from models.specs import ModalitySpec, Step

SHAPES = [(224, 224), (448, 448), (300, 500), (100, 120), (16, 16), (1, 1), (100, 600), (9, 40000)]


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def gray_image(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.repeat(noise(height, width, 1, seed=seed), 3, axis=2)


def stained_tile(seed: int = 0, side: int = SIDE) -> np.ndarray:
    """Two stains of our own choice, in smooth random strengths, on 40 % of bare glass."""
    rng = np.random.default_rng(seed)
    stains = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11]])
    small = rng.gamma(2.0, 0.45, (side // 8, side // 8, 2)).astype(np.float32)
    strengths = cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)
    strengths *= cv2.resize(
        (rng.random((side // 8, side // 8)) < 0.6).astype(np.float32), (side, side)
    )[:, :, np.newaxis]
    return np.clip(240.0 * np.exp(-strengths @ stains), 0, 255).astype(np.uint8)


def macenko(tile: np.ndarray) -> np.ndarray:
    """The paper step by step, in double precision, with a general least-squares solver."""
    density = -np.log((tile.reshape(-1, 3).astype(np.float64) + 1) / 240)
    tissue = density[~np.any(density < 0.15, axis=1)]
    _, _, axes = np.linalg.svd(tissue - tissue.mean(axis=0), full_matrices=False)
    main, second = axes[0], axes[1]
    main = main if main.sum() > 0 else -main
    angles = np.arctan2(tissue @ second, tissue @ main)
    ends = [
        np.cos(angle) * main + np.sin(angle) * second for angle in np.percentile(angles, [1, 99])
    ]
    stains = np.stack(sorted(ends, key=lambda stain: -stain[0]), axis=1)
    strengths = np.linalg.lstsq(stains, density.T, rcond=None)[0]
    strengths /= np.percentile(strengths, 99, axis=1)[:, np.newaxis]
    strengths *= np.array([[1.9705], [1.0308]])
    reference = np.array([[0.5626, 0.2159], [0.7201, 0.8012], [0.4062, 0.5581]])
    return np.minimum(240 * np.exp(-reference @ strengths), 255).T.reshape(tile.shape)


@pytest.mark.parametrize("modality", MODALITIES.values(), ids=lambda spec: spec.key)
class TestEveryModality:
    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    def test_gives_224_squares_of_float32_from_0_to_255(
        self, modality: ModalitySpec, shape: tuple[int, int]
    ) -> None:
        prepared = modality.prepare(noise(*shape, 3))
        assert prepared.shape == (SIDE, SIDE, 3)
        assert prepared.dtype == np.float32
        assert prepared.flags.c_contiguous
        assert np.isfinite(prepared).all()
        assert prepared.min() >= 0
        assert prepared.max() <= 255

    def test_reads_an_image_that_cannot_be_written_to(self, modality: ModalitySpec) -> None:
        pixels = noise(300, 260, 3)
        pixels.flags.writeable = False
        assert modality.prepare(pixels).flags.writeable

    def test_gives_the_same_for_pixels_that_are_not_contiguous(
        self, modality: ModalitySpec
    ) -> None:
        pixels = stained_tile(side=448)
        for view in (pixels[::2, 5:300], pixels[:, ::-1], pixels.transpose(1, 0, 2)):
            expected = modality.prepare(np.ascontiguousarray(view))
            np.testing.assert_array_equal(modality.prepare(view), expected)

    def test_gives_the_same_again_and_on_eight_threads(self, modality: ModalitySpec) -> None:
        tiles = [stained_tile(seed, side=448) for seed in range(8)]
        alone = [modality.prepare(tile) for tile in tiles]
        start = threading.Barrier(8)

        def prepare(tile: np.ndarray) -> np.ndarray:
            start.wait()
            return modality.prepare(tile)

        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(prepare, tiles))
        np.testing.assert_array_equal(alone, together)

    @pytest.mark.parametrize(
        ("pixels", "received"),
        [
            (np.zeros((8, 8), np.uint8), "(8, 8) uint8"),
            (np.zeros((8, 8, 4), np.uint8), "(8, 8, 4) uint8"),
            (np.zeros((1, 8, 8, 3), np.uint8), "(1, 8, 8, 3) uint8"),
            (np.zeros((0, 8, 3), np.uint8), "(0, 8, 3) uint8"),
            (np.zeros((8, 8, 3), np.float32), "(8, 8, 3) float32"),
            (np.zeros((8, 8, 3), np.uint16), "(8, 8, 3) uint16"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_refuses_what_is_no_rgb_image(
        self, modality: ModalitySpec, pixels: np.ndarray, received: str
    ) -> None:
        sentence = f"expected (height, width, 3) uint8 pixels, received {received} pixels"
        with pytest.raises(ValueError, match=re.escape(sentence)):
            modality.prepare(pixels)


class TestResize:
    def test_halving_takes_the_mean_of_four(self) -> None:
        pixels = gray_image(448, 448)
        means = pixels[:, :, 0].reshape(224, 2, 224, 2).mean(axis=(1, 3))
        assert np.abs(prepare_mammography(pixels)[:, :, 0] - means).max() <= 0.5

    @pytest.mark.parametrize("shape", [(448, 448), (672, 896), (1120, 224)], ids=str)
    def test_shrinking_by_whole_numbers_agrees_with_pillow(self, shape: tuple[int, int]) -> None:
        pixels = gray_image(*shape)
        box = Image.fromarray(pixels[:, :, 0]).resize((SIDE, SIDE), Image.Resampling.BOX)
        assert np.abs(prepare_mammography(pixels)[:, :, 0] - np.asarray(box, float)).max() <= 1

    @pytest.mark.parametrize("shape", [(300, 500), (299, 299), (225, 999)], ids=str)
    def test_shrinking_weighs_each_pixel_by_its_area(self, shape: tuple[int, int]) -> None:
        def shares(size: int) -> np.ndarray:
            edges = np.arange(SIDE + 1) * size / SIDE
            pixel = np.arange(size)
            inside = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
            return np.clip(inside, 0, None) * SIDE / size

        pixels = gray_image(*shape)
        exact = shares(shape[0]) @ pixels[:, :, 0].astype(float) @ shares(shape[1]).T
        assert np.abs(prepare_mammography(pixels)[:, :, 0] - exact).max() <= 0.51

    def test_an_image_of_the_right_size_is_not_touched(self) -> None:
        pixels = gray_image(224, 224)
        np.testing.assert_array_equal(prepare_mammography(pixels), pixels)

    def test_growing_is_smooth_and_stays_in_range(self) -> None:
        edge = np.zeros((32, 32, 3), np.uint8)
        edge[:, 16:] = 255
        grown = prepare_mammography(edge)[:, :, 0]
        assert grown[:, :96].max() == 0
        assert grown[:, 128:].min() == 255
        assert len(np.unique(grown[0])) > 5

    def test_an_axis_that_shrinks_is_averaged_even_when_the_other_grows(self) -> None:
        stripes = np.zeros((112, 2240, 3), np.uint8)
        stripes[:, ::2] = 200
        assert np.abs(prepare_mammography(stripes) - 100).max() <= 1


class TestGray:
    @pytest.mark.parametrize(
        ("colour", "luma"),
        [((255, 0, 0), 76.245), ((0, 255, 0), 149.685), ((0, 0, 255), 29.07), ((9, 99, 199), 83.5)],
    )
    def test_weighs_colours_as_itu_r_601(self, colour: tuple[int, int, int], luma: float) -> None:
        prepared = prepare_mammography(np.full((300, 300, 3), colour, np.uint8))
        assert np.abs(prepared - luma).max() <= 0.51

    def test_keeps_gray_as_it_is(self) -> None:
        ramp = np.arange(256, dtype=np.uint8)[:224]
        pixels = np.broadcast_to(ramp[:, None, None], (224, 224, 3))
        np.testing.assert_array_equal(prepare_mammography(pixels), pixels)

    @pytest.mark.parametrize("prepare", [prepare_mammography, prepare_ultrasound])
    def test_gives_three_equal_channels(self, prepare: Step) -> None:
        prepared = prepare(noise(300, 300, 3))
        np.testing.assert_array_equal(prepared[:, :, 0], prepared[:, :, 1])
        np.testing.assert_array_equal(prepared[:, :, 0], prepared[:, :, 2])


class TestUltrasound:
    def test_a_lone_bright_pixel_disappears(self) -> None:
        calm = np.full((300, 300, 3), 90, np.uint8)
        speckled = calm.copy()
        speckled[20::40, 20::40] = 255
        np.testing.assert_array_equal(prepare_ultrasound(speckled), prepare_ultrasound(calm))

    def test_faint_contrast_becomes_stronger(self) -> None:
        rows, columns = np.mgrid[:300, :300]
        faint = (100 + 10 * np.sin(rows / 9) + 10 * np.sin(columns / 7)).astype(np.uint8)
        pixels = np.repeat(faint[:, :, None], 3, axis=2)
        assert prepare_ultrasound(pixels).std() > 1.3 * prepare_mammography(pixels).std()

    def test_brighter_stays_brighter_within_a_neighbourhood(self) -> None:
        pixels = np.full((224, 224, 3), 60, np.uint8)
        pixels[100:124, 100:124] = 120
        prepared = prepare_ultrasound(pixels)[:, :, 0]
        assert prepared[105:119, 105:119].min() > prepared[60:90, 60:90].max()


class TestHistopathology:
    @pytest.mark.parametrize("seed", range(5))
    def test_agrees_with_the_paper_done_step_by_step(self, seed: int) -> None:
        tile = stained_tile(seed)
        assert np.abs(normalise_stains(tile) - macenko(tile)).max() < 0.1

    def test_whole_levels_survive_a_png(self) -> None:
        prepared = prepare_histopathology(stained_tile(1))
        np.testing.assert_array_equal(prepared, prepared.astype(np.uint8))

    def test_brings_two_scanners_together(self) -> None:
        rng = np.random.default_rng(5)
        strengths = rng.gamma(2.0, 0.4, (224, 224, 2))
        stains = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11]])
        scanners = [stains, stains * 0.7 + np.array([0.08, -0.03, 0.12])]
        tiles = [(240 * np.exp(-strengths @ colours)).astype(np.uint8) for colours in scanners]
        before = np.abs(tiles[0].astype(float) - tiles[1]).mean()
        after = np.abs(prepare_histopathology(tiles[0]) - prepare_histopathology(tiles[1])).mean()
        assert after < before / 3

    def test_resizes_before_normalising(self) -> None:
        tile = np.repeat(np.repeat(stained_tile(), 2, axis=0), 2, axis=1)
        np.testing.assert_array_equal(
            prepare_histopathology(tile), prepare_histopathology(stained_tile())
        )

    @pytest.mark.parametrize(
        "tile",
        [
            np.full((224, 224, 3), 255, np.uint8),
            np.full((224, 224, 3), 245, np.uint8),
            np.zeros((224, 224, 3), np.uint8),
            np.full((224, 224, 3), (170, 90, 150), np.uint8),
            gray_image(224, 224),
            np.full((224, 224, 3), (170, 90, 150), np.uint8) + noise(224, 224, 3) // 128,
            np.dstack([noise(224, 224), np.zeros((224, 224, 2), np.uint8)]),
        ],
        ids=["white", "glass", "black", "one colour", "gray", "one noisy colour", "red only"],
    )
    def test_a_tile_without_two_stains_is_left_as_it_is(self, tile: np.ndarray) -> None:
        np.testing.assert_array_equal(prepare_histopathology(tile), tile)

    def test_a_speck_of_tissue_is_too_little(self) -> None:
        tile = np.full((224, 224, 3), 250, np.uint8)
        tile[:20, :20] = stained_tile()[40:60, 40:60]
        np.testing.assert_array_equal(prepare_histopathology(tile), tile)

    def test_stains_that_hardly_appear_are_left(self) -> None:
        tile = np.full((224, 224, 3), 250, np.uint8)
        strengths = np.linspace(0.5, 2.0, 224)[:, np.newaxis]
        # Two rows of the one and one of the other: each less than 1 % of the tile.
        tile[:2] = 240 * np.exp(-strengths * [0.65, 0.70, 0.40])
        tile[2] = 240 * np.exp(-strengths * [0.30, 0.90, 0.40])
        np.testing.assert_array_equal(prepare_histopathology(tile), tile)

    def test_stains_of_nearly_one_colour_are_left(self) -> None:
        tile = gray_image(224, 224) // 8 + np.uint8(20)
        tile[:, ::2, 0] += 1
        np.testing.assert_array_equal(prepare_histopathology(tile), tile)

    def test_never_fails_on_odd_colours(self) -> None:
        rng = np.random.default_rng(11)
        for _ in range(200):
            centre, spread = rng.integers(0, 256, 3), rng.integers(1, 90, 3)
            tile = np.clip(rng.normal(centre, spread, (64, 64, 3)), 0, 255).astype(np.uint8)
            normalised = normalise_stains(tile)
            assert np.isfinite(normalised).all()
            assert normalised.min() >= 0
            assert normalised.max() <= 255
