"""How a model's answer is put into words and numbers."""

from portal.figures import numbers
from portal.result import Document
from portal.uncertainty import UNCERTAIN


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


def model_probability(model: Document, places: int) -> str:
    """What the network put out."""
    return _decimals(model["model_probability"], places, model["threshold"]["value"])


def calibrated_probability(model: Document, places: int) -> str:
    """The same on the calibrated scale."""
    return _decimals(model["calibrated_probability"], places, model["threshold"]["calibrated"])


def _decimals(probability: float, places: int, threshold: float) -> str:
    """A probability, never written as a certainty nor as a threshold that it is not."""
    step = 10.0**-places
    if probability < step / 2:
        return f"< {step:.{places}f}"
    if probability > 1 - step / 2:
        return f"> {1 - step:.{places}f}"
    return numbers.beside(probability, threshold, places)


def estimate(found: Document) -> str:
    """A share with its interval, in words."""
    low, high = round(100 * found["low"]), round(100 * found["high"])
    return f"{round(100 * found['value'])} % (95 % interval {low} to {high})"


def share(found: Document) -> str:
    """The same for a narrow column."""
    low, high = round(100 * found["low"]), round(100 * found["high"])
    return f"{round(100 * found['value'])} % ({low} to {high})"
