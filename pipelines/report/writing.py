"""Reading the published models and writing the report, its figures and the short table."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from models import checkpoint, prediction_table, subgroup_table
from models.card import ModelCard
from models.catalogue import ModelKey, model_keys
from models.files import replace_file
from models.later_notes import later_notes
from models.subgroup_table import SubgroupTable
from pipelines import splitting
from pipelines.errors import PipelineRefused
from pipelines.report.checks import refuse_disagreement, refuse_other_orders
from pipelines.report.document import Report, report
from pipelines.report.figures import NAMES
from pipelines.report.places import Places
from pipelines.report.published import Models, Published
from pipelines.report.readme import read_readme, with_results

Tell = Callable[[str], None]


class MissingPredictions(PipelineRefused):
    title = "A published model has no predictions"


def published_models(places: Places, tell: Tell) -> Models:
    """The published models, each checked against the list, its predictions and the split file.

    Raises:
        CheckpointRefused, InvalidCard: a file is there, but is not the listed one, or no valid
            checkpoint.
        MissingPredictions: a model lies there without its predictions.
        InvalidPredictions: a file of predictions is damaged.
        StrangePredictions: the predictions are not those of the card.
        LeakingSplit: a group of the split file has images in two parts.
        InvalidSubgroups: the table of subgroups is damaged.
    """
    keys = [key for key in model_keys() if (places.checkpoints / key.checkpoint).is_file()]
    sums = checkpoint.read_sums(places.checkpoints)
    found = {}
    for number, key in enumerate(keys, start=1):
        path = checkpoint.verify(places.checkpoints, key.checkpoint, sums)
        found[key] = _published(key, path, places)
        tell(f"[{number}/{len(keys)}] {key.slug}: card and predictions agree")
    refuse_other_orders({key: model.predictions for key, model in found.items()})
    return found


def _published(key: ModelKey, path: Path, places: Places) -> Published:
    file = places.predictions / key.checkpoint.with_suffix(".csv")
    if not file.is_file():
        raise MissingPredictions(
            expected=f"{file}",
            received="no such file",
            action=f"Run `python -m pipelines publish {key.slug}` again.",
        )
    card = checkpoint.read_card(path)
    said = prediction_table.read(file)
    split_file = places.root / card.data.split_file
    refuse_disagreement(card, said, split_file)
    return Published(
        card=card,
        predictions=said,
        size=path.stat().st_size,
        known=_known(card, places),
        later=later_notes(card, places.checkpoints),
        dealt=Counter(row.part for row in splitting.read(split_file)),
    )


def _known(card: ModelCard, places: Places) -> SubgroupTable | None:
    """What is known of a model's images beside their labels; a table of others is none of them."""
    table = subgroup_table.read(places.subgroups, card.key.modality.key)
    return table if table and table.fits(card.data) else None


def write(places: Places, tell: Tell) -> Models:
    """Write the report, its figures and the README's short table; nothing when one is refused.

    Args:
        places: what is read and written.
        tell: hears of each step and of what was written.

    Raises:
        ReadmeRefused: the README, or one of its marks, is missing.
        CheckpointRefused, InvalidCard, MissingPredictions, InvalidPredictions, StrangePredictions,
            LeakingSplit, InvalidSubgroups: as of ``published_models``.
    """
    readme = read_readme(places.readme)
    with_results(readme, {})
    models = published_models(places, tell)
    made = report(models, tell)
    table = with_results(readme, {key: model.card for key, model in models.items()})
    _write_figures(made, places.figures)
    replace_file(places.report, made.text.encode())
    replace_file(places.readme, table.encode())
    missing = [key.slug for key in model_keys() if key not in models]
    tell(
        f"Wrote {places.report}, {len(made.drawings)} figures in {places.figures} and the results "
        f"in {places.readme}: {len(models)} of {len(model_keys())} models."
    )
    if missing:
        tell(f"Not published yet: {', '.join(missing)}.")
    return models


def _write_figures(made: Report, folder: Path) -> None:
    """Write the figures; those of an earlier report that this one has not are taken away."""
    drawn = {drawing.name: drawing for drawing in made.drawings}
    for name in NAMES:
        path = folder / f"{name}.svg"
        if name in drawn:
            replace_file(path, drawn[name].svg())
        else:
            path.unlink(missing_ok=True)
