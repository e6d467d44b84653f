"""How a model's answer is put into words and numbers."""

from portal.figures import numbers
from portal.result import Document
from portal.uncertainty import EVEN, UNCERTAIN


def tone_of(model: Document) -> str:
    """How an answer is drawn, as on the pages."""
    if model["verdict"] == UNCERTAIN:
        return "uncertain"
    return "positive" if model["label"] == model["labels"][1] else "negative"


def said(model: Document) -> str:
    """The verdict, large."""
    if model["verdict"] == UNCERTAIN:
        return f"{UNCERTAIN}: human reading needed"
    return str(model["verdict"])


def model_probability(model: Document) -> str:
    """What the network put out, as the pages write it."""
    band = model["uncertain"]
    limits = model["threshold"]["value"], band["low"], band["high"]
    return numbers.probability(model["probability"], *limits)


def calibrated_probability(model: Document) -> str:
    """The same on the calibrated scale."""
    calibrated, limit = model["calibrated_probability"], model["threshold"]["calibrated_value"]
    return numbers.probability(calibrated, limit, EVEN)


def estimate(found: Document) -> str:
    """A share with its interval, in words."""
    low, high = round(100 * found["low"]), round(100 * found["high"])
    return f"{round(100 * found['value'])} % (95 % interval {low} to {high})"


def share(found: Document) -> str:
    """The same for a narrow column."""
    low, high = round(100 * found["low"]), round(100 * found["high"])
    return f"{round(100 * found['value'])} % ({low} to {high})"


def cautions(models: list[Document]) -> str:
    """Why not to rely on the intervals of the models, each reason once; empty without any."""
    return " ".join(
        dict.fromkeys(caution for each in models if (caution := each["test_images"]["caution"]))
    )
