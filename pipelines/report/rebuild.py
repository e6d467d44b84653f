"""How a reader rebuilds a number of the report without any image."""

from pipelines.report import markdown
from pipelines.report.checks import TOLERANCE
from pipelines.report.published import Models

_PROGRAM = """```python
import csv
from pathlib import Path

from sklearn.metrics import f1_score, roc_auc_score

path = Path("models/predictions/{csv}")
with path.open(encoding="utf-8", newline="") as file:
    rows = [row for row in csv.DictReader(file) if row["part"] == "test"]
labels = [int(row["label"]) for row in rows]
probabilities = [float(row["probability"]) for row in rows]
print(f"{{f1_score(labels, [p >= {threshold} for p in probabilities]):.4f}}")
print(f"{{roc_auc_score(labels, probabilities):.4f}}")
```"""


def rebuild_section(models: Models) -> str:
    """The files behind the numbers, and a small program that rebuilds two of them."""
    key, model = next(iter(models.items()))
    test = model.card.metrics["test"]
    files = (
        "`models/predictions/` has a file per model with a row per validation and test image: "
        "name, group, true label, weight (a patient's validation crops of one label count together "
        "as much as its films do), the probability that the shipped file gives, and the one of the "
        "network before it was made small, if known. `models/splits/` says which finding is in "
        "which part. "
        "`models/checkpoints/SHA256SUMS` lists the models; each carries its card."
    )
    checks = (
        "`python -m pipelines report` writes this file. Before, it computes every metric again "
        "from the predictions, and looks whether images, labels and groups are those of the split "
        "file (of validation crops that it does not name, whether label and group are those of one "
        "that it does), no group is on two sides, and the threshold has the best F1 on validation. "
        "If a "
        f"metric is more than {TOLERANCE} from that of the card, nothing is written."
    )
    program = _PROGRAM.format(
        csv=key.checkpoint.with_suffix(".csv"), threshold=model.card.threshold.value
    )
    shown = (
        f"For example `{key.slug}`; with scikit-learn this prints {test['f1'].value:.4f} and "
        f"{test['roc_auc'].value:.4f}:"
    )
    return markdown.paragraphs(files, checks, shown, program)
