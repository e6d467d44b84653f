"""The examples of docs/api.md, run as they stand against a portal that is served."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.dicoms import dicom, ramp
from tests.fakes import encoded, film, png
from tests.functional.serving import ROOT

EXAMPLES = re.findall(
    r"^```(sh|python)\n(.*?)^```$",
    (ROOT / "docs/api.md").read_text("utf-8"),
    flags=re.MULTILINE | re.DOTALL,
)
DOCUMENTED = "127.0.0.1:8000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a reader stands: the images lie there."""
    (tmp_path / "lesion.png").write_bytes(png())
    (tmp_path / "film.png").write_bytes(encoded(film()))
    study = {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.2"}
    (tmp_path / "lesion.dcm").write_bytes(dicom(ramp(width=64, height=64), **study))
    return tmp_path


def run(example: str, folder: Path, port: int, *interpreter: str) -> str:
    assert DOCUMENTED in example
    written = example.replace(DOCUMENTED, f"127.0.0.1:{port}")
    done = subprocess.run(
        [*interpreter, "-c", written],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_examples_do_what_they_say(serve: Callable[..., int], folder: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    port = serve()
    shell = [text for language, text in EXAMPLES if language == "sh"]
    program, mapping = (text for language, text in EXAMPLES if language == "python")
    *answers, nothing = (run(text, folder, port, "sh", "-e") for text in shell)
    predicted, compared, parted, mapped = map(json.loads, answers)
    assert nothing == ""
    assert dcmread(folder / "answer.dcm").Modality == "SR"
    assert predicted["model"] == "vgg_ultrasound_finetuned"
    (same,) = (e["answer"] for e in compared["models"] if e["model"] == predicted["model"])
    assert same["probability"] == predicted["probability"]
    assert parted["region"] == {"left": 120, "top": 300, "side": 256, "width": 900, "height": 700}
    lines = run(program, folder, port, sys.executable).splitlines()
    assert "vgg_ultrasound_finetuned available" in lines
    verdict = f"{predicted['verdict']} {predicted['probability']} threshold 0.41"
    assert verdict in lines
    assert f"{predicted['fingerprint']} {predicted['input']['sha256']}" in lines
    told = run(mapping, folder, port, sys.executable)
    assert f"{mapped['reaching']} of {len(mapped['squares'])} squares" in told
    assert mapped["meaning"] in told


def test_a_refused_upload_ends_the_example_with_its_reason(
    serve: Callable[..., int], folder: Path
) -> None:
    program, _ = (text for language, text in EXAMPLES if language == "python")
    (folder / "lesion.png").write_bytes(b"no image")
    port = serve()
    written = program.replace(DOCUMENTED, f"127.0.0.1:{port}")
    done = subprocess.run(
        [sys.executable, "-c", written],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "The file is not an image that can be read here." in done.stderr
    assert "Traceback" not in done.stderr
