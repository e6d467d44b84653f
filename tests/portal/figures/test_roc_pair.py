from models.catalogue import model_keys
from portal.figures.roc import roc_figure
from portal.figures.roc_pair import roc_pair_figure
from tests.fakes import fake_card, with_own_numbers

FIRST, SECOND = (fake_card(key) for key in model_keys()[:2])


def test_both_curves_are_those_of_their_cards() -> None:
    figure = roc_pair_figure(FIRST, SECOND)
    for curve, card in zip(figure.curves, (FIRST, SECOND), strict=True):
        assert curve.points == roc_figure(card, card.best_f1).curve
        assert curve.title.startswith(card.key.backbone.title)
        assert curve.title in figure.alt
        assert curve.auc in figure.alt
        own = roc_figure(card, card.best_f1).operating
        assert (curve.operating, curve.threshold) == (own.at, own.threshold)
        assert curve.threshold in figure.alt


def test_each_area_is_that_under_its_curve() -> None:
    cards = with_own_numbers(FIRST), SECOND
    expected = [f"{card.metrics['test']['roc_auc'].value:.3f}" for card in cards]
    assert [curve.auc for curve in roc_pair_figure(*cards).curves] == expected
