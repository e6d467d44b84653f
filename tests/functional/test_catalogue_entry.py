"""One more entry in the catalogue brings its routes and pages, with no other edit."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from models.catalogue import BACKBONES, MODALITIES, STRATEGIES, model_keys

ROOT = Path(__file__).resolve().parents[2]

BACKBONE = """
BACKBONES = _by_key(
    *BACKBONES.values(),
    BackboneSpec(
        key="resnet101",
        title="ResNet101",
        application="ResNet101",
        unfreeze=("conv5",),
        scale=(1.0, 1.0, 1.0),
        offset=(0.0, 0.0, 0.0),
        channel_order="BGR",
    ),
)
"""

QUESTIONS = """
import json
from app import app
client = app.test_client()
rules = [rule.rule for rule in app.url_map.iter_rules()]
urls = [rule for rule in rules if "resnet101" in rule and "<" not in rule]
pages = {url: client.get(url) for url in (*urls, "/compare_ultrasound_initial", "/ultrasound")}
print(json.dumps({
    "status": {url: page.status_code for url, page in pages.items()},
    "linked": [url for url, page in pages.items() if "ResNet101" in page.text],
    "info": len(client.get("/info").json["models"]),
}))
"""


MODALITY = """
MODALITIES = _by_key(
    *MODALITIES.values(),
    ModalitySpec(
        key="holography",
        title="Holography",
        dicom_modality="OT",
        labels=("Cool", "Hot"),
        found="hot breasts",
        spared="cool breasts",
        summary="Holograms of a breast: cool or hot.",
        upload="One hologram of a breast.",
        prepare=preprocessing.prepare_mammography,
        prepared_by=("converted to gray", "resized to 224 x 224 pixels by area"),
        augmentation=AugmentationSpec(rotation=10.0, horizontal_flip=True),
    ),
)
"""

ASKED_OF_PAGES = """
import json
from app import app
client = app.test_client()
rules = [rule.rule for rule in app.url_map.iter_rules()]
urls = [rule for rule in rules if "holography" in rule and "<" not in rule]
pages = {url: client.get(url) for url in (*urls, "/", "/study", "/notebooks")}
print(json.dumps({
    "status": {url: page.status_code for url, page in pages.items()},
    "named": [url for url, page in pages.items() if "olography" in page.text],
    "absent": [url for url, page in pages.items() if "not installed" in page.text],
    "info": len(client.get("/info").json["models"]),
}))
"""

ASKED_OF_PIPELINES = """
import json
from argparse import Namespace
from pathlib import Path
from pipelines.data_module import prepare
from pipelines.datasets import DATASETS
from pipelines.options import chosen_datasets, trunk_configuration
chosen = chosen_datasets([])["holography"]
found = prepare(DATASETS[chosen], Path("data"), Path("runs"), skip_unreadable=False)
config = trunk_configuration(Namespace(set=[]), "vgg", "holography", chosen, alone=False)
print(json.dumps({
    "chosen": chosen, "prepared": len(found.images), "batch": config.batch_size,
}))
"""


def copy_with(entry: str, folder: Path, *rooms: str) -> Path:
    """A copy of the project without its checkpoints, with one more entry in the catalogue."""
    copy = folder / "project"
    copy.mkdir()
    for room in ("models", *rooms):
        skipped = shutil.ignore_patterns("checkpoints", "__pycache__")
        shutil.copytree(ROOT / room, copy / room, ignore=skipped)
    shutil.copy(ROOT / "app.py", copy)
    catalogue = copy / "models" / "catalogue.py"
    catalogue.write_text(catalogue.read_text("utf-8") + entry, "utf-8")
    return copy


def asked(questions: str, copy: Path, **environment: str) -> Any:
    """What a program answers in the copy, as JSON."""
    found = subprocess.run(
        [sys.executable, "-c", questions],
        cwd=copy,
        env={
            "UPLOAD_DIR": str(copy.parent / "uploads"),
            "CACHE_DIR": str(copy.parent / "cache"),
            "PATH": "/usr/bin:/bin",
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(found.stdout.splitlines()[-1])


def test_a_backbone_is_one_entry(tmp_path: Path) -> None:
    seen = asked(QUESTIONS, copy_with(BACKBONE, tmp_path, "portal", "templates", "static"))
    own = len(MODALITIES) * len(STRATEGIES)
    assert len(seen["status"]) == own + own + 2  # single and study pages, and two that list them
    assert set(seen["status"].values()) == {200}
    assert set(seen["linked"]) == set(seen["status"])
    assert seen["info"] == len(model_keys()) + own


def test_a_modality_is_one_entry_for_the_portal(tmp_path: Path) -> None:
    copy = copy_with(MODALITY, tmp_path, "portal", "templates", "static")
    seen = asked(ASKED_OF_PAGES, copy)
    own, compared = len(BACKBONES) * len(STRATEGIES), len(STRATEGIES) + 1
    # its hub, notebook and page for several images, single and study pages, comparisons; and
    # three that list them
    assert len(seen["status"]) == 3 + own + own + compared + 3
    assert set(seen["status"].values()) == {200}
    assert set(seen["named"]) == set(seen["status"])
    single = {url for url in seen["status"] if url.endswith(("_initial", "_finetuned"))}
    assert {url for url in single if "compare" not in url} <= set(seen["absent"])
    assert seen["info"] == len(model_keys()) + own


def test_a_modality_is_one_entry_for_the_pipelines(tmp_path: Path) -> None:
    copy = copy_with(MODALITY, tmp_path, "pipelines")
    seen = asked(ASKED_OF_PIPELINES, copy, KERAS_BACKEND="openvino")
    assert seen == {"chosen": "phantom-holography", "prepared": 60, "batch": 16}
