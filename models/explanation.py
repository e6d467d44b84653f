"""Explanation: which places of an image spoke for a label, from a network's last features.

Behind those features stand a global average pooling and a few dense layers. The gradient that
Grad-CAM asks for follows there from the weights alone: no backward pass, on any engine.

Sources: Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based
localization", ICCV 2017; Draelos and Carin, "Use HiResCAM instead of Grad-CAM", 2021, which with
this head is the same.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from models.field_grid import FieldGrid
from models.head import Head
from models.layers import read_layers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatMap:
    """Where the features lie that spoke for a label.

    A value says how strong they are beside the strongest of the same image, and nothing of
    another image or another network.
    """

    pixels: np.ndarray  # (224, 224) float32 in 0..1; 0 everywhere where nothing spoke for the label
    fields: tuple[int, int]  # rows and columns that the network told apart
    strongest: tuple[int, int] | None  # the pixel (row, column) amid the strongest field

    @property
    def silent(self) -> bool:
        """Whether no field spoke for the label."""
        return self.strongest is None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explainer:
    """Explains the answers of one network."""

    head: Head
    grid: FieldGrid

    @classmethod
    def read(cls, path: Path) -> Self:
        """The explainer of a checkpoint, which reads no weights but those of the head.

        Raises:
            CheckpointRefused: the file cannot be read, or holds another kind of network.
        """
        layers = read_layers(path, weights_of=("Dense",))
        return cls(head=Head.of(layers), grid=FieldGrid.of(layers))

    def probability(self, features: np.ndarray) -> float:
        """What the network says of (channels, rows, columns) features, computed from them."""
        return self.head.probability(self._pooled(features))

    def evidence(self, features: np.ndarray) -> np.ndarray:
        """How far each field moves the logit of the positive label: (rows, columns), either sign.

        Its mean is the sum of the pooled features times the head's gradient.
        """
        gradient = self.head.gradient(self._pooled(features))
        return np.tensordot(gradient, features.astype(np.float64), axes=1)

    def heat_map(self, features: np.ndarray, *, positive: bool) -> HeatMap:
        """Where the features lie that spoke for one of the two labels.

        Args:
            features: (channels, rows, columns) of one image, before the global pooling.
            positive: for the positive label; otherwise for the negative one, whose gradient is
                that of the positive one with the other sign.
        """
        evidence = self.evidence(features)
        spoke = np.maximum(evidence if positive else -evidence, 0.0)
        most = float(spoke.max())
        if most <= 0.0:
            empty = np.zeros((self.grid.rows.side, self.grid.columns.side), np.float32)
            return HeatMap(pixels=empty, fields=self.grid.shape, strongest=None)
        row, column = divmod(int(spoke.argmax()), self.grid.columns.count)
        return HeatMap(
            pixels=self.grid.spread(spoke / most).astype(np.float32),
            fields=self.grid.shape,
            strongest=self.grid.centre(row, column),
        )

    def _pooled(self, features: np.ndarray) -> np.ndarray:
        expected = (self.head.channels, *self.grid.shape)
        if features.shape != expected:
            raise ValueError(f"expected features of {expected}, received {features.shape}")
        return np.asarray(features.mean(axis=(1, 2), dtype=np.float64))
