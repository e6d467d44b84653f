import errno
import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.catalogue import cohorts, model_keys
from portal.checkpoint_store import CheckpointStore
from portal.gate_store import GateStore
from portal.gatekeeper import Gatekeeper
from portal.image_loader import ImageLoader
from portal.model_loader import ModelLoader
from portal.scoring.row import Model, Task
from portal.scoring.scorer import Job, Scorer, score
from tests.dicoms import dicom, ramp
from tests.fakes import FINGERPRINT, fake_gate, png, write_gates

ROOT = Path(__file__).parents[3]
KEYS = cohorts()[2].keys
MODELS = tuple(Model(slug=key.slug, fingerprint=FINGERPRINT, threshold=0.41) for key in KEYS)


def says(probability: float) -> Callable[[Path], Callable[[np.ndarray], float]]:
    return lambda _path: lambda _tensor: probability


def fails(_path: Path) -> Callable[[np.ndarray], float]:
    raise RuntimeError("secret words")


@pytest.fixture
def job(tmp_path: Path, installed: Path, gates: Path) -> Job:
    return Job(
        folder=tmp_path,
        checkpoints=installed,
        gates=gates,
        cache=tmp_path / "cache",
        precision="f32",
        max_bytes=100_000,
    )


@pytest.fixture
def scorer(job: Job) -> Callable[..., Scorer]:
    def make(
        opener: Callable[[Path], Callable[[np.ndarray], float]], images: ImageLoader | None = None
    ) -> Scorer:
        models = ModelLoader(CheckpointStore(job.checkpoints), opener=opener)
        keeper = Gatekeeper(gates=GateStore(job.gates))
        images = images or ImageLoader()
        return Scorer(job=job, images=images, gatekeeper=keeper, models=models)

    return make


def test_every_model_has_its_row(scorer: Callable[..., Scorer], tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    rows = scorer(says(0.41)).rows(Task(file="a.png", models=MODELS))
    assert [row.model for row in rows] == [key.slug for key in KEYS]
    for row in rows:
        assert row.sha256 == hashlib.sha256(png()).hexdigest()
        assert (row.probability, row.threshold, row.label) == (0.41, 0.41, "Malignant")
        assert row.verdict == "Uncertain"
        assert row.calibrated_probability not in {None, 0.41}
        assert row.reason is None
        assert row.precision == "f32"
        assert row.fingerprint != FINGERPRINT  # that of the model that answered


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty"),
        (b"words", "not an image"),
        (png()[:200], "damaged"),
        (bytes(100_001), "at most 100000 bytes"),
        (None, "The file could not be read: No such file"),
    ],
)
def test_a_file_that_is_no_image_has_its_reason(
    scorer: Callable[..., Scorer], tmp_path: Path, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    rows = scorer(fails).rows(Task(file="a.png", models=MODELS))
    assert len(rows) == 3
    for row in rows:
        assert reason in (row.reason or "")
        assert (row.label, row.probability) == (None, None)


def test_a_model_that_fails_is_a_reason_without_secrets(
    scorer: Callable[..., Scorer], tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(png())
    (row,) = scorer(fails).rows(Task(file="a.png", models=MODELS[:1]))
    assert row.sha256
    assert row.label is None
    assert "This model cannot answer just now" in (row.reason or "")
    assert "secret" not in (row.reason or "")


def test_a_failure_that_nobody_foresaw_is_a_reason_too(
    scorer: Callable[..., Scorer], tmp_path: Path
) -> None:
    class Failing(ImageLoader):
        def prepare(self, *_arguments: object) -> object:
            raise ZeroDivisionError

    (tmp_path / "a.png").write_bytes(png())
    (row,) = scorer(says(0.5), Failing()).rows(Task(file="a.png", models=MODELS[:1]))
    assert "could not be prepared" in (row.reason or "")


@pytest.mark.parametrize(
    "error", [MemoryError(), OSError(errno.ENOMEM, "no"), OSError(errno.EMFILE, "no")]
)
@pytest.mark.parametrize("stage", ["reading", "preparing", "asking"])
def test_a_full_machine_gives_no_row(
    scorer: Callable[..., Scorer], tmp_path: Path, error: Exception, stage: str
) -> None:
    def full(*_arguments: object) -> Any:
        raise error

    class Full(ImageLoader):
        prepare = full

    class Unread(Scorer):
        _content = full

    (tmp_path / "a.png").write_bytes(png())
    made = scorer(
        full if stage == "asking" else says(0.5), Full() if stage == "preparing" else None
    )
    if stage == "reading":
        made = Unread(**{field.name: getattr(made, field.name) for field in fields(made)})
    assert made.rows(Task(file="a.png", models=MODELS)) == ()


def test_a_process_answers_as_the_portal_does(job: Job, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    task = Task(file="a.png", models=MODELS[:1])
    first, again = score(job, task), score(job, task)
    assert first == again
    assert first[0].label in KEYS[0].modality.labels


def test_an_image_of_another_kind_has_its_reason_unless_it_is_wanted(
    job: Job, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(png(7))
    strict = replace(job, gates=write_gates(tmp_path / "gates", threshold=0.001))
    task = Task(file="a.png", models=MODELS)
    for row in score(strict, task):
        assert row.label is None
        assert row.reason is not None
        assert row.reason.startswith("This looks like another kind of image")
    assert all(row.label for row in score(replace(strict, anyway=True), task))


@pytest.mark.parametrize("threads", [1, 2])
def test_passes_and_image_steps_run_in_the_threads_of_the_job(job: Job, threads: int) -> None:
    (job.folder / "a.png").write_bytes(png())
    chosen = replace(job, threads=threads)
    code = (
        "import cv2; from pathlib import PosixPath; from models.compilation import compiled, core; "
        "from models.layers import read_layers; from portal.scoring.row import Model, Task; "
        "from portal.scoring.scorer import Job, score; "
        f"print(score({chosen!r}, Task(file='a.png', models=({MODELS[0]!r},)))[0].probability); "
        f"network = compiled(read_layers({job.checkpoints / KEYS[0].checkpoint!r}), 'f32'); "
        "print(network.get_property('INFERENCE_NUM_THREADS'), cv2.getNumThreads())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    probability, *found = told.stdout.split()
    assert 0.0 <= float(probability) <= 1.0
    assert found == [str(threads)] * 2


def test_a_file_of_just_the_largest_size_is_read(
    scorer: Callable[..., Scorer], tmp_path: Path
) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(100_000))
    (row,) = scorer(fails).rows(Task(file="a.bin", models=MODELS[:1]))
    assert "not an image" in (row.reason or "")


@pytest.mark.parametrize(("modality", "answered"), [("US", True), ("CT", False)])
def test_a_dicom_file_of_another_modality_has_its_reason(
    scorer: Callable[..., Scorer], tmp_path: Path, modality: str, answered: bool
) -> None:
    (tmp_path / "a.dcm").write_bytes(dicom(ramp(), Modality=modality))
    (row,) = scorer(says(0.41)).rows(Task(file="a.dcm", models=MODELS[:1]))
    assert (row.reason is None) is answered
    assert (row.probability == 0.41) is answered


@pytest.mark.parametrize("whole", [False, True])
def test_a_whole_that_came_small_has_its_reason_unless_it_is_wanted(
    scorer: Callable[..., Scorer], job: Job, tmp_path: Path, whole: bool
) -> None:
    key = next(key for key in model_keys() if key.modality.region)
    film = replace(fake_gate(key.modality.key).profiles[0], name="whole film")
    crop = replace(film, name="crop", mean=tuple(value + 9.0 for value in film.mean))
    gates = write_gates(tmp_path / "strict", profiles=(crop, film))
    (tmp_path / "a.png").write_bytes(png())
    one = Model(slug=key.slug, fingerprint=FINGERPRINT, threshold=0.41)
    small = replace(
        scorer(says(0.5)),
        job=replace(job, whole=whole),
        gatekeeper=Gatekeeper(gates=GateStore(gates)),
    )
    (row,) = small.rows(Task(file="a.png", models=(one,)))
    assert bool(row.label) == whole
    assert ("looks like a whole film" in (row.reason or "")) != whole
