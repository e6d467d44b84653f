"""Small synthetic images of each modality, for tests and a first run without any download.

They look like the real thing from afar and teach nothing about it. The two classes differ in shape
and texture; their mean brightness is drawn independently of the class.
"""

import zlib
from collections.abc import Callable, Mapping

import cv2
import numpy as np

SIDE = 256
_GOLDEN = 0.6180339887498949
_MEAN = 105.0  # gray level
_MEANS = {"histopathology": 165.0}

Draw = Callable[[int, np.random.Generator], np.ndarray]
"""Label, random numbers -> (256, 256, 3) float picture in about 0..255, RGB."""


def phantom(modality_key: str, label: int, seed: int) -> np.ndarray:
    """One picture, (256, 256, 3) uint8 RGB; the same arguments always give the same one.

    Args:
        modality_key: of the catalogue; one without a phantom of its own gets a plain shape.
        label: 0 negative, 1 positive.
        seed: at least 0.

    Raises:
        ValueError: ``label`` is neither 0 nor 1.
    """
    if label not in (0, 1):
        raise ValueError(f"expected label 0 or 1, received {label}")
    random = np.random.default_rng([zlib.crc32(modality_key.encode()), label, seed])
    picture = _DRAWINGS.get(modality_key, _draw_shape)(label, random)
    # spread evenly over any run of seeds, so that neither class is the brighter one
    brightness = 0.85 + 0.3 * ((seed * _GOLDEN) % 1.0)
    wanted = _MEANS.get(modality_key, _MEAN) * brightness
    exposed = np.clip(picture * (wanted / picture.mean()), 0, 255)
    return np.asarray(exposed.astype(np.uint8))


def _clouds(random: np.random.Generator, slope: float) -> np.ndarray:
    """Smooth random texture, (256, 256), mean 0, standard deviation 1; steeper is smoother."""
    rows, columns = np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :]
    frequency = np.maximum(np.hypot(rows, columns), 1 / SIDE)
    noise = np.fft.rfft2(random.standard_normal((SIDE, SIDE)))
    texture = np.fft.irfft2(noise * frequency**-slope, s=(SIDE, SIDE))
    return np.asarray((texture - texture.mean()) / texture.std())


def _outline(
    random: np.random.Generator,
    centre: tuple[float, float],
    radii: tuple[float, float],
    rough: float,
) -> np.ndarray:
    """A closed outline, soft-edged, (256, 256) float in [0, 1]; ``rough`` 0 is an ellipse."""
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    wobble = 1 + rough * random.standard_normal(angles.size).clip(-1.5, 2)
    across, down = radii[0] * wobble * np.cos(angles), radii[1] * wobble * np.sin(angles)
    points = np.stack([centre[0] + across, centre[1] + down], axis=1).round().astype(np.int32)
    mask = cv2.fillPoly(np.zeros((SIDE, SIDE), np.float32), [points], 1.0)
    return cv2.GaussianBlur(mask, (0, 0), 1.5)


def _gray(picture: np.ndarray) -> np.ndarray:
    return np.repeat(np.clip(picture, 0, 255)[:, :, None], 3, axis=2)


def _middle(random: np.random.Generator) -> tuple[float, float]:
    return random.uniform(90, 166), random.uniform(90, 166)


def _draw_ultrasound(label: int, random: np.random.Generator) -> np.ndarray:
    """Speckle around a dark lesion: wide and smooth, or tall and spiculated."""
    long, short = random.uniform(42, 56), random.uniform(24, 32)
    radii, rough = ((long, short), 0.02) if label == 0 else ((short, long), 0.22)
    lesion = _outline(random, _middle(random), radii, rough)
    layers = cv2.GaussianBlur(_clouds(random, 1.0), (0, 0), sigmaX=12, sigmaY=1.5)
    echo = 110 + 60 * layers / layers.std() * 0.4
    speckle = cv2.GaussianBlur(random.rayleigh(0.8, (SIDE, SIDE)), (0, 0), 0.9)
    return _gray(np.maximum(echo, 20) * speckle * (1 - 0.75 * lesion))


def _draw_mammography(label: int, random: np.random.Generator) -> np.ndarray:
    """Fibrous tissue, with or without a bright spiculated mass."""
    tissue = 105 + 25 * _clouds(random, 1.5)
    strands = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(25):
        start = random.uniform(0, SIDE, 2)
        end = start + random.normal(0, 70, 2)
        _line(strands, start, end, 1)
    if label == 1:
        centre = np.array(_middle(random))
        radius = random.uniform(16, 26)
        mass = _outline(random, (centre[0], centre[1]), (radius, radius), 0.12)
        tissue += 70 * cv2.GaussianBlur(mass, (0, 0), 3.0)
        for angle in random.uniform(0, 2 * np.pi, 28):
            reach = radius * random.uniform(1.6, 2.8)
            _line(strands, centre, centre + reach * np.array([np.cos(angle), np.sin(angle)]), 2)
    return _gray(tissue + 45 * cv2.GaussianBlur(strands, (0, 0), 1.0))


def _line(canvas: np.ndarray, start: np.ndarray, end: np.ndarray, width: int) -> None:
    first, last = ([int(value) for value in point] for point in (start, end))
    cv2.line(canvas, first, last, 1.0, width, cv2.LINE_AA)


def _draw_histopathology(label: int, random: np.random.Generator) -> np.ndarray:
    """Pink ground with few small round nuclei, or with many large uneven ones."""
    ground = np.array([232.0, 176.0, 204.0]) + 9 * _clouds(random, 1.2)[:, :, None]
    count = int(random.integers(35, 50)) if label == 0 else int(random.integers(80, 110))
    for _ in range(count):
        x, y = (int(value) for value in random.uniform(0, SIDE, 2))
        radius = random.uniform(4, 6) if label == 0 else random.uniform(5, 13)
        flat = random.uniform(0.9, 1.0) if label == 0 else random.uniform(0.5, 1.0)
        axes = (round(radius), max(2, round(radius * flat)))
        shade = random.normal(0, 6 if label == 0 else 18)
        colour = (92 + shade, 62 + shade, 142 + shade)
        cv2.ellipse(ground, (x, y), axes, random.uniform(0, 180), 0, 360, colour, -1)
    noise = random.normal(0, 3, ground.shape)
    return np.asarray(cv2.GaussianBlur(ground, (0, 0), 0.8) + noise)


def _draw_shape(label: int, random: np.random.Generator) -> np.ndarray:
    """Any other modality: a smooth or a ragged shape on clouds."""
    radius = random.uniform(32, 50)
    shape = _outline(random, _middle(random), (radius, radius), 0.02 if label == 0 else 0.25)
    return _gray(100 + 18 * _clouds(random, 1.2) + 60 * shape)


_DRAWINGS: Mapping[str, Draw] = {
    "ultrasound": _draw_ultrasound,
    "mammography": _draw_mammography,
    "histopathology": _draw_histopathology,
}
