"""Forward passes without a server around them: what an engine itself needs."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import openvino

Pass = Callable[[np.ndarray], float]
"""(1, 224, 224, 3) float32 RGB in 0..255 -> probability of the positive label."""


def openvino_pass(network: Path, precision: str) -> Pass:
    """A network compiled by OpenVINO for one image at a time.

    Args:
        network: an OpenVINO ``.xml`` file.
        precision: "f32", "bf16" or "int8", for which the network itself is quantised.
    """
    request = _compiled(network, precision, "LATENCY").create_infer_request()
    return lambda tensor: float(request.infer([tensor])[0].item())


def openvino_rate(network: Path, precision: str, tensor: np.ndarray) -> Callable[[float], float]:
    """As many passes as the cores can do, by OpenVINO's own queue of requests.

    Returns:
        A function from the seconds to spend to the passes per second.
    """
    import openvino

    queue = openvino.AsyncInferQueue(_compiled(network, precision, "THROUGHPUT"))

    def rate(seconds: float) -> float:
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            queue.start_async([tensor])
            done += 1
        queue.wait_all()
        return done / (time.perf_counter() - began)

    return rate


def onnx_pass(network: Path) -> Pass:
    """A network of an ``.onnx`` file run by ONNX Runtime on the processor, in 32-bit floats."""
    import onnxruntime

    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda tensor: float(session.run(None, {name: tensor})[0].item())


def _compiled(network: Path, precision: str, hint: str) -> "openvino.CompiledModel":
    import openvino

    core = openvino.Core()
    model = core.read_model(network)
    rest = "f32" if precision == "int8" else precision
    options = {"PERFORMANCE_HINT": hint, "INFERENCE_PRECISION_HINT": rest}
    if hint == "LATENCY":  # threads tied to cores wait for whatever else runs there
        options["ENABLE_CPU_PINNING"] = "NO"
    return core.compile_model(model, "CPU", options)
