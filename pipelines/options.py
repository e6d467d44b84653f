"""Options: what the words of a command line choose, and the configurations they make."""

import argparse
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from models.catalogue import (
    BACKBONES,
    MODALITIES,
    STRATEGIES,
    ModelKey,
    find,
    find_model,
    model_keys,
)
from pipelines.config import Config
from pipelines.datasets import DATASETS, find_dataset
from pipelines.errors import InitUnavailable, InvalidConfig
from pipelines.recipes import recipe

FIRST_WEIGHTS = ("imagenet", "random")  # those that are no files
TRUNK_BATCH: Mapping[str, int] = MappingProxyType(
    {"mammography": 28, "ultrasound": 16, "histopathology": 16}
)  # images in a step of a trunk; crops of mammograms are the hardest to learn
USUAL_TRUNK_BATCH = 16  # of a modality that needs no more than most
OWN_TRUNK_BATCH = 32  # of a trunk that learns from one modality alone
OWN_TRUNKS = ("ultrasound", "histopathology")  # whose models begin with one; see docs/tried.md
TRUNK_FIELDS = ("seed", "validation_share", "test_share", "limit", "precision")
"""Those that decide splits, and the numbers in which a trunk learns: not every machine has all."""
_OWN_OPTIONS = ("modality", "backbone", "strategy", "dataset", "init")  # not for --set


def default_dataset(modality: str) -> str:
    """The first data set that is listed for a modality.

    Raises:
        InvalidConfig: there is none.
    """
    for dataset in DATASETS.values():
        if dataset.modality == modality:
            return dataset.key
    raise InvalidConfig(
        expected=f"a data set of {modality}", received="none", action="Add a reader for one."
    )


def chosen_datasets(named: Sequence[str]) -> Mapping[str, str]:
    """Modality -> data set, for every modality: the one named, or the default.

    Raises:
        InvalidConfig: a name is unknown, or two are of one modality.
    """
    chosen: dict[str, str] = {}
    for key in named:
        modality = find_dataset(key).modality
        if modality in chosen:
            raise InvalidConfig(
                expected=f"one data set of {modality}",
                received=f"{chosen[modality]} and {key}",
                action="Name one data set of each modality.",
            )
        chosen[modality] = key
    return {modality: chosen.get(modality) or default_dataset(modality) for modality in MODALITIES}


def named_datasets(named: Sequence[str]) -> Mapping[str, str]:
    """Modality -> data set, for the modalities of those named; for all where none is.

    Raises:
        InvalidConfig: a name is unknown, or two are of one modality.
    """
    chosen = chosen_datasets(named)
    return {modality: key for modality, key in chosen.items() if not named or key in named}


def refuse_unused(named: Sequence[str], modalities: Collection[str]) -> None:
    """Refuse data sets of modalities that nothing asks for.

    Raises:
        InvalidConfig: there is one.
    """
    for key in named:
        modality = find_dataset(key).modality
        if modality not in modalities:
            raise InvalidConfig(
                expected=f"a data set of {' or '.join(modalities)}",
                received=f"{key}, which is {modality}",
                action="Pass another `--dataset`.",
            )


def chosen_models(options: argparse.Namespace) -> tuple[ModelKey, ...]:
    """The models that are named, or all.

    Raises:
        InvalidConfig: both or neither are asked for.
        UnknownEntry: a name is not in the catalogue.
    """
    _refuse_unclear("model names", options.model, every=options.all)
    return model_keys() if options.all else tuple(find_model(slug) for slug in options.model)


def chosen_backbones(options: argparse.Namespace) -> tuple[str, ...]:
    """Keys of the backbones that are named, or of all; errors as of ``chosen_models``."""
    _refuse_unclear("backbones", options.backbone, every=options.all)
    named = BACKBONES if options.all else options.backbone
    return tuple(find(BACKBONES, key, "backbone").key for key in named)


def _refuse_unclear(what: str, named: Sequence[str], *, every: bool) -> None:
    if every == bool(named):
        raise InvalidConfig(
            expected=f"{what}, or --all",
            received="both" if every else "neither",
            action="Run the command with `--help`.",
        )


def configuration(options: argparse.Namespace, key: ModelKey, dataset: str, init: str) -> Config:
    """The configuration of a model: its recipe's fields, then those of ``--set``.

    Raises:
        InvalidConfig: a recipe, a field or a value cannot be.
    """
    own = settings(options.set)
    if "pixels" in own:
        own = {"served_pixels": None, **own}  # the recipe's belongs to the recipe's pixels
    fields = {**recipe(options.recipe, key.backbone.key, key.modality.key), **own}
    plain = Config(
        modality=key.modality.key,
        backbone=key.backbone.key,
        strategy=key.strategy.key,
        dataset=dataset,
    )
    return plain.changed(**{**fields, "init": init})


def find_first_weights(init: str, backbone: str) -> str:
    """The words of ``--init`` as a configuration holds them.

    Args:
        init: "imagenet", "random", a file, or a folder with a file named for each backbone.
        backbone: the catalogue's key; in a folder, its file is ``<backbone>.h5``.

    Raises:
        InitUnavailable: there is no such file.
    """
    if init in FIRST_WEIGHTS:
        return init
    path = Path(init)
    path = path / f"{backbone}.h5" if path.is_dir() else path
    if not path.is_file():
        raise InitUnavailable(
            expected=f"first weights: {', '.join(FIRST_WEIGHTS)}, a file, or a folder of files",
            received=f"{path.as_posix()}, which does not exist",
        )
    return path.as_posix()


def trunk_modality(key: ModelKey) -> str | None:
    """The modality whose images alone teach the trunk that a model begins with; None: all do."""
    return key.modality.key if key.modality.key in OWN_TRUNKS else None


def trunk_folder(work: Path, modality: str | None) -> Path:
    """Where trunks lie that learnt from the images of one modality alone, or (None) of all."""
    return work / (f"trunks-{modality}" if modality else "trunks")


def trunk_configuration(
    options: argparse.Namespace, backbone: str, modality: str, dataset: str, *, alone: bool
) -> Config:
    """How a trunk is taught the images of one modality: small-data's fields, its own batch.

    Args:
        options: the command line's.
        backbone: the catalogue's key.
        modality: likewise.
        dataset: of this modality.
        alone: no other modality teaches the trunk.

    Raises:
        InvalidConfig: a value of ``--set`` cannot be.
    """
    own = {name: value for name, value in settings(options.set).items() if name in TRUNK_FIELDS}
    plain = Config(
        modality=modality, backbone=backbone, strategy=next(iter(STRATEGIES)), dataset=dataset
    )
    shared = TRUNK_BATCH.get(modality, USUAL_TRUNK_BATCH)
    fixed = {"init": "random", "batch_size": OWN_TRUNK_BATCH if alone else shared}
    return plain.changed(**{**recipe("small-data", backbone), **own, **fixed})


def refuse_other_fields(pairs: Sequence[str]) -> None:
    """Refuse ``FIELD=VALUE`` words that a trunk would not heed.

    Raises:
        InvalidConfig: a field is not one of ``TRUNK_FIELDS``.
    """
    for pair in pairs:
        if pair.partition("=")[0] not in TRUNK_FIELDS:
            raise InvalidConfig(
                expected=f"one of {', '.join(TRUNK_FIELDS)}",
                received=f"--set {pair}",
                action="A trunk's other settings are its recipe's and its plan's.",
            )


def refuse_unread(pairs: Sequence[str], configs: Sequence[Config]) -> None:
    """Refuse ``FIELD=VALUE`` words that none of the runs would heed.

    Raises:
        InvalidConfig: there is one.
    """
    for pair in pairs:
        name = pair.partition("=")[0]
        if all(name in config.unread for config in configs):
            strategies = " and ".join(dict.fromkeys(config.strategy for config in configs))
            schedules = " and ".join(dict.fromkeys(config.schedule for config in configs))
            raise InvalidConfig(
                expected=f"a field that {strategies} models read, with the {schedules} schedule "
                f"and a sparsity of {configs[0].sparsity:g}",
                received=f"--set {pair}, which would change nothing",
                action="Leave it out.",
            )


def settings(pairs: Sequence[str]) -> dict[str, object]:
    """Config's fields of ``FIELD=VALUE`` words, each read as the type it has there.

    Raises:
        InvalidConfig: a value is of another type, or the field has an option of its own.

    "none" is what a field may be that is a number or nothing, as ``limit`` is.
    """
    found: dict[str, object] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        if name in _OWN_OPTIONS:
            raise InvalidConfig(
                expected=f"{name} by the model's name, or by an option of its own",
                received=f"--set {pair}",
                action="See `python -m pipelines train --help`.",
            )
        field = Config.__dataclass_fields__.get(name)
        found[name] = _value(name, text, field.type if field else str)
    return found


def _value(name: str, text: str, kind: Any) -> object:
    if kind == int | None and text == "none":
        return None
    if kind is bool:
        return _truth(name, text)
    try:
        return int(text) if kind in (int, int | None) else float(text) if kind is float else text
    except ValueError as error:
        raise InvalidConfig(
            expected=f"a number for {name}", received=repr(text), action="Correct `--set`."
        ) from error


def _truth(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidConfig(
            expected=f"true or false for {name}", received=repr(text), action="Correct `--set`."
        )
    return text == "true"
