import ast
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from pipelines.sparse_adamw import MIN_SIZE
from tests.pipelines.conftest import Run
from tests.pipelines.small import command_line, config

ROOT = Path(__file__).parents[2]
CHOSEN = config(strategy="finetuned", frozen_epochs=1, unfrozen_epochs=1, sparsity=0.5)


def python(backend: str, *words: str) -> subprocess.CompletedProcess[str]:
    """What Python does with these words, Keras running on a backend that has to be installed."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_training_runs_on_every_backend_of_keras(
    backend: str, prepared: Run, tmp_path: Path
) -> None:
    """One step of every stage: frozen, unfrozen, compaction."""
    (tmp_path / "prepared").symlink_to(prepared.work / "prepared")
    words = command_line(CHOSEN, "frozen_epochs", "unfrozen_epochs", "sparsity")
    done = python(backend, "-m", "pipelines", *words, "--work", str(tmp_path))
    if backend == "tensorflow":  # beside another one it starts unasked, and says so
        assert done.stderr == ""
    assert f"on {backend}\n" in done.stdout
    history = json.loads((tmp_path / CHOSEN.key.slug / "history.json").read_text("utf-8"))
    assert [row["stage"] for row in history.values()] == [
        "frozen backbone",
        "unfrozen blocks",
        "compaction",
    ]
    assert all(0.0 < row["loss"] < 10.0 for row in history.values())
    # compiled before it had zeros: a step that kept the masks it began with would fill them again
    large = large_kernels(tmp_path / CHOSEN.key.slug / "stage_3.weights.h5")
    assert large
    for kernel in large:
        assert np.mean(kernel == 0) == pytest.approx(CHOSEN.sparsity, abs=0.01)


def large_kernels(path: Path) -> list[np.ndarray]:
    """Those of saved weights in which there are to be zeros."""
    arrays: list[np.ndarray] = []

    def look(_name: str, found: object) -> None:
        if isinstance(found, h5py.Dataset) and found.size >= MIN_SIZE:
            arrays.append(found[()])

    with h5py.File(path) as file:
        file.visititems(look)
    return arrays


RATES = """
import keras, numpy as np
from pipelines.learning_rate import Rate

model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, use_bias=False)])
model.compile(keras.optimizers.SGD(9.0), lambda _, found: keras.ops.mean(found), jit_compile=False)
model.set_weights([np.zeros((1, 1))])
schedule = keras.optimizers.schedules.PolynomialDecay(1.0, 6, end_learning_rate=0.0)
x = np.ones((3, 1), np.float32)
model.fit(x, x, batch_size=1, epochs=2, verbose=0, callbacks=[Rate(schedule, 3)])
print(-float(model.get_weights()[0].item()), sum(float(schedule(step)) for step in range(6)))
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_every_step_has_its_own_rate_on_every_backend(backend: str) -> None:
    """The slope is 1 everywhere, so that a weight moves by the sum of the rates."""
    done = python(backend, "-c", RATES)
    moved, expected = map(float, done.stdout.split())
    assert moved == pytest.approx(expected, abs=1e-5)
    assert expected == pytest.approx(3.5)


def test_only_tfrecords_need_a_certain_backend_and_only_norms_use_one() -> None:
    backends = {"tensorflow", "jax", "torch"}
    users = set()
    for path in (ROOT / "pipelines").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if backends & {name.split(".")[0] for name in names}:
                users.add(path.relative_to(ROOT).as_posix())
    assert users == {"pipelines/datasets/ddsm.py", "pipelines/fused_norms.py"}
