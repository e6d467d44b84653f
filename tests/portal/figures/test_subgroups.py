from models.catalogue import model_keys
from models.subgroup_results import subgroup_results
from models.subgroup_words import verdict
from portal.figures.subgroups import subgroups_figure
from tests.fakes import fake_card, fake_predictions, fake_subgroups

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
