"""The report: everything about the published models, as one Markdown text with figures."""

from collections.abc import Callable
from dataclasses import dataclass

from models.catalogue import BACKBONES, MODALITIES, STRATEGIES, model_keys
from models.count_words import in_words
from models.paired_areas import FEW_GROUPS
from models.significance import LEVEL
from models.specs import ModalitySpec
from pipelines.report import comparisons, markdown
from pipelines.report.calibration import calibration_section
from pipelines.report.compaction import compaction_section
from pipelines.report.data import data_section, held_out_table
from pipelines.report.figures import KINDS, Drawing, forest
from pipelines.report.limits import limits_section
from pipelines.report.metrics import models_table
from pipelines.report.mistakes import mistakes_section
from pipelines.report.operating import operating_section
from pipelines.report.origins import origins_section
from pipelines.report.published import Models, of_modality
from pipelines.report.rebuild import rebuild_section
from pipelines.report.sources import sources_section
from pipelines.report.subgroups import subgroups_section
from pipelines.report.summary import summary_section
from pipelines.resampling import RESAMPLES

FOLDER = "figures"  # beside the report

_TITLE = (
    f"# Report\n\n{in_words(len(BACKBONES)).capitalize()} networks, "
    f"{in_words(len(STRATEGIES))} ways of training, {in_words(len(MODALITIES))} "
    "modalities: what each model is worth on images that it never saw. Research prototypes, not "
    "medical devices. No number here was typed: `python -m pipelines report` computes them from "
    "the published models and their predictions."
)
_HELD_OUT = (
    "## What was held out\n\nImages were dealt out by group (patient, slide, near-duplicates), "
    "never image by image: no group has images on two sides. Weights come from training images. "
    "The best epoch, both thresholds and the calibration come from validation images. Every "
    "number below is one of test images, unless it says otherwise."
)
_NO_SKILL = (
    "A rule that calls every image positive finds all positive ones. Its F1 is 2p / (1 + p), "
    "where p is the share of positive images: an F1 means nothing until it is held against that. "
    "The area under the ROC of a rule without skill is 0.500 whatever the share is. A model can "
    "fall below that F1 and still rank images well, when the threshold that was best on "
    "validation fits the test images badly."
)
_INTERVALS = (
    "Brackets hold 95 % intervals: whole groups are drawn with replacement "
    f"{markdown.count(RESAMPLES)} times, and the middle 95 % of what comes out is shown. Where all "
    "draws give the same share, it is Wilson's interval, each group being one trial. The draws of "
    "a model's own numbers begin with the "
    f"seed of its run, those of differences between models with {comparisons.SEED}."
)
_NO_PICTURES = (
    "Worst mistakes are named, not shown. The terms of mini-MIAS allow research only, and those of "
    "UCSB are not written in the copy that was used. BUSI's public copies are CC0 and its article "
    "is CC BY 4.0; its images are not copied into the project either. Whoever has a set finds an "
    "image by its name."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The text and the figures that it shows."""

    text: str
    drawings: tuple[Drawing, ...]


def report(models: Models, tell: Callable[[str], None] = lambda _: None) -> Report:
    """The whole report of the models that are published, which may be none.

    Args:
        models: by key, in the catalogue's order.
        tell: hears of each step, as some take a while.
    """
    if not models:
        return Report(text=f"{_TITLE}\n\nNo model is published yet.\n", drawings=())
    overall = forest(models)
    head = markdown.paragraphs(
        _TITLE,
        _missing(models),
        _HELD_OUT,
        held_out_table(models),
        _NO_SKILL,
        _INTERVALS,
        _NO_PICTURES,
        "### Rebuild a number",
        rebuild_section(models),
        "## Summary",
        summary_section(models),
        overall.markdown(FOLDER),
        "### Small files",
        compaction_section(models),
    )
    drawings, sections = [overall], []
    for modality in MODALITIES.values():
        tell(f"{modality.title}: comparing and drawing")
        text, drawn = _section(modality, of_modality(modality, models))
        sections.append(text)
        drawings.extend(drawn)
    tail = ("## First weights, time and settings", origins_section(models))
    limits = ("## Limits", limits_section(models))
    text = markdown.paragraphs(head, *sections, *tail, *limits)
    return Report(text=f"{text}\n", drawings=tuple(drawings))


def _missing(models: Models) -> str:
    missing = [f"`{key.slug}`" for key in model_keys() if key not in models]
    if not missing:
        return f"All {len(models)} models of the catalogue are published."
    return (
        f"**This report is not complete: {len(models)} of {len(model_keys())} models are "
        f"published.** Missing: {markdown.listed(missing)}."
    )


def _section(modality: ModalitySpec, models: Models) -> tuple[str, list[Drawing]]:
    """Everything about one modality."""
    title = f"## {modality.title}"
    if not models:
        return f"{title}\n\nNo model is published yet.", []
    drawn = {kind: draw(modality, models) for kind, draw in KINDS.items()}
    shown = {kind: drawing.markdown(FOLDER) for kind, drawing in drawn.items()}
    best = comparisons.best(models)
    parts = (
        ("data", data_section(models)),
        ("metrics", models_table({key: model.card for key, model in models.items()})),
        ("", shown["roc"]),
        ("", shown["precision_recall"]),
        ("", shown["confusion"]),
        ("metrics by source image", sources_section(models)),
        ("does fine-tuning help?", comparisons.changes_table(models)),
        ("which model is best?", _best(models)),
        ("a threshold that misses less", operating_section(models)),
        ("calibration", calibration_section(models)),
        ("", shown["calibration"]),
        ("", shown["decision"]),
        ("subgroups", subgroups_section(models, best)),
        ("worst mistakes", f"Model: {best.short_title}."),
        ("", mistakes_section(models, best)),
        ("learning curves", shown["learning"]),
    )
    texts = (
        f"### {modality.title}: {heading}\n\n{text}" if heading else text
        for heading, text in parts
        if text
    )
    return markdown.paragraphs(title, *texts), list(drawn.values())


def _best_f1(models: Models) -> str:
    found = {key: model.card.metrics["test"]["f1"] for key, model in models.items()}
    most = max(each.value for each in found.values())
    keys = [key for key in found if found[key].value == most]
    names = "; ".join(key.short_title for key in keys)
    return f"Highest F1: {names}, {markdown.estimate(found[keys[0]])}."


def _best(models: Models) -> str:
    """The highest area, the model that validation would have chosen, and what pairs say."""
    highest, chosen = comparisons.best(models), comparisons.best(models, "validation")
    areas = {
        key: markdown.estimate(models[key].card.metrics["test"]["roc_auc"])
        for key in (highest, chosen)
    }
    words = f"Highest area under the ROC: {highest.short_title}, {areas[highest]}. " + (
        "Validation would have chosen the same model."
        if highest == chosen
        else f"Validation would have chosen {chosen.short_title}, {areas[chosen]} on test."
    )
    words = f"{words} {_best_f1(models)}"
    found = comparisons.pairs(models)
    if not found:
        return f"{words} There is no other model to compare it with."
    rule = (
        "Two models are called told apart when p, the larger of DeLong's test by image and of the "
        f"same test by group (Obuchowski), corrected by Holm for {len(found)} pairs, is below "
        f"{LEVEL:.2f}, the interval of the difference "
        f"over groups excludes 0, and there are at least {FEW_GROUPS} test groups of each label; "
        f"here the rarer has {found[0].groups}."
    )
    return markdown.paragraphs(
        words, comparisons.verdict(models, found), rule, comparisons.pairs_table(found)
    )
