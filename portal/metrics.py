"""Metrics: counts and times of this process, as Prometheus reads them."""

from collections.abc import Callable

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from portal.answered import Answered, noted, when_finished
from portal.model_loader import ModelLoader
from portal.prediction_queue import PredictionQueue

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_NO_ROUTE = "none"  # a request for an address that does not exist


class Metrics:
    """What is counted, beside memory and open files of the process."""

    def __init__(self, queue: PredictionQueue, models: ModelLoader) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._predictions = Counter(
            "portal_predictions",
            "Verdicts given.",
            ("route", "model", "label"),
            registry=self._registry,
        )
        self._stages = Histogram(
            "portal_stage_seconds",
            "Time of one part of an answer.",
            ("stage",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._refusals = Counter(
            "portal_refusals",
            "Uploads and models that were refused.",
            ("route", "reason"),
            registry=self._registry,
        )
        self._gauge("portal_predictions_running", "Uploads being answered.", lambda: queue.running)
        self._gauge("portal_queue_length", "Uploads that wait.", lambda: queue.waiting)
        self._gauge("portal_models_loaded", "Models that are open.", lambda: models.loaded)

    def count(self, route: str | None, answered: Answered) -> None:
        """Count what came of a request to a route, given as its template."""
        place = route or _NO_ROUTE
        for verdict in answered.verdicts:
            self._predictions.labels(place, verdict.key.slug, verdict.label).inc()
        for reason in answered.refusals:
            self._refusals.labels(place, reason).inc()
        for stage, seconds in answered.stages.items():
            self._stages.labels(stage).observe(seconds)

    def exposition(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)

    def _gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        Gauge(name, text, registry=self._registry).set_function(value)


def register_metrics(app: Flask, metrics: Metrics) -> None:
    """Have every request of ``app`` counted."""

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else None
        when_finished(lambda: metrics.count(route, noted()))
        return response
