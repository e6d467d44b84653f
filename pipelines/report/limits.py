"""What must be known before any number of the report is used."""

from models.catalogue import MODALITIES
from pipelines.report import markdown
from pipelines.report.published import Models, of_modality

_GENERAL = (
    (
        "One training run stands behind each model. Another gives other numbers, and no interval "
        "here holds how far they lie apart; docs/tried.md shows it for models that were trained "
        "more than once."
    ),
    (
        "The intervals tell how far a number could be otherwise with other groups of the same "
        "source. They say nothing about other hospitals, scanners, laboratories or populations."
    ),
    "The best of several models, found on the test images, looks a little better than it is.",
    (
        "The share of positive images here is not that among those who are examined. Precision, "
        "calibrated probabilities and net benefit change with it."
    ),
    (
        "A group is what the set's publishers, or a search for near-duplicates, let us know. Two "
        "groups may still be one patient."
    ),
    "Nothing here says that a model helps anybody who reads images. It is a research prototype.",
)


def limits_section(models: Models) -> str:
    """General limits, then those that the cards tell, and what became known of a model since."""
    own = (
        f"{modality.title}:\n\n{_of_models(mine)}"
        for modality in MODALITIES.values()
        if (mine := of_modality(modality, models))
    )
    general = "\n".join(f"- {sentence}" for sentence in _GENERAL)
    return markdown.paragraphs(
        general, "The cards, and what became known since, say besides:", *own
    )


def _of_models(models: Models) -> str:
    """What is said of all models, each sentence once; then what of each, or of some others too."""
    said_of = {key: model.limitations for key, model in models.items()}
    first, *others = said_of.values()
    shared = [sentence for sentence in first if all(sentence in each for each in others)]
    own = {key: [each for each in said if each not in shared] for key, said in said_of.items()}
    lines = (*shared, *(f"`{key.slug}`: {' '.join(said)}" for key, said in own.items() if said))
    return "\n".join(f"- {line}" for line in lines)
