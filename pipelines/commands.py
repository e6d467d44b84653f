"""What each command does. Keras takes seconds to import: only what needs it imports it."""

import argparse
import shlex
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from models.catalogue import (
    BACKBONES,
    MODALITIES,
    ModelKey,
    model_keys,
)
from pipelines import run_folder
from pipelines.config import Config
from pipelines.datasets import DATASETS, find_dataset
from pipelines.engine import start_engine
from pipelines.errors import NotTrained
from pipelines.options import (
    OWN_TRUNKS,
    chosen_backbones,
    chosen_datasets,
    chosen_models,
    configuration,
    default_dataset,
    find_first_weights,
    named_datasets,
    refuse_other_fields,
    refuse_unread,
    refuse_unused,
    trunk_configuration,
    trunk_folder,
    trunk_modality,
)
from pipelines.run_folder import work_words
from pipelines.step_time import caution

if TYPE_CHECKING:
    from pipelines.data_module import DataModule
    from pipelines.study import Finished
    from pipelines.trunk_plan import TrunkPlan

CALIBRATED_ON = 384  # training images, by which int8 is fitted
CHECKPOINTS = Path("models", "checkpoints")
EXPLANATIONS = Path("models", "explanations")
SUBGROUPS = Path("models", "subgroups")
GATES = Path("models", "gates")
REPORT = Path("docs", "report.md")
BUDGET = "four and a half hours"  # on two cores; docs/method.md says how it was measured


def prepare(options: argparse.Namespace) -> None:
    """Read data sets and store their prepared images."""
    _prepare(options, options.dataset or [default_dataset(modality) for modality in MODALITIES])
    print(
        f"Next: python -m pipelines train MODEL{_other(options.dataset)}{work_words(options.work)}"
    )


def _prepare(options: argparse.Namespace, names: Iterable[str]) -> None:
    start_engine()
    from pipelines.data_module import prepare as prepare_one
    from pipelines.extraction import is_prepared, prepared_folder

    for dataset in map(find_dataset, names):
        folder = prepared_folder(dataset, options.work)
        before = is_prepared(folder)
        found = prepare_one(
            dataset, options.data, options.work, skip_unreadable=options.skip_unreadable
        )
        groups = len({image.group for image in found.images})
        print(f"{dataset.title}: {len(found.images)} {dataset.unit}s of {groups} groups prepared,")
        print(f"  {len(found.set_aside)} set aside, {len(found.unreadable)} unreadable skipped.")
        if before:
            print(f"  Done before: {options.data} was not read. To do it anew remove {folder}.")


def gate(options: argparse.Namespace) -> None:
    """Fit, measure and write the input gates of the modalities that are asked for."""
    from pipelines.gate_writing import write_gates

    datasets, published = named_datasets(options.dataset), GATES.parent
    skip = options.skip_unreadable
    for line in write_gates(datasets, options.data, published, skip_unreadable=skip):
        print(line, flush=True)
    if unnamed := [each for each in MODALITIES if each not in datasets]:
        print(
            f"No image of {' and '.join(unnamed)} had a say in this. Name such data sets with "
            "--dataset, too, where you have them."
        )
    print("Next: `make run` to see them at work in the portal")


def trunk(options: argparse.Namespace, plan: "TrunkPlan | None" = None) -> None:
    """Teach backbones, one after another.

    Args:
        options: the command line's.
        plan: how long each learns; by default as its own plan says.
    """
    backbones = chosen_backbones(options)
    refuse_other_fields(options.set)
    if options.modality:
        refuse_unused(options.dataset, [options.modality])
    _teach(options, options.modality, backbones, plan)
    own = [key for key in model_keys() if key.backbone.key == backbones[0]]
    first = next(key for key in own if options.modality in (None, key.modality.key))
    folder = shlex.quote(trunk_folder(options.work, options.modality).as_posix())
    its = (name for name in options.dataset if DATASETS[name].modality == first.modality.key)
    print(
        f"Next: python -m pipelines train {first.slug} "
        f"--recipe small-data --init {folder}{_named(its)}{_set(options)}"
        f"{work_words(options.work)}"
    )


def _teach(
    options: argparse.Namespace,
    modality: str | None,
    backbones: Sequence[str],
    plan: "TrunkPlan | None",
) -> None:
    """Teach the backbones in turn, all from the same images: of one modality, or (None) of all."""
    datasets = chosen_datasets(options.dataset)
    if modality:
        datasets = {modality: datasets[modality]}

    def configured(backbone: str, named: tuple[str, str]) -> Config:
        return trunk_configuration(options, backbone, *named, alone=modality is not None)

    configs = [configured(next(iter(BACKBONES)), named) for named in datasets.items()]
    _start(configs)
    from pipelines.data_module import DataModule
    from pipelines.lesson import Lesson
    from pipelines.schooling import School

    modules = [DataModule(config, options.work) for config in configs]
    school = School(Lesson(modules), trunk_folder(options.work, modality))
    for number, backbone in enumerate(backbones, start=1):
        # its modality is the first, for want of a better one: a trunk may learn from all
        config = configured(backbone, next(iter(datasets.items())))
        images = "images of all modalities"
        if modality:
            images = f"images of {config.key.modality.title.lower()} alone"
        title = f"Trunk of {config.key.backbone.title}, taught by {images}"
        print(f"[{number}/{len(backbones)}] {title}", flush=True)
        file = school.teach(config, plan, restart=options.restart)
        print(f"  {file.as_posix()} is there.", flush=True)


def _start(configs: Iterable[Config]) -> None:
    """Start the engine; say which it is, and whether it is slow at what the runs ask for."""
    print(start_engine(), flush=True)
    told = caution(configs)
    if told:
        print(told, flush=True)


def train(options: argparse.Namespace) -> None:
    """Train models, one after another."""
    keys, datasets = chosen_models(options), chosen_datasets(options.dataset)
    refuse_unused(options.dataset, list(dict.fromkeys(key.modality.key for key in keys)))
    configs = [
        configuration(
            options,
            key,
            datasets[key.modality.key],
            find_first_weights(_init(options, key), key.backbone.key),
        )
        for key in keys
    ]
    refuse_unread(options.set, configs)
    _start(configs)
    from pipelines.data_module import DataModule
    from pipelines.networks import Networks
    from pipelines.study import begin, by_backbone

    for config in configs:
        DataModule(config, options.work)  # what it refuses is told before the first model learns
    networks = Networks()
    for number, config in enumerate(by_backbone(configs), start=1):
        data, folder = DataModule(config, options.work), options.work / config.key.slug
        print(f"[{number}/{len(configs)}] {config.key.title}", flush=True)
        with begin(config, data, folder, networks, restart=options.restart) as trainer:
            trainer.run()
    _say_next(options, "evaluate", keys)


def _run_of(key: ModelKey, work: Path) -> "tuple[Config, DataModule, Path]":
    """The configuration, data and folder of a run that has been trained."""
    start_engine()
    from pipelines.data_module import DataModule

    folder = work / key.slug
    if not (folder / run_folder.CONFIG).is_file():
        raise NotTrained(
            expected=f"a run in {folder}",
            received="none",
            action=f"Run `python -m pipelines train {key.slug}{work_words(work)}` first.",
        )
    config = run_folder.read_config(folder / run_folder.CONFIG)
    return config, DataModule(config, work), folder


def evaluate(options: argparse.Namespace) -> None:
    """Judge trained models."""
    keys = chosen_models(options)
    start_engine()
    from pipelines.evaluation import evaluate_run
    from pipelines.networks import Networks
    from pipelines.study import begin, outcome

    for key in keys:
        config, data, folder = _run_of(key, options.work)
        with begin(config, data, folder, Networks()) as trainer:
            card = evaluate_run(config, data, trainer.finished(), folder)
        print(outcome(card), flush=True)
    _say_next(options, "publish", keys)


def _say_next(options: argparse.Namespace, command: str, keys: Sequence[ModelKey]) -> None:
    """What comes next, for the same models and the same work folder."""
    models = "--all" if options.all else " ".join(key.slug for key in keys)
    print(f"Next: python -m pipelines {command} {models}{work_words(options.work)}")


def _named(names: Iterable[str]) -> str:
    """The words for data sets, at the end of a command."""
    return "".join(f" --dataset {name}" for name in names)


def _other(names: Sequence[str]) -> str:
    """The words for a data set that is no default, to train with; NAME where there are several."""
    defaults = {default_dataset(modality) for modality in MODALITIES}
    others = [name for name in names if name not in defaults]
    if not others:
        return ""
    return f" --dataset {others[0] if len(others) == 1 else 'NAME'}"


def _set(options: argparse.Namespace) -> str:
    """The words for fields that were set; a trunk's are the models', too."""
    return "".join(f" --set {shlex.quote(words)}" for words in options.set)


def publish(options: argparse.Namespace) -> None:
    """Put evaluated models where the portal finds them."""
    keys = chosen_models(options)
    start_engine()
    from pipelines.publication import of_other_splits
    from pipelines.publication import publish as publish_one
    from pipelines.study import outcome
    from pipelines.turn import turn_in

    last: dict[str, Config] = {}  # modality -> of the run whose split lies there now
    for key in keys:
        config, data, folder = _run_of(key, options.work)
        with turn_in(folder):
            print(outcome(publish_one(key, data, folder, CHECKPOINTS)))
        last[key.modality.key] = config
    stale = {modality: of_other_splits(modality, CHECKPOINTS) for modality in last}
    for modality, others in stale.items():
        if others:
            _say_stale(last[modality], others, options.work)
    if not any(stale.values()):
        print("Next: python -m pipelines report, or `make run` to see them in the portal")


def _say_stale(config: Config, others: Sequence[ModelKey], work: Path) -> None:
    """Which published models do not fit the split of a run any more, and what comes next."""
    models = " ".join(key.slug for key in others)
    print(f"Of another split than models/splits/{config.modality}.csv is now: {models}")
    print("  `report` wants all of a modality trained, evaluated and published on one split.")
    print(
        f"Next: python -m pipelines train {models}{_other([config.dataset])}{work_words(work)}, "
        f"with the seed and shares of {config.key.slug}; then evaluate, publish and report"
    )


def precisions(options: argparse.Namespace) -> None:
    """Measure published models at lower precisions, and write what serving needs to know of it."""
    keys, datasets = chosen_models(options), chosen_datasets(options.dataset)
    from models import precision as records
    from models.checkpoint import read_card
    from pipelines.precisions import measure, outcome
    from pipelines.published_images import published_images

    for key in keys:
        path, dataset = CHECKPOINTS / key.checkpoint, find_dataset(datasets[key.modality.key])
        images = partial(
            published_images, read_card(path), dataset, options.work, CHECKPOINTS.parent / "splits"
        )
        training = images(("train",)).drawn(CALIBRATED_ON, seed=1)
        record = measure(path, training, images(("validation",)), images(("validation", "test")))
        records.write(path, record)
        print(outcome(key, record), flush=True)


def write_report(_: argparse.Namespace) -> None:
    """Write the report with its figures, and the README's short table."""
    from pipelines.report import Places, write

    write(Places(), partial(print, flush=True))


def explain(options: argparse.Namespace) -> None:
    """Measure the heat-maps of published models where experts outlined the lesions."""
    start_engine()
    from pipelines.explanation import measure, told

    for dataset in DATASETS.values():
        if dataset.read_outlined is None:
            continue
        record = measure(dataset, options.data, EXPLANATIONS.parent)
        for line in told(record):
            print(line)
        print(f"Written to {record.write(EXPLANATIONS).as_posix()}, which the portal shows.")


def subgroups(options: argparse.Namespace) -> None:
    """Write down what is known of the hold-out images beside their labels."""
    from pipelines.subgroups import subgroup_table, told

    for name in chosen_datasets(options.dataset).values():
        dataset = find_dataset(name)
        if dataset.described is None:
            print(f"{dataset.title}: nothing is known of its images beside their labels.")
            continue
        table = subgroup_table(dataset, options.data, CHECKPOINTS.parent / "splits")
        path = table.write(SUBGROUPS)
        for line in told(table):
            print(line)
        print(f"Written to {path.as_posix()}, which the portal joins with published predictions.")


def study(options: argparse.Namespace, keys: Sequence[ModelKey] = model_keys()) -> None:
    """Do everything for every model: prepare, teach trunks, train, evaluate, publish, report."""
    print(f"{len(keys)} models. All {len(model_keys())}, as shipped, take {BUDGET} on two cores.")
    print("Stop it when you like: the same command goes on where it was.", flush=True)
    found = publish_all(options, keys)
    write_report(options)
    from pipelines.study import summary

    print(summary(found))
    words = f"{_named(options.dataset)}{work_words(options.work)}"
    print(
        f"Next: python -m pipelines precisions --all{words}, "
        "then subgroups, explain and report; what they measured is stale."
    )


def publish_all(
    options: argparse.Namespace,
    keys: Sequence[ModelKey],
    plan: "TrunkPlan | None" = None,
) -> "tuple[Finished, ...]":
    """Bring models from the data folder to published files.

    Args:
        options: the command line's of ``study``.
        keys: the models.
        plan: as for ``trunk``.
    """
    datasets = chosen_datasets(options.dataset)
    configs = [
        configuration(options, key, datasets[key.modality.key], _first_weights(options, key))
        for key in keys
    ]
    refuse_unread(options.set, configs)
    _prepare(options, datasets.values())
    _start(configs)
    from pipelines.study import Study

    whole = Study(configs, options.work, CHECKPOINTS, restart=options.restart)
    whole.check()
    if options.init == "trunk":
        for modality in (None, *OWN_TRUNKS):
            pupils = {one.backbone: None for one in configs if trunk_modality(one.key) == modality}
            if pupils:
                _teach(options, modality, tuple(pupils), plan)
    return whole.run()


def _first_weights(options: argparse.Namespace, key: ModelKey) -> str:
    init = _init(options, key)
    # the trunk's file need not be there yet
    return init if options.init == "trunk" else find_first_weights(init, key.backbone.key)


def _init(options: argparse.Namespace, key: ModelKey) -> str:
    """The words of ``--init``, with the file of the model's trunk in place of "trunk"."""
    if options.init == "trunk":
        folder = trunk_folder(options.work, trunk_modality(key))
        return (folder / f"{key.backbone.key}.h5").as_posix()
    return str(options.init)
