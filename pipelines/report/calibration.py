"""Calibration: does a probability say how often it comes true, before and after Platt scaling?"""

from pipelines.report import markdown
from pipelines.report.published import Models

_HEAD = (
    "Model",
    "Slope",
    "Intercept",
    "Brier before",
    "Brier after",
    "Calibration error before",
    "Calibration error after",
)

_LEAST = 100  # test images: of fewer, the cuts of the bins may decide which error is smaller


def calibration_section(models: Models) -> str:
    """Brier score and expected calibration error on the test images, before and after."""
    cards = {key: model.card for key, model in models.items()}
    rows = (
        (
            key.short_title,
            f"{card.calibration.slope:.2f}",
            f"{card.calibration.intercept:+.2f}",
            markdown.estimate(card.metrics["test"]["brier"]),
            markdown.estimate(card.calibration.brier),
            f"{card.calibration.before.expected_error:.3f}",
            f"{card.calibration.after.expected_error:.3f}",
        )
        for key, card in cards.items()
    )
    better = sum(
        card.calibration.brier.value < card.metrics["test"]["brier"].value
        for card in cards.values()
    )
    method = next(iter(cards.values())).calibration.method
    words = (
        f"{method}; the numbers are those of the test images. The Brier score is the mean square "
        "of what a probability is off; the calibration error is the mean distance between what "
        "was said and what came true, over bins. Smaller is better for both. The Brier score is "
        f"smaller after than before for {better} of {len(cards)} models. {_about_errors(models)} "
        "The order of images stays, and so do ROC and PR curves."
    )
    return markdown.paragraphs(words, markdown.table(_HEAD, rows))


def _about_errors(models: Models) -> str:
    """For how many models the calibration error falls, where there are images enough to ask."""
    found = [model.card.calibration for model in models.values()]
    bins, images = len(found[0].after.count), sum(found[0].after.count)
    if images < _LEAST:
        return (
            "Models are not counted by the calibration error: it has no interval, and depends on "
            f"where so few images ({images} in {bins} bins) are cut."
        )
    nearer = sum(each.after.expected_error < each.before.expected_error for each in found)
    return (
        f"The calibration error is smaller for {nearer}; it has no interval, and other bins than "
        f"these {bins} give another one."
    )
