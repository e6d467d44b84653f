"""What test images can tell of subgroups, and by which rules, in sentences for a reader."""

from models.beside import beside
from models.paired_areas import FEW_GROUPS
from models.significance import LEVEL
from models.subgroup_results import LEAST_FOR_AREA, AttributeResult, Difference


def verdict(result: AttributeResult, group: str) -> str:
    """What the test images can tell of an attribute's subgroups, a sentence or three.

    Args:
        result: of one attribute.
        group: what a group of images is: "patient".
    """
    if result.differences:
        found = "; ".join(_in_words(each) for each in result.differences)
        return f"By more than chance would explain, {found}. Elsewhere no difference is certain."
    if result.tested:
        had = "1 comparison has" if result.tested == 1 else f"{result.tested} comparisons have"
        return (
            f"{had} images enough for a test, and there no difference is larger than chance would "
            "explain; any other cannot be told from chance. That does not make the subgroups "
            "equal: the intervals say what may have gone unseen."
        )
    return (
        "These test images cannot tell whether the model does better in one of these than in "
        f"another: no two have images of one label from enough groups ({group}) for a test."
    )


def _in_words(each: Difference) -> str:
    p = "p < 0.001" if each.p < 0.001 else f"p = {beside(each.p, LEVEL, 3)}"
    return f"{each.measure} is higher in {each.better} than in {each.worse} ({p})"


def rules(group: str) -> str:
    """What the intervals and the sentences of subgroups rest on.

    Args:
        group: what a group of images is: "patient".
    """
    return (
        "Intervals are Wilson's, that of an AUC is Newcombe's; both take images for independent, "
        f"and are too narrow where a group (here: {group}) has several. An AUC is given from "
        f"{LEAST_FOR_AREA} images of each label on. Two subgroups are compared where both have "
        f"images of a label from {FEW_GROUPS} groups or more, by Fisher's exact test; its p-values "
        "are corrected by Holm for all such pairs of an attribute."
    )
