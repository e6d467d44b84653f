"""Classifier: a checkpoint that is ready to answer."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from models.card import ModelCard
from models.explanation import Explainer, HeatMap
from models.prediction_table import Predictions
from portal.errors import ModelUnavailable
from portal.network import Network
from portal.verdict import Verdict

FURTHEST = 0.1
"""How far the head's probability may be from the network's: low precisions round, int8 shifts."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """One network and the card that came in the same file. Safe to share between threads."""

    card: ModelCard
    network: Network
    explainer: Callable[[], Explainer]  # read when it is first asked for
    tested: Callable[[], Predictions | None]  # likewise; None: there are none that fit

    def verdict(self, tensor: np.ndarray) -> Verdict:
        """What the model says of one (1, 224, 224, 3) float32 tensor in 0..255.

        Raises:
            ModelUnavailable: the network failed, or its answer is no probability.
        """
        with self._answering("a probability from 0 to 1"):
            return self._read(self.network(tensor))

    def explained(self, tensor: np.ndarray) -> tuple[Verdict, HeatMap]:
        """The same, and where the features lie that spoke for the label it says.

        Raises:
            ModelUnavailable: as above, or the features do not lead to the network's answer.
        """
        with self._answering("a probability, and the features that it rests on"):
            look = self.network.look(tensor)
            verdict, explainer = self._read(look.probability), self.explainer()
            apart = abs(explainer.probability(look.features) - look.probability)
            if not apart <= FURTHEST:  # so that an answer that is no number is refused too
                raise ValueError(f"expected the network's own head, received one {apart:.3f} apart")
            return verdict, explainer.heat_map(look.features, positive=verdict.positive)

    def _read(self, probability: float) -> Verdict:
        return Verdict(
            key=self.card.key, card=self.card, probability=probability, tested=self.tested()
        )

    @contextmanager
    def _answering(self, expected: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            _log.exception("the model %s gave no answer", self.card.model)
            raise ModelUnavailable(expected=expected, received="no usable answer") from error
