"""A checkpoint as a file of another engine: ``python -m benchmarks.serving.export``.

Keras takes its backend when it is imported, so each export has a process of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.serving.errors import BenchmarkRefused
from benchmarks.serving.server import PROJECT
from models.layers import read_layers
from models.precision import read as read_record

BACKENDS = {"openvino": "openvino", "onnx": "tensorflow"}
"""Format -> the backend of Keras that writes it here."""
SUFFIXES = {"openvino": ".xml", "onnx": ".onnx"}


def export(checkpoint: Path, target: Path, form: str) -> Path:
    """Write a checkpoint's network in a format of ``BACKENDS``.

    Args:
        checkpoint: a Keras ``.h5`` file.
        target: where to, without a suffix.
        form: "openvino" or "onnx".

    Raises:
        BenchmarkRefused: the export failed.
    """
    path = target.with_suffix(SUFFIXES[form])
    command = [sys.executable, "-m", "benchmarks.serving.export", str(checkpoint), str(path), form]
    quiet = {"KERAS_BACKEND": BACKENDS[form], "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(  # noqa: S603 -- our own command
        command,
        cwd=PROJECT,
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = done.stderr.strip().splitlines()[-3:]
        raise BenchmarkRefused(expected=f"{checkpoint.name} as {form}", received="\n".join(words))
    return path


def export_at(precision: str, checkpoint: Path, target: Path) -> Path:
    """Write a checkpoint's network for OpenVINO to run at a precision, whoever wrote the graph.

    Keras exports no integers: at int8 it is the portal's graph, with the ranges of its record.

    Raises:
        BenchmarkRefused: the export failed, or the checkpoint has no record of precisions.
    """
    if precision != "int8":
        return export(checkpoint, target, "openvino")
    import openvino

    from models.network_graph import build
    from models.quantisation import quantise

    record = read_record(checkpoint)
    if record is None:
        raise BenchmarkRefused(
            expected=f"a record of the precisions of {checkpoint.name}",
            received="none",
            action="Run `python -m pipelines precisions --all` first.",
        )
    graph = build(read_layers(checkpoint))
    quantise(graph, record.quantisation)
    path = target.with_suffix(SUFFIXES["openvino"])
    openvino.save_model(graph, path, compress_to_fp16=False)
    return path


def main(arguments: list[str]) -> None:
    """Write CHECKPOINT to TARGET in FORMAT, for one image at a time where the format can say so."""
    import keras

    from models.checkpoint import open_model

    checkpoint, target, form = arguments
    model = open_model(Path(checkpoint))
    one = (1, *model.input_shape[1:])
    if form == "openvino":  # takes no shape; it is set when the file is read
        model.export(target, format=form, verbose=False)
    else:
        signature = [keras.InputSpec(shape=one, dtype="float32")]
        model.export(target, format=form, verbose=False, input_signature=signature)


if __name__ == "__main__":
    main(sys.argv[1:])
