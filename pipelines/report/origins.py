"""How the models came about: first weights, time, settings, versions."""

from collections.abc import Callable, Mapping
from typing import Any

from models.catalogue import ModelKey
from pipelines.config import LATER
from pipelines.report import markdown
from pipelines.report.published import Models

_NONE = "none"  # also what an earlier run did not know of yet
_NAMES = ("modality", "backbone", "strategy", "dataset", "init")  # told elsewhere


def origins_section(models: Models) -> str:
    """First weights, training time, settings and versions of every model."""
    seconds = sum(model.card.training.seconds for model in models.values())
    time = (
        f"Training took {seconds / 3600:.1f} hours for the {len(models)} models together. What a "
        "file of first weights took is not in this sum."
    )
    return markdown.paragraphs(
        _first_weights(models),
        time,
        _runs_table(models),
        "### Settings",
        _told(models, lambda key: _settings(models, key), "Settings"),
        "### Versions",
        _told(models, lambda key: models[key].card.versions, "Versions"),
    )


def _first_weights(models: Models) -> str:
    starts: dict[str, list[str]] = {}
    for key, model in models.items():
        starts.setdefault(model.card.training.init, []).append(f"`{key.slug}`")
    rows = ((init, f"{len(slugs)}", ", ".join(slugs)) for init, slugs in starts.items())
    return markdown.table(("Started from", "Models", "Which"), rows)


def _runs_table(models: Models) -> str:
    head = (
        "Model",
        "Epochs",
        "Minutes",
        "Parameters",
        "Kernel weights that are zero",
        "Configuration",
        "Weights",
        "Published",
    )
    rows = (
        (
            f"`{key.slug}`",
            f"{model.card.training.epochs}",
            f"{model.card.training.seconds / 60:.0f}",
            f"{model.card.training.parameters / 1e6:.1f} M",
            markdown.percent(model.card.training.sparsity),
            f"`{model.card.training.config_fingerprint}`",
            f"`{model.card.fingerprint}`",
            model.card.created,
        )
        for key, model in models.items()
    )
    return markdown.table(head, rows)


def _settings(models: Models, key: ModelKey) -> Mapping[str, Any]:
    config = {**LATER, **models[key].card.training.config}
    return {name: value for name, value in config.items() if name not in _NAMES}


def _told(models: Models, of: Callable[[ModelKey], Mapping[str, Any]], what: str) -> str:
    """What is the same for all models as a list, what differs as a table."""
    found = {key: {name: _text(value) for name, value in of(key).items()} for key in models}
    names = sorted({name for each in found.values() for name in each})
    kinds = {name: {each.get(name, _NONE) for each in found.values()} for name in names}
    same = [f"{name} {next(iter(kinds[name]))}" for name in names if len(kinds[name]) == 1]
    other = [name for name in names if len(kinds[name]) > 1]
    words = f"{what} of all models: {', '.join(same)}." if same else ""
    rows = ((f"`{key.slug}`", *(found[key].get(name, _NONE) for name in other)) for key in models)
    return markdown.paragraphs(words, markdown.table(("Model", *other), rows) if other else "")


def _text(value: Any) -> str:
    return _NONE if value is None else str(value)
