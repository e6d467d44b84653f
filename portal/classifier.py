"""Classifier: a checkpoint that is ready to answer."""

import logging
from dataclasses import dataclass

import numpy as np

from models.card import ModelCard
from portal.errors import ModelUnavailable
from portal.network import Network
from portal.verdict import Verdict

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """One network and the card that came in the same file. Safe to share between threads."""

    card: ModelCard
    network: Network

    def verdict(self, tensor: np.ndarray) -> Verdict:
        """What the model says of one (1, 224, 224, 3) float32 tensor in 0..255.

        Raises:
            ModelUnavailable: the network failed, or its answer is no probability.
        """
        try:
            return Verdict(key=self.card.key, card=self.card, probability=self.network(tensor))
        except Exception as error:
            _log.exception("the model %s gave no answer", self.card.model)
            raise ModelUnavailable(
                expected="a probability from 0 to 1", received="no usable answer"
            ) from error
