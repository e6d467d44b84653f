"""What the models learned from and were tested on, and what no skill at all gives there."""

from models.card import DataSummary
from models.catalogue import MODALITIES
from models.no_skill import no_skill_f1, positive_share
from models.paired_areas import FEW_GROUPS
from pipelines.report import markdown
from pipelines.report.published import Models, of_modality
from pipelines.report.sources import count_sources
from pipelines.splitting import PARTS


def data_of(models: Models) -> DataSummary:
    """The data of one modality's models, which is the same for all of them."""
    return next(iter(models.values())).card.data


def held_out_table(models: Models) -> str:
    """The test part of every modality and the F1 that a rule without skill has there."""
    rows = []
    for modality in MODALITIES.values():
        mine = of_modality(modality, models)
        if not mine:
            continue
        data = data_of(mine)
        negative, positive = data.counts["test"]
        rows.append(
            (
                modality.title,
                data.name,
                f"{markdown.count(positive + negative)} {data.unit}s",
                markdown.count(count_sources(mine)),
                markdown.count(data.groups["test"]),
                markdown.count(positive),
                markdown.percent(positive_share(data)),
                f"{no_skill_f1(data):.3f}",
            )
        )
    head = (
        "Modality",
        "Data",
        "Test images",
        "Cut from images",
        "Groups",
        "Positive",
        "Share p",
        "F1 of calling all positive",
    )
    return markdown.table(head, rows)


def data_section(models: Models) -> str:
    """The facts about one modality's data."""
    data = data_of(models)
    rows = (
        (
            part.capitalize(),
            markdown.count(sum(data.counts[part])),
            markdown.count(data.counts[part][1]),
            markdown.count(data.counts[part][0]),
            markdown.count(data.groups[part]),
        )
        for part in PARTS
    )
    head = ("Part", f"{data.unit.capitalize()}s", "Positive", "Negative", "Groups")
    facts = (
        f"{data.name}. One row of the data is one {data.unit}; what never lies on two sides of "
        f"the split is the group: {data.group}. Split file: `{data.split_file}`, SHA-256 "
        f"`{data.split_sha256[:16]}`. Terms: {_sentence(data.terms)} Citation: "
        f"{_sentence(data.citation)}"
    )
    few = (
        f"**The test part has {data.groups['test']} groups only, and {count_sources(models)} "
        "images.** Intervals over so few groups "
        "are rough and likely too narrow, and no pair of models is called told apart."
        if data.groups["test"] < FEW_GROUPS
        else ""
    )
    further = _further(models)
    return markdown.paragraphs(facts, markdown.table(head, rows), further, few, _set_aside(data))


def _further(models: Models) -> str:
    """How rows of the split file become more images; empty where there is a row of each image."""
    model = next(iter(models.values()))
    data, dealt = model.card.data, model.dealt
    train, chosen = sum(data.counts["train"]), len(model.predictions["validation"].names)
    if not dealt or (train, chosen) == (dealt["train"], dealt["validation"]):
        return ""
    unit = data.unit
    rows = {part: markdown.count(dealt[part]) for part in PARTS}
    return (
        f"The split file names one {unit} of each finding: {rows['train']} train, "
        f"{rows['validation']} validate, {rows['test']} test. Of a finding several {unit}s are "
        f"cut, as docs/data-sets.md tells. All {markdown.count(train)} of the findings "
        f"that train do, and all {markdown.count(chosen)} of the findings that validate choose the "
        "thresholds and the calibration, weighted so that together they count as the rows of "
        "the split file; the best epoch and "
        f"the table's row of validation know one of each. Further {unit}s of validation stand in "
        "the predictions, and are held to the split file by label and group, not by name. Those "
        "of training are written down nowhere: the reader cuts the same ones of the same images "
        "again."
    )


def _set_aside(data: DataSummary) -> str:
    if not data.set_aside:
        return "Nothing was set aside."
    return "\n".join(("Set aside:\n", *(f"- {_sentence(why)}" for why in data.set_aside)))


def _sentence(words: str) -> str:
    """Words with a full stop."""
    return words if words.endswith(".") else f"{words}."
