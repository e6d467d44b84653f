"""The rule that calls every image positive, beside scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sk

from models.catalogue import model_keys
from models.no_skill import no_skill_f1, positive_share
from tests.fakes import fake_card

DATA = fake_card(model_keys()[0]).data


@pytest.mark.parametrize("part", list(DATA.counts))
def test_the_share_is_that_of_positive_images(part: str) -> None:
    negative, positive = DATA.counts[part]
    labels = np.repeat([0, 1], [negative, positive])
    assert positive_share(DATA, part) == pytest.approx(labels.mean())


def test_no_skill_is_what_calling_all_positive_gives() -> None:
    labels = np.repeat([0, 1], DATA.counts["test"])
    assert no_skill_f1(DATA) == pytest.approx(sk.f1_score(labels, np.ones(len(labels))))
