"""The summary: every model in one table, and the study's aims beside what came out."""

from collections.abc import Collection

from models.catalogue import MODALITIES, ModelKey
from models.paired_areas import FEW_GROUPS
from models.required_f1 import REQUIRED_F1, meets_required_f1
from models.specs import ModalitySpec
from pipelines.aims import AUC_AIMS
from pipelines.report import markdown
from pipelines.report.comparisons import beside_no_skill, best, rarer_groups
from pipelines.report.data import data_of
from pipelines.report.published import Models, Published, of_modality

_TOO_FEW = f"with fewer than {FEW_GROUPS} test groups of a label nothing more can be told"


def summary_section(models: Models) -> str:
    """The aims and what came out, then the table of all models."""
    return markdown.paragraphs(
        _about_f1(models),
        _about_no_skill(models),
        _about_few_groups(models),
        _summary_table(models),
        "Aims for the area under the ROC, for the best model of a modality:",
        _aims_table(models),
    )


def _about_f1(models: Models) -> str:
    met = [key for key in models if meets_required_f1(models[key].card.metrics["test"]["f1"])]
    few = [modality for modality, _ in _of_few_groups(models)]
    above = sum(
        model.card.metrics["test"]["f1"].low >= REQUIRED_F1
        for key, model in models.items()
        if key.modality not in few
    )
    left_out = (
        f", those of {markdown.listed([modality.title.lower() for modality in few])} not counted: "
        "intervals of so few test groups are not to be relied on"
        if few
        else ""
    )
    missed = [key for key in models if key not in met]
    those = f" Missed by: {_named(missed, models)}." if missed else ""
    return (
        f"**{len(met)} of {len(models)} models reach the F1 of {REQUIRED_F1:.2f} on the test "
        f"images that the study asks for**, at the threshold chosen on validation. For "
        f"{above or 'none'} of them the whole interval does{left_out}.{those}"
    )


def _about_no_skill(models: Models) -> str:
    """F1 beside that of the rule without skill, which is drawn with it: its share moves, too."""
    enough = [key for key in models if rarer_groups(models[key]) >= FEW_GROUPS]
    found = {key: beside_no_skill(models[key]) for key in models}
    below = [key for key in models if found[key].value <= 0.0]
    told = [key for key in enough if found[key].low > 0.0]
    unsure = [key for key in enough if key not in (*below, *told)]
    few = [key for key in models if key not in (*enough, *below)]
    sentences = (
        ("It is no better for", below),
        ("It is better, and so is the whole interval of the difference, for", told),
        ("It is better, but the interval of the difference holds 0, for", unsure),
        (f"It is better, but {_TOO_FEW}, for", few),
    )
    said = (f"{words}: {_named(keys, models)}." for words, keys in sentences if keys)
    return " ".join(
        (
            "F1 beside that of calling every image positive, both being drawn together:",
            *said,
            "These intervals are not corrected for their number.",
        )
    )


def _about_few_groups(models: Models) -> str:
    """Which modalities' intervals are not to be relied on; empty where there is none."""
    few = [f"{modality.title.lower()} ({groups})" for modality, groups in _of_few_groups(models)]
    if not few:
        return ""
    return (
        f"Do not rely on the intervals of a modality with fewer than {FEW_GROUPS} test groups: "
        f"{markdown.listed(few)}. Drawing so few again and again cannot show how different others "
        "would be."
    )


def _of_few_groups(models: Models) -> list[tuple[ModalitySpec, int]]:
    """The modalities with too few test groups for an interval, and how many they have."""
    return [
        (modality, groups)
        for modality in MODALITIES.values()
        if (mine := of_modality(modality, models))
        and (groups := data_of(mine).groups["test"]) < FEW_GROUPS
    ]


def _summary_table(models: Models) -> str:
    head = (
        "Model",
        "F1 on test",
        f"F1 >= {REQUIRED_F1:.2f}",
        "ROC AUC on test",
    )
    return markdown.table(head, (_summary_row(key, model) for key, model in models.items()))


def _summary_row(key: ModelKey, model: Published) -> tuple[str, ...]:
    card = model.card
    return (
        f"`{key.slug}`",
        markdown.estimate(card.metrics["test"]["f1"], REQUIRED_F1),
        markdown.met(meets_required_f1(card.metrics["test"]["f1"])),
        markdown.estimate(card.metrics["test"]["roc_auc"]),
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
    result = "no aim" if aim is None else markdown.met(area.value >= aim)
    return (modality.title, told, markdown.estimate(area, aim), f"`{key.slug}`", result)


def _named(keys: Collection[ModelKey], models: Models) -> str:
    """Models by modality, which may be all of it: ``ultrasound (all 6)``."""
    found = []
    for modality in MODALITIES.values():
        mine = [key.short_title for key in keys if key.modality == modality]
        whole = len(mine) > 1 and len(mine) == len(of_modality(modality, models))
        if mine:
            which = f"all {len(mine)}" if whole else "; ".join(mine)
            found.append(f"{modality.title.lower()} ({which})")
    return markdown.listed(found)
