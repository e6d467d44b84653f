"""A checkpoint as a file that an engine reads without a server around it."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.serving.errors import BenchmarkRefused
from benchmarks.serving.server import PROJECT
from models.layers import read_layers
from models.precision import read as read_record


def as_served(checkpoint: Path, target: Path, precision: str) -> Path:
    """Write the graph that the portal compiles of a checkpoint.

    What Keras exports for OpenVINO transposes before and after most layers and takes up to twice
    as long, so that the portal would be measured beside less than the processor can do.

    Args:
        checkpoint: a Keras ``.h5`` file.
        target: where to, without a suffix.
        precision: "f32", "bf16" or "int8", for which the graph itself is quantised.

    Returns:
        An OpenVINO ``.xml`` file, beside which its weights lie.

    Raises:
        BenchmarkRefused: int8 is asked for, and the checkpoint has no record of precisions.
    """
    import openvino

    from models.network_graph import build
    from models.quantisation import quantise

    graph = build(read_layers(checkpoint))
    if precision == "int8":
        record = read_record(checkpoint)
        if record is None:
            raise BenchmarkRefused(
                expected=f"a record of the precisions of {checkpoint.name}",
                received="none",
                action="Run `python -m pipelines precisions --all` first.",
            )
        quantise(graph, record.quantisation)
    path = target.with_suffix(".xml")
    openvino.save_model(graph, path, compress_to_fp16=False)
    return path


def as_onnx(checkpoint: Path, target: Path) -> Path:
    """Write what Keras exports of a checkpoint for ONNX Runtime, for one image at a time.

    Keras takes its backend when it is imported, so this runs in a process of its own.

    Args:
        checkpoint: a Keras ``.h5`` file.
        target: where to, without a suffix.

    Raises:
        BenchmarkRefused: the export failed.
    """
    path = target.with_suffix(".onnx")
    command = [sys.executable, "-m", "benchmarks.serving.export", str(checkpoint), str(path)]
    quiet = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
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
        raise BenchmarkRefused(expected=f"{checkpoint.name} as ONNX", received="\n".join(words))
    return path


def main(arguments: list[str]) -> None:
    """Write CHECKPOINT to TARGET as ONNX."""
    import keras

    from models.checkpoint import open_model

    checkpoint, target = arguments
    model = open_model(Path(checkpoint))
    one = (1, *model.input_shape[1:])
    signature = [keras.InputSpec(shape=one, dtype="float32")]
    model.export(target, format="onnx", verbose=False, input_signature=signature)


if __name__ == "__main__":
    main(sys.argv[1:])
