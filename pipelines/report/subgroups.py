"""Subgroups: how the best model does in parts of its test images, and what these can tell."""

from collections.abc import Sequence

from models.card import Estimate, ModelCard
from models.catalogue import ModelKey
from models.subgroup_results import LEAST_FOR_AREA, AttributeResult, Subgroup, subgroup_results
from models.subgroup_words import rules, verdict
from pipelines.report import markdown
from pipelines.report.published import Models, Published

Results = tuple[AttributeResult, ...]


def subgroups_section(models: Models, key: ModelKey) -> str:
    """The subgroups of one model as tables, each with what its test images can tell.

    Args:
        models: of one modality.
        key: the model whose numbers are shown; of the others only differences are told.
    """
    found = {each: _results(model) for each, model in models.items()}
    if not found[key]:
        return (
            "What is known of these images beside their labels is not written down: see "
            "`python -m pipelines subgroups`."
        )
    card = models[key].card
    head = (
        f"Model: {key.short_title}, at its threshold of {card.threshold.value:.2f}. The "
        f"study's pages have every model, at any threshold. {rules(card.data.group)}"
    )
    parts = (
        _attribute(card, result, {other: said[index] for other, said in found.items() if said})
        for index, result in enumerate(found[key])
    )
    return markdown.paragraphs(head, *(text for part in parts for text in part))


def _results(model: Published) -> Results:
    if model.known is None:
        return ()
    return subgroup_results(model.known, model.test, model.card.threshold.value)


def _attribute(
    card: ModelCard, result: AttributeResult, all_models: dict[ModelKey, AttributeResult]
) -> tuple[str, ...]:
    """What an attribute is, its table, and what the images tell of it."""
    left_out = (
        f" It is not known of {result.unknown} test images, which are left out."
        if result.unknown
        else ""
    )
    others = {key: each for key, each in all_models.items() if key != card.key}
    return (
        f"**{result.attribute.title}.** {result.attribute.explanation}{left_out}",
        _table(card, result.subgroups),
        f"{verdict(result, card.data.group)} {_of_others(result, others, card.data.group)}",
    )


def _of_others(result: AttributeResult, others: dict[ModelKey, AttributeResult], group: str) -> str:
    """What the same images tell of the modality's other models; empty where there are none."""
    if not others:
        return ""
    count = "the other model" if len(others) == 1 else f"the other {len(others)} models"
    if not result.tested:
        return f"The same goes for {count}."
    told = [
        f"{key.short_title}: {verdict(each, group)}"
        for key, each in others.items()
        if each.differences
    ]
    return " ".join((f"Of {count}, differences are told for {len(told) or 'none'}.", *told))


def _table(card: ModelCard, subgroups: Sequence[Subgroup]) -> str:
    modality = card.key.modality
    spared, found = modality.spared.capitalize(), modality.found.capitalize()
    head = ("Subgroup", spared, found, "Groups", "Sensitivity", "Specificity", "ROC AUC")
    return markdown.table(head, (_row(each) for each in subgroups))


def _row(each: Subgroup) -> tuple[str, ...]:
    return (
        each.value,
        markdown.count(each.negative.images),
        markdown.count(each.positive.images),
        markdown.count(each.groups),
        _share(each.sensitivity, "no such image"),
        _share(each.specificity, "no such image"),
        _share(each.area, f"fewer than {LEAST_FOR_AREA} of a label"),
    )


def _share(found: Estimate | None, none: str) -> str:
    return markdown.estimate(found) if found else none
