"""One more entry in the catalogue brings its routes and pages, with no other edit."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ENTRY = """
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


def test_a_backbone_is_one_entry(tmp_path: Path) -> None:
    copy = tmp_path / "project"
    copy.mkdir()
    for room in ("models", "portal", "templates", "static"):
        skipped = shutil.ignore_patterns("checkpoints", "__pycache__")
        shutil.copytree(ROOT / room, copy / room, ignore=skipped)
    shutil.copy(ROOT / "app.py", copy)
    catalogue = copy / "models" / "catalogue.py"
    catalogue.write_text(catalogue.read_text("utf-8") + ENTRY, "utf-8")
    found = subprocess.run(
        [sys.executable, "-c", QUESTIONS],
        cwd=copy,
        env={"UPLOAD_DIR": str(tmp_path / "uploads"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(found.stdout)
    assert len(seen["status"]) == 6 + 6 + 2  # single pages, study pages, and two that list them
    assert set(seen["status"].values()) == {200}
    assert set(seen["linked"]) == set(seen["status"])
    assert seen["info"] == 24
