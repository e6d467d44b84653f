"""Images that are of no modality here, for tuning and for measuring the input gate.

Nothing is downloaded: photographs come with scikit-image, scikit-learn and matplotlib, everything
else is drawn. What a gate is tuned on and what it is measured on share no photograph, and several
kinds are never seen while tuning.
"""

import gzip
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import cv2
import matplotlib as mpl
import numpy as np
import skimage
import sklearn
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from models.imaging import decode

Half = Literal["tuning", "measuring"]
HALVES: tuple[Half, Half] = ("tuning", "measuring")

_TILES = 8  # of each photograph
_DRAWN = 24  # pictures of each kind that is drawn
_SIDE = 256
_SKIMAGE = Path(skimage.__file__).parent / "data"
_SKLEARN = Path(sklearn.__file__).parent / "datasets" / "images"
_MATPLOTLIB = Path(mpl.get_data_path()) / "sample_data"

PHOTOGRAPHS: Mapping[Half, tuple[Path, ...]] = MappingProxyType(
    {
        "tuning": (
            _SKIMAGE / "astronaut.png",
            _SKIMAGE / "brick.png",
            _SKIMAGE / "camera.png",
            _SKIMAGE / "coffee.png",
            _SKIMAGE / "coins.png",
            _SKIMAGE / "motorcycle_left.png",
            _SKLEARN / "flower.jpg",
            _SKIMAGE / "rocket.jpg",
        ),
        "measuring": (
            _SKIMAGE / "chelsea.png",
            _SKIMAGE / "grass.png",
            _SKIMAGE / "gravel.png",
            _SKIMAGE / "clock_motion.png",
            _SKLEARN / "china.jpg",
            _MATPLOTLIB / "grace_hopper.jpg",
        ),
    }
)
SCANS = tuple(
    _SKIMAGE / name
    for name in (
        "cell.png",
        "hubble_deep_field.jpg",
        "microaneurysms.png",
        "moon.png",
        "phantom.png",
        "retina.jpg",
    )
)
PAGES = tuple(_SKIMAGE / name for name in ("page.png", "text.png"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """One image that a gate should refuse."""

    kind: str  # "photograph turned gray"
    name: str
    pixels: np.ndarray = field(repr=False)  # (height, width, 3) uint8 RGB


def foreign(half: Half) -> Iterator[Foreign]:
    """The images for tuning or for measuring, always the same ones in the same order."""
    seed = 0 if half == "tuning" else 1
    yield from _photographs(half, np.random.default_rng([seed, 0]))
    kinds = _DRAWN_FOR_TUNING if half == "tuning" else _DRAWN_FOR_MEASURING
    for number, (kind, draw) in enumerate(kinds.items(), start=1):
        random = np.random.default_rng([seed, number])
        for index in range(_DRAWN):
            yield Foreign(kind=kind, name=f"{kind} {index}", pixels=draw(random))
    if half == "measuring":
        yield from _others()


def _photographs(half: Half, random: np.random.Generator) -> Iterator[Foreign]:
    for path in PHOTOGRAPHS[half]:
        pixels = decode(path.read_bytes()).pixels
        views = [("", pixels)]
        views += [(f" tile {number}", _tile(pixels, random)) for number in range(_TILES)]
        for word, view in views:
            if _is_coloured(view):
                yield Foreign(kind="photograph", name=path.stem + word, pixels=view)
            gray = turned_gray(view)
            yield Foreign(kind="photograph turned gray", name=path.stem + word, pixels=gray)


def _others() -> Iterator[Foreign]:
    for path in SCANS:
        pixels = decode(path.read_bytes()).pixels
        yield Foreign(kind="other scan", name=path.stem, pixels=pixels)
        if _is_coloured(pixels):
            yield Foreign(kind="other scan", name=f"{path.stem}, gray", pixels=turned_gray(pixels))
    yield Foreign(kind="other scan", name="head MRI", pixels=_magnetic_resonance())
    for path in PAGES:
        pixels = decode(path.read_bytes()).pixels
        yield Foreign(kind="text page", name=path.stem, pixels=pixels)
    for number, face in enumerate(np.load(_SKIMAGE / "lfw_subset.npy")[:100:4]):
        gray = cv2.resize((np.clip(face, 0, 1) * 255).astype(np.uint8), (_SIDE, _SIDE))
        yield Foreign(kind="face, gray and small", name=f"face {number}", pixels=_three(gray))


def _magnetic_resonance() -> np.ndarray:
    with gzip.open(_MATPLOTLIB / "s1045.ima.gz") as stream:
        values = np.frombuffer(stream.read(), np.uint16).reshape(256, 256).astype(np.float64)
    return _three(np.clip(255 * values / np.percentile(values, 99.5), 0, 255))


def turned_gray(pixels: np.ndarray) -> np.ndarray:
    """The same picture in gray, three equal channels."""
    return _three(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def _three(gray: np.ndarray) -> np.ndarray:
    return cv2.merge([np.asarray(gray).astype(np.uint8)] * 3)


def _is_coloured(pixels: np.ndarray) -> bool:
    return bool(np.ptp(pixels, axis=2).max() > 0)


def _tile(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    height, width = pixels.shape[:2]
    side = int(min(height, width) * random.uniform(0.25, 0.7))
    y, x = random.integers(0, height - side + 1), random.integers(0, width - side + 1)
    return np.ascontiguousarray(pixels[y : y + side, x : x + side])


def clouds(random: np.random.Generator, slope: float) -> np.ndarray:
    """Noise whose amplitude falls with frequency to the power of ``slope``; in [0, 1]."""
    spectrum = np.fft.fft2(random.normal(size=(_SIDE, _SIDE)))
    rows, columns = np.meshgrid(np.fft.fftfreq(_SIDE), np.fft.fftfreq(_SIDE), indexing="ij")
    distance = np.hypot(rows, columns)
    distance[0, 0] = 1.0
    waves = np.fft.ifft2(spectrum / distance**slope).real
    return np.asarray((waves - waves.min()) / np.ptp(waves))


def _noise(random: np.random.Generator) -> np.ndarray:
    if random.random() < 0.5:
        return _three(random.integers(0, 256, (_SIDE, _SIDE)))
    return np.clip(random.normal(128, random.uniform(10, 60), (_SIDE, _SIDE, 3)), 0, 255).astype(
        np.uint8
    )


def _gradient(random: np.random.Generator) -> np.ndarray:
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    if random.random() < 0.3:
        ramp = np.hypot(rows - random.random(), columns - random.random())
    else:
        angle = random.uniform(0, 2 * np.pi)
        ramp = rows * np.sin(angle) + columns * np.cos(angle)
    ramp = (ramp - ramp.min()) / np.ptp(ramp)
    low, high = np.sort(random.uniform(0, 255, 2))
    return _three(low + ramp * (high - low))


def _gray_clouds(random: np.random.Generator) -> np.ndarray:
    low = random.uniform(0, 120)
    return _three(low + clouds(random, random.uniform(0.6, 2.2)) * random.uniform(60, 255 - low))


def _text(random: np.random.Generator) -> np.ndarray:
    height, width = (int(side) for side in random.integers(300, 900, 2))
    page = np.full((height, width, 3), random.integers(225, 256), np.uint8)
    size, letters = random.uniform(0.4, 0.9), "abcdefghiklmnoprstuvwxyz ,. EAMT"
    for y in range(30, height - 10, int(38 * size)):
        line = "".join(random.choice(list(letters), int(width / (16 * size))))
        cv2.putText(
            page, line, (20, y), cv2.FONT_HERSHEY_SIMPLEX, size, (20, 20, 30), 1, cv2.LINE_AA
        )
    return page


def _chart(random: np.random.Generator) -> np.ndarray:
    figure = Figure(figsize=(4, 3), dpi=90)
    axes = figure.add_subplot()
    style = random.integers(0, 3)
    if style == 0:
        axes.plot(random.normal(size=(40, 3)).cumsum(axis=0))
    elif style == 1:
        axes.bar(range(8), random.uniform(1, 9, 8), color=colormaps["tab10"](random.integers(0, 9)))
    else:
        x, y, shades = random.normal(size=(3, 200))
        axes.scatter(x, y, c=shades)
    axes.set_title("A title")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]  # Matplotlib gives no type
    drawn = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]  # the same
    return np.ascontiguousarray(drawn[:, :, :3])


def _window(random: np.random.Generator) -> np.ndarray:
    """Something like a program's window: bars, panels, lines of text, perhaps a picture."""
    dark = random.random() < 0.5
    ground, ink = (30, (210, 214, 220)) if dark else (246, (30, 34, 38))
    page = np.full((600, 960, 3), ground, np.uint8)
    accent = tuple(int(value) for value in random.integers(40, 220, 3))
    cv2.rectangle(page, (0, 0), (960, int(random.integers(30, 70))), accent, -1)
    for _ in range(int(random.integers(2, 6))):
        x, y = int(random.integers(20, 700)), int(random.integers(90, 480))
        shade = ground + (18 if dark else -14)
        cv2.rectangle(page, (x, y), (x + 240, y + 100), (shade,) * 3, -1)
    for y in range(110, 580, int(random.integers(22, 40))):
        words = " ".join("word" for _ in range(int(random.integers(2, 9))))
        cv2.putText(page, words, (40, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, ink, 1, cv2.LINE_AA)
    if random.random() < 0.5:
        page[150:406, 640:896] = _gray_clouds(random)
    return page


def _body(random: np.random.Generator) -> np.ndarray:
    """A warm body before a cold ground, as a thermal camera sees it, (side, side) in [0, 1]."""
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    middle, breadth = random.uniform(0.4, 0.6), random.uniform(0.25, 0.42)
    waist = breadth * (1 - 0.25 * np.exp(-(((rows - 0.6) / 0.2) ** 2)))
    inside = 1 / (1 + np.exp((np.abs(columns - middle) - waist) * 60))
    head = random.uniform(0.02, 0.25)
    inside *= 1 / (1 + np.exp((head - rows) * 60))
    heat = 0.62 + 0.3 * (clouds(random, 1.8) - 0.5)
    for side in (-1, 1):
        x, y = middle + side * breadth * 0.5, random.uniform(0.45, 0.65)
        away = np.hypot((columns - x) / 0.14, (rows - y) / 0.16)
        heat -= random.uniform(0.05, 0.2) * np.exp(-(away**2))
        heat += random.uniform(0.0, 0.25) * np.exp(-((np.abs(away - 1) * 6) ** 2))
    return np.asarray(
        np.clip(0.1 + inside * (heat - 0.1) + random.normal(0, 0.008, rows.shape), 0, 1)
    )


def _thermogram(random: np.random.Generator) -> np.ndarray:
    names = ("inferno", "jet", "hot", "plasma", "magma", "turbo", "rainbow")
    palette = colormaps[str(random.choice(names))]
    return np.ascontiguousarray((palette(_body(random))[:, :, :3] * 255).astype(np.uint8))


def _gray_thermogram(random: np.random.Generator) -> np.ndarray:
    return _three(_body(random) * 255)


def _outline(random: np.random.Generator) -> np.ndarray:
    """A white shape on black, as masks are."""
    mask = np.zeros((_SIDE, _SIDE), np.uint8)
    for _ in range(int(random.integers(1, 4))):
        centre = [int(value) for value in random.integers(60, 196, 2)]
        axes = [int(value) for value in random.integers(15, 60, 2)]
        cv2.ellipse(mask, centre, axes, float(random.uniform(0, 180)), 0, 360, 255, -1)
    return _three(mask)


def _blank(random: np.random.Generator) -> np.ndarray:
    picture = np.empty((_SIDE, _SIDE, 3), np.uint8)
    picture[:] = random.integers(0, 256) if random.random() < 0.6 else random.integers(0, 256, 3)
    return picture


def _tinted(random: np.random.Generator) -> np.ndarray:
    """A photograph turned gray, then into the colours of a stain."""
    path = PHOTOGRAPHS["measuring"][int(random.integers(0, 6))]
    gray = turned_gray(_tile(decode(path.read_bytes()).pixels, random))[:, :, :1] / 255
    light = np.array([235, 205, 225]) + random.normal(0, 8, 3)
    dark = np.array([110, 50, 130]) + random.normal(0, 15, 3)
    return np.clip(dark + gray * (light - dark), 0, 255).astype(np.uint8)


def _stripes(random: np.random.Generator) -> np.ndarray:
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE]
    angle, period = random.uniform(0, np.pi), random.uniform(6, 60)
    wave = np.sin((rows * np.sin(angle) + columns * np.cos(angle)) * 2 * np.pi / period)
    return _three(
        128 + random.uniform(30, 120) * (wave if random.random() < 0.5 else np.sign(wave))
    )


Draw = Callable[[np.random.Generator], np.ndarray]

_DRAWN_FOR_TUNING: Mapping[str, Draw] = MappingProxyType(
    {
        "noise": _noise,
        "gradient": _gradient,
        "clouds": _gray_clouds,
        "text page": _text,
        "chart": _chart,
        "blank": _blank,
    }
)
_DRAWN_FOR_MEASURING: Mapping[str, Draw] = MappingProxyType(
    {
        "noise": _noise,
        "gradient": _gradient,
        "clouds": _gray_clouds,
        "stripes": _stripes,
        "text page": _text,
        "chart": _chart,
        "window": _window,
        "thermogram in colours": _thermogram,
        "thermogram in gray": _gray_thermogram,
        "outline": _outline,
        "photograph in stain colours": _tinted,
        "blank": _blank,
    }
)
