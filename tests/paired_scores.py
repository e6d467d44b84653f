"""Two models' probabilities for the same images."""

import numpy as np


def case(
    seed: int, count: int = 60, *, skills: tuple[float, float] = (0.5, 0.3)
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, and two models' probabilities with ties, alike in part of their mistakes."""
    random = np.random.default_rng(seed)
    labels = (random.random(count) < 0.4).astype(np.uint8)
    labels[:4] = 0, 0, 1, 1
    shared = random.random(count)
    scores = [
        skill * labels + (1 - skill) * (shared + random.random(count)) / 2 for skill in skills
    ]
    first, second = (np.round(score, 2) for score in scores)
    return labels, first, second
