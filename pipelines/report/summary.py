"""The summary: every model in one table, and the study's aims beside what came out."""

from collections.abc import Collection

from models.card import ModelCard
from models.catalogue import MODALITIES, ModelKey
from models.specs import ModalitySpec
from pipelines.aims import COMPACTION_COST, REQUIRED_F1
from pipelines.report import markdown
from pipelines.report.aims import AUC_AIMS, LARGEST_TOTAL
from pipelines.report.comparisons import best
from pipelines.report.data import no_skill_f1
from pipelines.report.published import Models, Published, of_modality


def meets_required_f1(card: ModelCard) -> bool:
    """Whether F1 on the test images is at least what the study asks for."""
    return card.metrics["test"]["f1"].value >= REQUIRED_F1


def cost(card: ModelCard) -> float | None:
    """F1 on the test images that making the file small cost; None where it is not known."""
    dense = card.training.dense_f1
    return None if dense is None else dense - card.metrics["test"]["f1"].value


def summary_section(models: Models) -> str:
    """The aims and what came out, then the table of all models."""
    return markdown.paragraphs(
        _about_f1(models),
        _about_no_skill(models),
        _about_size(models),
        _summary_table(models),
        "Aims for the area under the ROC, for the best model of a modality:",
        _aims_table(models),
    )


def _about_f1(models: Models) -> str:
    met = [key for key in models if meets_required_f1(models[key].card)]
    above = sum(model.card.metrics["test"]["f1"].low >= REQUIRED_F1 for model in models.values())
    missed = [key for key in models if key not in met]
    return (
        f"**{len(met)} of {len(models)} models reach the F1 of {REQUIRED_F1:.2f} on the test "
        f"images that the study asks for**, at the threshold chosen on validation. For {above} of "
        f"them the whole interval does. Missed by: {_slugs(missed)}."
    )


def _about_no_skill(models: Models) -> str:
    found = {key: model.card.metrics["test"]["f1"] for key, model in models.items()}
    bars = {key: no_skill_f1(model.card.data) for key, model in models.items()}
    below = [key for key in models if found[key].value <= bars[key]]
    unsure = [key for key in models if found[key].low <= bars[key] < found[key].value]
    return (
        f"F1 is no better than that of calling every image positive for: {_slugs(below)}. It is "
        f"better, but the interval holds that rule's F1 too, for: {_slugs(unsure)}."
    )


def _about_size(models: Models) -> str:
    total = sum(model.size for model in models.values())
    costs = {key: cost(model.card) for key, model in models.items()}
    known = {key: value for key, value in costs.items() if value is not None}
    dear = [key for key, value in known.items() if round(value, 4) > COMPACTION_COST]
    words = (
        f"The {len(models)} files take {total / 1e6:.1f} MB together; at most "
        f"{LARGEST_TOTAL / 1e6:.0f} MB was the aim: {_met(total <= LARGEST_TOTAL)}."
    )
    if not known:
        return f"{words} What making them small cost was not recorded."
    return (
        f"{words} Making them small cost at most {100 * max(known.values()):.1f} points of F1; at "
        f"most {100 * COMPACTION_COST:.0f} point was the aim: {_met(not dear)}"
        f"{' by ' + _slugs(dear) if dear else ''}. A point is 0.01; a negative "
        "cost is a gain, and chance. The dense network has a threshold of its own, the best on "
        "validation."
    )


def _summary_table(models: Models) -> str:
    head = (
        "Model",
        "F1 on test",
        f"F1 >= {REQUIRED_F1:.2f}",
        "ROC AUC on test",
        "F1 of the dense network",
        "Cost in points",
        "File, MB",
    )
    return markdown.table(head, (_summary_row(key, model) for key, model in models.items()))


def _summary_row(key: ModelKey, model: Published) -> tuple[str, ...]:
    card = model.card
    dense, lost = card.training.dense_f1, cost(card)
    return (
        f"`{key.slug}`",
        markdown.estimate(card.metrics["test"]["f1"]),
        _met(meets_required_f1(card)),
        markdown.estimate(card.metrics["test"]["roc_auc"]),
        "not recorded" if dense is None else f"{dense:.3f}",
        "not recorded" if lost is None else f"{round(100 * lost, 1) + 0.0:.1f}",
        f"{model.size / 1e6:.1f}",
    )


def _aims_table(models: Models) -> str:
    rows = (_aim_row(modality, models) for modality in MODALITIES.values())
    return markdown.table(("Modality", "Aim", "Highest", "Model", "Result"), rows)


def _aim_row(modality: ModalitySpec, models: Models) -> tuple[str, ...]:
    mine = of_modality(modality, models)
    aim = AUC_AIMS.get(modality.key)
    told = "none" if aim is None else f"{aim:.2f}"
    if not mine:
        return (modality.title, told, "no model yet", "none", "open")
    key = best(mine)
    area = mine[key].card.metrics["test"]["roc_auc"]
    result = "no aim" if aim is None else _met(area.value >= aim)
    return (modality.title, told, markdown.estimate(area), f"`{key.slug}`", result)


def _met(reached: bool) -> str:
    return "met" if reached else "missed"


def _slugs(keys: Collection[ModelKey]) -> str:
    return markdown.listed([f"`{key.slug}`" for key in keys])
