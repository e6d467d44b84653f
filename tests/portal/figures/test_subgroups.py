from models.catalogue import model_keys
from models.subgroup_results import subgroup_results
from models.subgroup_words import verdict
from portal.figures.scale import Scale
from portal.figures.subgroups import subgroups_figure
from tests.fakes import fake_card, fake_predictions, fake_subgroups, with_own_numbers

KEY = model_keys()[0]
CARD = fake_card(KEY)


def test_the_figure_has_a_row_for_each_label_of_each_subgroup() -> None:
    table = fake_subgroups(KEY.modality.key)
    result = subgroup_results(table, fake_predictions(KEY)["test"], CARD.threshold.value)[0]
    figure = subgroups_figure(CARD, CARD.best_f1, result)
    assert [len(block.rows) for block in figure.blocks] == [2, 2]
    heights = [row.y for block in figure.blocks for row in block.rows]
    assert heights == sorted(heights)
    assert heights[-1] < figure.frame.bottom < figure.frame.height
    for block in figure.blocks:
        for row in block.rows:
            assert figure.frame.left <= row.low <= row.value <= row.high <= figure.frame.right
    assert verdict(result, CARD.data.group) in figure.alt


def test_each_measure_is_that_of_its_label_beside_that_of_all_test_images() -> None:
    card, table = with_own_numbers(CARD), fake_subgroups(KEY.modality.key)
    result = subgroup_results(table, fake_predictions(KEY)["test"], 0.41)[0]
    figure = subgroups_figure(card, card.best_f1, result)
    x = Scale(low=0, high=1, start=figure.frame.left, end=figure.frame.right)
    found, passed = figure.blocks
    test = card.metrics["test"]
    assert (found.whole, passed.whole) == (x(test["recall"].value), x(test["specificity"].value))
    for block, shares in (
        (found, [each.positive.share for each in result.subgroups]),
        (passed, [each.negative.share for each in result.subgroups]),
    ):
        known = [share for share in shares if share]
        assert [row.value for row in block.rows] == [x(share.value) for share in known]
