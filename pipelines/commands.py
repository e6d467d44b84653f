"""What each command does, and how it is spelled."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.card import ModelCard
from models.catalogue import MODALITIES, ModelKey, find_model, model_keys
from models.files import replace_file
from pipelines.config import Config
from pipelines.datasets import DATASETS
from pipelines.errors import InvalidConfig, NotTrained
from pipelines.recipes import RECIPES, recipe

if TYPE_CHECKING:
    from pipelines.data_module import DataModule

CHECKPOINTS = Path("models", "checkpoints")
REPORT, README = Path("docs", "report.md"), Path("README.md")
_OWN_OPTIONS = ("modality", "backbone", "strategy", "dataset", "init")  # not for --set


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of a command line; ``options.command`` is the function to call."""
    parser = argparse.ArgumentParser(
        prog="python -m pipelines",
        description="Train the portal's models: prepare a data set, train, evaluate, publish.",
        epilog="In this order: prepare, train, evaluate, publish, report. "
        "Each command says what comes next. `COMMAND --help` tells more.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_prepare(commands)
    _add_train(commands)
    for name, function, text in (
        ("evaluate", evaluate, "judge trained models and write them with their cards"),
        ("publish", publish, "put evaluated models where the portal finds them"),
    ):
        _add_models(_add(commands, name, function, text))
    _add(commands, "report", write_report, f"write {REPORT} from the published models' cards")
    return parser.parse_args(arguments)


def _add(
    commands: Any, name: str, function: Callable[[argparse.Namespace], None], text: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}."
    )
    command.set_defaults(command=function)
    command.add_argument(
        "--work", type=Path, default=Path("runs"), help="work folder (default: %(default)s)"
    )
    return command


def _add_prepare(commands: Any) -> None:
    command = _add(commands, "prepare", prepare, "read a data set and store prepared images")
    command.add_argument("dataset", nargs="*", help=f"one or more of: {', '.join(DATASETS)}")
    command.add_argument("--data", type=Path, default=Path("data"), help="folder with the data set")
    command.add_argument(
        "--skip-unreadable", action="store_true", help="leave unreadable images out"
    )


def _add_recipe(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument(
        "--recipe", default=default, help=f"one of: {', '.join(RECIPES)} (default: %(default)s)"
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="another value for one field of the configuration; may be repeated",
    )


def _add_models(command: argparse.ArgumentParser) -> None:
    command.add_argument("model", nargs="*", help="such as vgg_ultrasound_finetuned")
    command.add_argument("--all", action="store_true", help="every model of the catalogue")


def _add_train(commands: Any) -> None:
    command = _add(commands, "train", train, "train models; a killed run goes on where it was")
    _add_models(command)
    command.add_argument("--dataset", help="a prepared data set (default: by modality)")
    command.add_argument(
        "--init",
        default="imagenet",
        help="first weights: imagenet, random, or a file of the same backbone "
        "(default: %(default)s)",
    )
    _add_recipe(command, "report")
    command.add_argument("--restart", action="store_true", help="forget an earlier run")


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


def _chosen(options: argparse.Namespace) -> tuple[ModelKey, ...]:
    if options.all == bool(options.model):
        raise InvalidConfig(
            expected="model names, or --all",
            received="both" if options.all else "neither",
            action="Run the command with `--help`.",
        )
    return model_keys() if options.all else tuple(find_model(slug) for slug in options.model)


def _fields(options: argparse.Namespace, backbone: str) -> dict[str, object]:
    """The recipe's fields, then those of ``--set``, each read as the type it has in Config."""
    fields = recipe(options.recipe, backbone)
    for setting in options.set:
        name, _, text = setting.partition("=")
        if name in _OWN_OPTIONS:
            raise InvalidConfig(
                expected=f"{name} by the model's name, or by an option of its own",
                received=f"--set {setting}",
                action="See `python -m pipelines train --help`.",
            )
        fields[name] = _value(name, text)
    return fields


def _value(name: str, text: str) -> object:
    field = Config.__dataclass_fields__.get(name)
    kind = field.type if field else str
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


def prepare(options: argparse.Namespace) -> None:
    """Read data sets and store their prepared images."""
    from pipelines import data_module  # here: Keras takes seconds to import, --help should not

    for key in options.dataset or [default_dataset(modality) for modality in MODALITIES]:
        dataset = data_module.find_dataset(key)
        found = data_module.prepare(
            dataset, options.data, options.work, skip_unreadable=options.skip_unreadable
        )
        groups = len({image.group for image in found.images})
        print(f"{dataset.title}: {len(found.images)} {dataset.unit}s of {groups} groups prepared,")
        print(f"  {len(found.set_aside)} set aside, {len(found.unreadable)} unreadable skipped.")
    print("Next: python -m pipelines train MODEL")


def _config(
    options: argparse.Namespace,
    modality: str,
    backbone: str,
    strategy: str,
    dataset: str,
    init: str,
) -> Config:
    plain = Config(modality=modality, backbone=backbone, strategy=strategy, dataset=dataset)
    return plain.changed(**{**_fields(options, backbone), "init": init})


def train(options: argparse.Namespace) -> None:
    """Train models, one after another."""
    import shutil

    from pipelines.data_module import DataModule
    from pipelines.trainer import Trainer

    keys = _chosen(options)
    for number, key in enumerate(keys, start=1):
        modality, backbone = key.modality.key, key.backbone.key
        dataset = options.dataset or default_dataset(modality)
        config = _config(options, modality, backbone, key.strategy.key, dataset, options.init)
        folder = options.work / key.slug
        if options.restart:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"[{number}/{len(keys)}] {key.title}", flush=True)
        Trainer(config, DataModule(config, options.work), folder).run()
    print(f"Next: python -m pipelines evaluate {'--all' if options.all else keys[0].slug}")


def _run_of(key: ModelKey, work: Path) -> "tuple[Config, DataModule, Path]":
    """The configuration, data and folder of a run that has been trained."""
    import json

    from pipelines.data_module import DataModule

    folder = work / key.slug
    if not (folder / "config.json").is_file():
        raise NotTrained(
            expected=f"a run in {folder}",
            received="none",
            action=f"Run `python -m pipelines train {key.slug}` first.",
        )
    config = Config(**json.loads((folder / "config.json").read_text("utf-8")))
    return config, DataModule(config, work), folder


def evaluate(options: argparse.Namespace) -> None:
    """Judge trained models."""
    from pipelines.evaluation import evaluate_run
    from pipelines.trainer import Trainer

    keys = _chosen(options)
    for key in keys:
        config, data, folder = _run_of(key, options.work)
        trained = Trainer(config, data, folder).finished()
        print(_line(evaluate_run(config, data, trained.model, folder)), flush=True)
    print(f"Next: python -m pipelines publish {'--all' if options.all else keys[0].slug}")


def publish(options: argparse.Namespace) -> None:
    """Put evaluated models where the portal finds them."""
    from pipelines.publication import publish as publish_one

    for key in _chosen(options):
        _, data, folder = _run_of(key, options.work)
        print(_line(publish_one(key, data, folder, CHECKPOINTS)))
    print("Next: python -m pipelines report, or `make run` to see them in the portal")


def write_report(_: argparse.Namespace) -> None:
    """Write the comparative tables, and the README's short one."""
    from pipelines.report import published_cards, report, with_results

    cards = published_cards(CHECKPOINTS)
    replace_file(REPORT, report(cards).encode())
    replace_file(README, with_results(README.read_text("utf-8"), cards).encode())
    print(_summary(cards.values()))
    print(f"Wrote {REPORT} and the results in {README}: {len(cards)} models.")


def _line(card: ModelCard) -> str:
    test = card.metrics["test"]
    return (
        f"{card.model}: test F1 {test['f1'].value:.3f} ({test['f1'].low:.3f}-"
        f"{test['f1'].high:.3f}), AUC {test['roc_auc'].value:.3f}, "
        f"threshold {card.threshold.value:.2f}, fingerprint {card.fingerprint}"
    )


def _summary(cards: Iterable[ModelCard]) -> str:
    return "\n".join(_line(card) for card in cards)
