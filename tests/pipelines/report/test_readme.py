from dataclasses import replace
from pathlib import Path

import pytest

from models.card import Estimate, ModelCard
from models.catalogue import ModelKey, model_keys
from models.required_f1 import REQUIRED_F1
from pipelines.report import with_results
from pipelines.report.readme import ReadmeRefused, read_readme
from tests.fakes import fake_card

CARDS = {key: fake_card(key) for key in model_keys()}
README = "# Title\n\n<!-- results -->\nold\n<!-- /results -->\n\nThe end.\n"


def with_f1(key: ModelKey, value: float) -> ModelCard:
    card = fake_card(key)
    test = {**card.metrics["test"], "f1": Estimate(value=value, low=0.1, high=0.95)}
    return replace(card, metrics={**card.metrics, "test": test})


def test_the_readme_gets_a_short_table_and_keeps_the_rest() -> None:
    written = with_results(README, CARDS)
    assert written.startswith("# Title\n\n<!-- results -->\n| Model")
    assert written.endswith("|\n<!-- /results -->\n\nThe end.\n")
    assert "old" not in written
    assert written.count("0.900 (0.810-0.960)") == 2 * len(CARDS)
    assert with_results(written, CARDS) == written


@pytest.mark.parametrize(
    ("value", "told", "word"),
    [
        (REQUIRED_F1, "0.700", "met"),
        (0.6999, "0.6999", "missed"),
        (0.69951, "0.6995", "missed"),
        (0.2, "0.200", "missed"),
    ],
)
def test_it_says_whether_the_required_f1_is_met(value: float, told: str, word: str) -> None:
    key = model_keys()[0]
    (line,) = (
        line
        for line in with_results(README, {key: with_f1(key, value)}).splitlines()
        if key.slug in line
    )
    _, _, number, verdict, *_ = (cell.strip() for cell in line.split("|"))
    assert (number, verdict) == (f"{told} (0.100-0.950)", word)


@pytest.mark.parametrize(
    "readme",
    [
        "",
        "# Title\n",
        README.replace("<!-- results -->", ""),
        README.replace("<!-- /results -->", ""),
        README + README,
        "<!-- /results --> <!-- results -->",
    ],
)
def test_a_readme_without_its_marks_is_refused(readme: str) -> None:
    with pytest.raises(ReadmeRefused, match="Put the lines `<!-- results -->`"):
        with_results(readme, CARDS)


def test_a_missing_readme_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadmeRefused, match=r"README\.md; received none"):
        read_readme(tmp_path / "README.md")
