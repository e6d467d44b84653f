"""Where the network before compaction decides, to be held against the shipped one."""

from models.prediction_table import Predictions
from pipelines.statistics import best_f1_threshold


def dense_threshold(validation: Predictions, shipped: float) -> float:
    """The threshold of the dense network's own best F1 on validation, in (0, 1).

    Args:
        validation: what both networks said of the images that choose.
        shipped: the shipped network's threshold, which serves where the dense one's are not known.
    """
    if validation.dense is None:
        return shipped
    return best_f1_threshold(validation.labels, validation.dense, validation.weights)[0]
