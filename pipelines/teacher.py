"""Teacher: MobileNetV2 with ImageNet weights, asked what it sees in an image.

Source: Sandler et al., "MobileNetV2: Inverted residuals and linear bottlenecks", 2018.
"""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from pipelines.errors import InitUnavailable

WEIGHTS = Path(__file__).parent / "weights" / "mobilenet_v2.weights.h5"
SIDE = 224  # pixels of the images that it looks at
_FIELDS = ("block_12_add", "block_16_project_BN")  # linear, so that no rectifier hides anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What it sees in n images, as float16."""

    fine: np.ndarray  # (n, 14, 14, 96) its last features of this size
    coarse: np.ndarray  # (n, 7, 7, 320) its last linear features
    pooled: np.ndarray  # (n, 1280) its last features, averaged over the image


class Teacher:
    """The network up to what ``Seen`` holds; it never learns."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """Open the network.

        Raises:
            InitUnavailable: its weights are not there.
        """
        if not weights.is_file():
            raise InitUnavailable(
                expected=f"MobileNetV2's weights in {weights.name}", received="no such file"
            )
        network = keras.applications.MobileNetV2(
            include_top=False, weights=str(weights), input_shape=(SIDE, SIDE, 3), pooling="avg"
        )
        fields = [network.get_layer(name).output for name in _FIELDS]
        self._network = keras.Model(network.input, [*fields, network.output])

    def see(self, images: np.ndarray) -> Seen:
        """Look at (n, 224, 224, 3) RGB in 0..255."""
        found = self._network.predict_on_batch(images / 127.5 - 1.0)
        fine, coarse, pooled = (np.asarray(array, np.float16) for array in found)
        return Seen(fine=fine, coarse=coarse, pooled=pooled)
