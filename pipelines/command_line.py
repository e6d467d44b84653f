"""How each command is spelled, and what its ``--help`` tells."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.catalogue import BACKBONES, MODALITIES
from pipelines import commands
from pipelines.datasets import DATASETS
from pipelines.options import TRUNK_FIELDS
from pipelines.recipes import RECIPES
from pipelines.run_folder import WORK

Command = argparse.ArgumentParser


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of a command line; ``options.command`` is the function to call."""
    parser = argparse.ArgumentParser(
        prog="python -m pipelines",
        description="Train the portal's models: prepare a data set, train, evaluate, publish.",
        epilog="In this order: prepare, trunk where ImageNet weights cannot be had, train, "
        "evaluate, publish, report; study does all of it. "
        "Then precisions, explain, subgroups and report again; gate where the data set is another. "
        "Each command says what comes next. `COMMAND --help` tells more.",
    )
    table = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_prepare(table)
    _add_gate(table)
    _add_trunk(table)
    _add_train(table)
    for name, function, text in (
        ("evaluate", commands.evaluate, "judge trained models and write them with their cards"),
        ("publish", commands.publish, "put evaluated models where the portal finds them"),
    ):
        _add_models(_add_working(table, name, function, text))
    _add_precisions(table)
    text = f"write {commands.REPORT} from the published models' cards"
    _add(table, "report", commands.write_report, text)
    text = f"measure how well heat-maps agree with outlined lesions, into {commands.EXPLANATIONS}"
    _add_data_folder(_add(table, "explain", commands.explain, text))
    text = (
        "write what is known of validation and test images beside their labels, "
        f"into {commands.SUBGROUPS}"
    )
    command = _add(table, "subgroups", commands.subgroups, text)
    _add_data_folder(command)
    _add_datasets(command)
    _add_study(table)
    return parser.parse_args(arguments)


def _add(
    table: Any, name: str, function: Callable[[argparse.Namespace], None], text: str
) -> Command:
    command: Command = table.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}."
    )
    command.set_defaults(command=function)
    return command


def _add_working(
    table: Any, name: str, function: Callable[[argparse.Namespace], None], text: str
) -> Command:
    """One that reads or writes what lies in the work folder."""
    command = _add(table, name, function, text)
    command.add_argument(
        "--work", type=Path, default=WORK, help="work folder (default: %(default)s)"
    )
    return command


def _add_prepare(table: Any) -> None:
    text = "read a data set and store prepared images"
    command = _add_working(table, "prepare", commands.prepare, text)
    command.add_argument("dataset", nargs="*", help=f"one or more of: {', '.join(DATASETS)}")
    _add_data(command)


def _add_gate(table: Any) -> None:
    text = "fit the checks that refuse images of another kind, and measure them"
    command = _add(table, "gate", commands.gate, text)
    _add_data(command)
    text = "the data set of a modality; others get no gate (default: the first listed, of each)"
    _add_datasets(command, text)


def _add_trunk(table: Any) -> None:
    text = "teach backbones, as first weights where there are none"
    command = _add_working(table, "trunk", commands.trunk, text)
    command.add_argument("backbone", nargs="*", help=f"one or more of: {', '.join(BACKBONES)}")
    command.add_argument("--all", action="store_true", help="every backbone")
    command.add_argument(
        "--modality",
        choices=MODALITIES,
        help="whose images teach (default: those of all modalities, together)",
    )
    _add_datasets(command)
    _add_set(command, f"another value for one of {', '.join(TRUNK_FIELDS)}; may be repeated")
    _add_restart(command, "begin again where there is a trunk of other settings")


def _add_train(table: Any) -> None:
    text = "train models; a killed run goes on where it was"
    command = _add_working(table, "train", commands.train, text)
    _add_models(command)
    _add_datasets(command)
    command.add_argument(
        "--init",
        default="imagenet",
        help="first weights: imagenet, random, trunk (the one that study would take), a file of "
        "the same backbone, or a folder with BACKBONE.h5 of each (default: %(default)s)",
    )
    _add_recipe(command, "report")
    _add_restart(command, "begin again where there are runs of other settings")


def _add_study(table: Any) -> None:
    text = "do all of it for every model; killed, it goes on where it was"
    command = _add_working(table, "study", commands.study, text)
    _add_data(command)
    _add_datasets(command)
    command.add_argument(
        "--init",
        default="trunk",
        help="first weights, as train takes them; a trunk is taught first (default: %(default)s)",
    )
    _add_recipe(command, "small-data")
    _add_restart(command, "begin again where there are runs or trunks of other settings")


def _add_precisions(table: Any) -> None:
    text = "measure how far published models' answers move at bf16 and int8"
    command = _add_working(table, "precisions", commands.precisions, text)
    _add_models(command)
    _add_datasets(command)


def _add_models(command: Command) -> None:
    command.add_argument("model", nargs="*", help="such as vgg_ultrasound_finetuned")
    command.add_argument("--all", action="store_true", help="every model of the catalogue")


def _add_data_folder(command: Command) -> None:
    command.add_argument(
        "--data",
        type=Path,
        default=Path("data"),
        help="folder with the data sets (default: %(default)s)",
    )


def _add_data(command: Command) -> None:
    _add_data_folder(command)
    command.add_argument(
        "--skip-unreadable", action="store_true", help="leave unreadable images out"
    )


def _add_datasets(
    command: Command, text: str = "the data set of a modality (default: the first listed)"
) -> None:
    command.add_argument("--dataset", action="append", default=[], help=f"{text}; may be repeated")


def _add_recipe(command: Command, default: str) -> None:
    command.add_argument(
        "--recipe", default=default, help=f"one of: {', '.join(RECIPES)} (default: %(default)s)"
    )
    _add_set(
        command,
        "another value for one field of the configuration, none where it may have no number; "
        "may be repeated",
    )


def _add_set(command: Command, text: str) -> None:
    command.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help=text)


def _add_restart(command: Command, text: str) -> None:
    command.add_argument("--restart", action="store_true", help=text)
