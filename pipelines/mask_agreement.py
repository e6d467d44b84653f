"""How well heat-maps agree with outlined lesions, and what chance would give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.card import Estimate
from models.explanation import HeatMap
from models.mask_agreement import MaskAgreement
from models.wilson import wilson_of_one
from pipelines.resampling import interval


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shares:
    """Of n heat-maps, in each of n outlines."""

    pointing: np.ndarray  # (n, n) 1 where the strongest field of a row's map lies in the outline
    energy: np.ndarray  # (n, n) share of a row's map in the outline of a column


def mask_agreement(
    heat_maps: Sequence[HeatMap], masks: np.ndarray, weights: np.ndarray
) -> MaskAgreement:
    """The agreement of some images' heat-maps with their outlines.

    A map in which nothing spoke for the label misses and holds no energy.

    Sources: the pointing game of Zhang et al., "Top-down neural attention by excitation backprop",
    2018, without a margin; the energy inside as Wang et al., "Score-CAM", 2020.

    Args:
        heat_maps: of n images of one label, two or more.
        masks: (n, 224, 224) bool, true in a lesion.
        weights: (draws, n), how often each image counts; for the intervals of means.
    """
    shares = _shares(heat_maps, masks)
    pointed, energy = np.diag(shares.pointing), np.diag(shares.energy)
    low, high = wilson_of_one(float(pointed.sum()), len(masks))
    middle = masks.shape[1] // 2, masks.shape[2] // 2
    return MaskAgreement(
        images=len(masks),
        silent=sum(heat.silent for heat in heat_maps),
        pointed=int(pointed.sum()),
        pointing=_estimate(float(pointed.mean()), low, high),
        pointing_elsewhere=_elsewhere(shares.pointing),
        middle=round(float(masks[:, *middle].mean()), 6),
        energy=_estimate(float(energy.mean()), *interval(_means(energy, weights))),
        energy_elsewhere=_elsewhere(shares.energy),
        area=round(float(masks.mean()), 6),
    )


def _shares(heat_maps: Sequence[HeatMap], masks: np.ndarray) -> _Shares:
    flat = np.stack([heat.pixels.ravel() for heat in heat_maps]).astype(np.float64)
    whole = np.maximum(flat.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    inside = flat @ masks.reshape(len(masks), -1).T.astype(np.float64)
    pointing = np.zeros((len(masks), len(masks)))
    for row, heat in enumerate(heat_maps):
        if heat.strongest is not None:
            pointing[row] = masks[:, *heat.strongest]
    return _Shares(pointing=pointing, energy=inside / whole)


def _elsewhere(shares: np.ndarray) -> float:
    """The mean over all pairs of a map and the outline of another image."""
    count = len(shares)
    return round(float((shares.sum() - np.trace(shares)) / (count * (count - 1))), 6)


def _means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    used = weights[weights.sum(axis=1) > 0]
    return np.asarray(used @ values / used.sum(axis=1))


def _estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=round(value, 6), low=round(low, 6), high=round(high, 6))
