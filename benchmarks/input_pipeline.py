"""Whether training waits for its images: ``python -m benchmarks.input_pipeline``.

Three rates are taken in turn, several times over: the training step on one batch that lies in
memory, the training batches without a step, and both together as ``fit`` runs them.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.catalogue import BACKBONES
from models.errors import Refusal
from pipelines.config import Config
from pipelines.datasets import find_dataset
from pipelines.engine import start_engine
from pipelines.recipes import recipe

if TYPE_CHECKING:
    import keras

    from pipelines.batches import TrainingBatches
    from pipelines.data_module import DataModule

AIM = 0.90  # of the slower of step and data, when both work together
STEP, DATA, BOTH = "the step alone, on one batch", "the data alone", "both together, as in training"


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.input_pipeline")
    parser.add_argument(
        "--backbone", choices=BACKBONES, default="densenet", help="(default: %(default)s)"
    )
    parser.add_argument("--pixels", type=int, default=112, help="(default: %(default)s)")
    parser.add_argument("--batch-size", type=int, default=32, help="(default: %(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="of each measurement (default: %(default)s)"
    )
    parser.add_argument("--repeats", type=int, default=3, help="(default: %(default)s)")
    parser.add_argument(
        "--dataset", default="phantom-ultrasound", help="prepared or phantoms (default: phantoms)"
    )
    parser.add_argument(
        "--work", type=Path, default=Path("runs"), help="work folder (default: %(default)s)"
    )
    return parser.parse_args(arguments)


def measure(options: argparse.Namespace) -> Mapping[str, list[float]]:
    """Images per second of step, data and both, a value for each repeat."""
    with tempfile.TemporaryDirectory() as phantoms:
        data = _data(options, Path(phantoms))
        model = _network(data.config)
        batches = data.training(options.pixels, steps=100)
        x, y = batches[0]
        steps = max(2, round(options.seconds / _seconds_of_a_step(model, x, y)))
        turns: Mapping[str, Callable[[], float]] = {
            STEP: lambda: _rate(lambda _: model.train_on_batch(x, y), options),
            DATA: lambda: _rate(lambda index: batches[index % len(batches)], options),
            BOTH: lambda: _fitted(model, data.training(options.pixels, steps=steps + 1)),
        }
        found: dict[str, list[float]] = {name: [] for name in turns}
        for _ in range(options.repeats):
            for name, turn in turns.items():
                found[name].append(turn())
    return found


def _data(options: argparse.Namespace, phantoms: Path) -> "DataModule":
    """The prepared data set; phantoms are prepared here where they are not yet."""
    from pipelines.data_module import DataModule, prepare

    dataset = find_dataset(options.dataset)
    work = options.work
    if dataset.key.startswith("phantom-") and not (work / "prepared" / dataset.key).is_dir():
        work = phantoms
        prepare(dataset, work, work, skip_unreadable=False)
    fields = {**recipe("small-data", options.backbone), "init": "random"}
    fields |= {"pixels": options.pixels, "batch_size": options.batch_size}
    plain = Config(
        modality=dataset.modality,
        backbone=options.backbone,
        strategy="initial",
        dataset=dataset.key,
    )
    return DataModule(plain.changed(**fields), work)


def _network(config: Config) -> "keras.Model":
    """The network of a run's first stage, as the run would begin with it."""
    from pipelines.model_factory import ModelFactory
    from pipelines.networks import Networks
    from pipelines.stages import stages_of

    model = Networks().of(config, stages_of(config)[0])
    ModelFactory(config).initialise(model)
    return model


def _seconds_of_a_step(model: "keras.Model", x: object, y: object) -> float:
    model.train_on_batch(x, y)  # builds what the first step needs
    began = time.perf_counter()
    model.train_on_batch(x, y)
    return time.perf_counter() - began


def _rate(step: Callable[[int], object], options: argparse.Namespace) -> float:
    """Images per second of a step that is done again and again."""
    began, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < options.seconds or not done:
        step(done)
        done += 1
    return float(done * options.batch_size / passed)


def _fitted(model: "keras.Model", batches: "TrainingBatches") -> float:
    """Images per second of ``fit``, from the end of its first step on."""
    import keras

    ends: list[float] = []

    def note_end(batch: int, logs: object) -> None:  # Keras passes both by these names
        del batch, logs
        ends.append(time.perf_counter())

    note = keras.callbacks.LambdaCallback(on_train_batch_end=note_end)
    model.fit(batches, epochs=1, callbacks=[note], verbose=0)
    images = (len(ends) - 1) * len(batches[0][1])
    return images / (ends[-1] - ends[0])


def verdict(found: Mapping[str, Sequence[float]]) -> str:
    """The medians, their ranges, and whether together they are fast enough."""
    middle = {name: statistics.median(values) for name, values in found.items()}
    lines = [
        f"  {name:32}{middle[name]:8.1f} ({min(values):.1f}-{max(values):.1f})"
        for name, values in found.items()
    ]
    share = middle[BOTH] / min(middle[STEP], middle[DATA])
    word = "met" if share >= AIM else "not met"
    lines.append(f"together / the slower of the two: {share:.0%}; at least {AIM:.0%}: {word}")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Measure and tell; a refusal is told on standard error and gives exit status 2."""
    options = parse(arguments)
    engine = start_engine()
    try:
        found = measure(options)
    except Refusal as refusal:
        print(f"\n{refusal}", file=sys.stderr)
        return 2
    print(
        f"{BACKBONES[options.backbone].title}, {options.pixels} pixels, batches of "
        f"{options.batch_size}, {options.dataset}; {engine}, {os.cpu_count()} cores"
    )
    print(f"images per second, median of {options.repeats} (lowest-highest):")
    print(verdict(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
