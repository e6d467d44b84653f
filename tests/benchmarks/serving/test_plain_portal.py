import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.serving.images import tensor, upload
from benchmarks.serving.plain_portal import NAMES, Models, batch_of, create_app
from benchmarks.serving.server import PROJECT
from benchmarks.serving.uploads import MARK
from models.catalogue import MODALITIES, cohorts, model_keys
from models.checkpoint import open_model
from tests.fakes import write_checkpoints

COHORT = cohorts()[2]


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoints(tmp_path_factory.mktemp("checkpoints"), COHORT.keys)


@pytest.mark.parametrize("modality", MODALITIES.values(), ids=lambda spec: spec.key)
def test_it_prepares_an_upload_as_the_portal_does(modality: object) -> None:
    key = next(key for key in model_keys() if key.modality == modality)
    image = upload(key.modality)
    np.testing.assert_array_equal(batch_of(image, key), tensor(image, key.modality))


@pytest.mark.parametrize("keep", [True, False])
def test_it_says_what_the_models_say(checkpoints: Path, keep: bool) -> None:
    client = create_app(Models(checkpoints, keep=keep)).test_client()
    image = upload(COHORT.modality)
    batch = tensor(image, COHORT.modality)
    expected = [
        float(open_model(checkpoints / key.checkpoint).predict(batch, verbose=0)[0, 0])
        for key in COHORT.keys
    ]
    for _ in range(2):
        form = {"image": (io.BytesIO(image), "a.png")}
        answer = client.post(f"/{COHORT.slug}", data=form)
        found = [float(value) for value in MARK.findall(answer.text)]
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert len(set(expected)) == 3


def test_it_has_the_pages_of_the_portal() -> None:
    assert set(NAMES) == {str(each) for each in (*model_keys(), *cohorts())}


def test_the_uploads_are_images_of_256_pixels() -> None:
    for modality in MODALITIES.values():
        assert Image.open(io.BytesIO(upload(modality))).size == (256, 256)


def test_nothing_heavy_is_imported_to_time_a_start_fairly() -> None:
    code = (
        "import json, sys, benchmarks.serving.plain_portal; "
        "print(json.dumps([n for n in ('tensorflow', 'keras') if n in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == []
