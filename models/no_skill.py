"""What a rule gets that looks at no image: it calls every one positive."""

from models.card import DataSummary


def positive_share(data: DataSummary, part: str = "test") -> float:
    """Share of positive images in a part, in [0, 1]: the rule's precision."""
    negative, positive = data.counts[part]
    return positive / (negative + positive)


def no_skill_f1(data: DataSummary) -> float:
    """The rule's F1 on the test images, 2p / (1 + p) at a positive share of p."""
    share = positive_share(data)
    return 2 * share / (1 + share)
