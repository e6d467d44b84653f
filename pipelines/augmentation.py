"""Augmentation: one random, label-keeping change of a prepared training image."""

import cv2
import numpy as np

from models.specs import AugmentationSpec


def augment(
    image: np.ndarray, spec: AugmentationSpec, pixels: int, random: np.random.Generator
) -> np.ndarray:
    """Turn, zoom, flip and recolour an image within the limits of its modality.

    Args:
        image: (side, side, 3) uint8 RGB; left alone.
        spec: the modality's limits.
        pixels: the side of the result.
        random: where the chances come from.

    Returns:
        (pixels, pixels, 3) float32 RGB in 0..255.
    """
    moved = _move(image, spec, pixels, random)
    if spec.hue or spec.saturation:
        moved = _recolour(moved, spec, random)
    gain = 1.0 + random.uniform(-spec.contrast, spec.contrast)
    lift = 255.0 * random.uniform(-spec.brightness, spec.brightness)
    mean = moved.mean()
    recoloured = np.clip((moved - mean) * gain + mean + lift, 0.0, 255.0)
    return np.asarray(recoloured, dtype=np.float32)


def _move(
    image: np.ndarray, spec: AugmentationSpec, pixels: int, random: np.random.Generator
) -> np.ndarray:
    """Rotation, crop, flips and resize in one resampling."""
    side = image.shape[0]
    kept = 1.0 - random.uniform(0.0, spec.zoom)
    angle = np.deg2rad(random.uniform(-spec.rotation, spec.rotation))
    slack = (1.0 - kept) * side / 2
    centre = (side - 1) / 2 + random.uniform(-slack, slack, size=2)
    mirror = np.array([_sign(spec.horizontal_flip, random), _sign(spec.vertical_flip, random)])
    step = kept * side / pixels
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn * (mirror * step)
    shift = centre - linear @ np.full(2, (pixels - 1) / 2)
    matrix = np.column_stack([linear, shift])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(
        image, matrix, (pixels, pixels), flags=flags, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(moved, dtype=np.float32)


def _sign(allowed: bool, random: np.random.Generator) -> float:
    return -1.0 if allowed and random.random() < 0.5 else 1.0


def _recolour(image: np.ndarray, spec: AugmentationSpec, random: np.random.Generator) -> np.ndarray:
    """Hue and saturation, in HSV (hue in degrees)."""
    hsv = cv2.cvtColor(image / 255.0, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + 360.0 * random.uniform(-spec.hue, spec.hue)) % 360.0
    gain = 1.0 + random.uniform(-spec.saturation, spec.saturation)
    hsv[..., 1] = np.clip(hsv[..., 1] * gain, 0.0, 1.0)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255.0, dtype=np.float32)
