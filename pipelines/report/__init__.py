"""The report: what the published models are worth, told for a reader who distrusts it."""

from pipelines.report.document import Report, report
from pipelines.report.metrics import metrics_table, overview
from pipelines.report.places import Places
from pipelines.report.published import Models, Published, of_modality
from pipelines.report.readme import with_results
from pipelines.report.writing import published_models, write

__all__ = [
    "Models",
    "Places",
    "Published",
    "Report",
    "metrics_table",
    "of_modality",
    "overview",
    "published_models",
    "report",
    "with_results",
    "write",
]
