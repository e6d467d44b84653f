"""Views: read the request, ask one service, return one page."""

from typing import ClassVar

from flask import Response, jsonify, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from models.catalogue import MODALITIES, cohorts, find_model
from portal.answered import note
from portal.api.page import api_page
from portal.cited_data import cited_data
from portal.queued import Answering
from portal.services import Services
from portal.single_model import SingleModel
from portal.stepwise import stepwise
from portal.study_choice import StudyWish
from portal.upload import Upload
from portal.upload_page import UploadPage


class FormView(MethodView):
    """A page with an upload form; the fields of the service's page are the template's names."""

    init_every_request: ClassVar[bool] = False

    def __init__(self, template: str, service: Answering[UploadPage]) -> None:
        self._template = template
        self._service = service

    def get(self) -> str:
        """The empty page."""
        return render_template(self._template, **vars(self._service.page()))

    def post(self) -> ResponseReturnValue:
        """The page for an upload, or the file that it asked for."""
        return self._shown(self._service.answer(Upload.of(request)))

    def _shown(self, page: UploadPage) -> ResponseReturnValue:
        note(page.answered)
        if page.file is not None:
            return page.file.response()
        return render_template(self._template, **vars(page)), page.status


class StepwiseView(FormView):
    """A page with an upload form whose answer may take a while: it tells how far it is."""

    def __init__(self, template: str, service: SingleModel) -> None:
        super().__init__(template, service)
        self._steps = service.steps

    def post(self) -> ResponseReturnValue:
        """The page for an upload."""
        return stepwise(self._steps(Upload.of(request)), self._shown)


class PageViews:
    """The pages that are only read. Each method has the name of its endpoint and template."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def home(self) -> str:
        """The first page."""
        return render_template("home.html")

    def about(self) -> str:
        """What this is, and what it is not."""
        return render_template(
            "about.html",
            documents=self._services.documents.titles,
            cited=cited_data(self._services.checkpoints),
        )

    def document(self, name: str) -> str:
        """One of the documents that the page above leads to."""
        return render_template("document.html", **vars(self._services.documents.page(name)))

    def api(self) -> str:
        """How programs ask the models."""
        return render_template("api.html", **vars(api_page()))

    def modality(self, modality: str) -> str:
        """The hub of one modality: its models and cohorts."""
        spec = MODALITIES[modality]
        compared = [cohort for cohort in cohorts() if cohort.modality == spec]
        models = [
            (key, self._services.checkpoints.card(key))
            for cohort in compared
            for key in cohort.keys
        ]
        gate = self._services.gates.usable(spec)
        return render_template(
            "modality.html", modality=spec, models=models, cohorts=compared, gate=gate
        )

    def several(self, modality: str) -> str:
        """Many images of one modality, which its script sends one by one."""
        page = self._services.several.page(MODALITIES[modality])
        return render_template("several.html", **vars(page))

    def notebooks(self) -> str:
        """The menu of the notebooks."""
        return render_template("notebooks.html")

    def notebook(self, modality: str) -> str:
        """One notebook, as it was last run."""
        page = self._services.notebooks.page(MODALITIES[modality])
        return render_template("notebook.html", **vars(page))

    def study(self) -> str:
        """All models in one table, in the order and of the kind that the address asks for."""
        page = self._services.study.overview(request.args.get("sort"), request.args.get("kind"))
        return render_template("study.html", documents=self._services.documents.names, **vars(page))

    def study_model(self, slug: str) -> str:
        """Everything that is known of one model, at the threshold of the address."""
        page = self._services.study.model(find_model(slug), StudyWish.of(request.args))
        return render_template("study_model.html", **vars(page))

    def study_compare(self) -> str:
        """Two models of the address on the same test images."""
        page = self._services.study_pairs.page(request.args.get("a"), request.args.get("b"))
        return render_template("study_compare.html", **vars(page))

    def study_card(self, slug: str) -> str:
        """The card of one model, under the headings of model cards."""
        page = self._services.study.model(find_model(slug))
        return render_template("study_card.html", **vars(page))

    def report(self) -> str:
        """The study's report."""
        return render_template("report.html", **vars(self._services.report.page()))

    def report_figure(self, name: str) -> ResponseReturnValue:
        """One figure of the report."""
        folder = self._services.report.figures
        return send_from_directory(folder, f"{name}.svg", mimetype="image/svg+xml")


class FileViews:
    """Results, and the figures, numbers and cards of the study, as files."""

    def __init__(self, services: Services) -> None:
        self._files = services.study_files
        self._pairs = services.study_pairs
        self._reports = services.reports

    def report_pdf(self) -> Response:
        """A result on a page or two, for a person."""
        return self._reports.pdf(request.form).response()

    def report_json(self) -> Response:
        """The same for a program."""
        return self._reports.json(request.form).response()

    def study_drawing(self, slug: str, figure: str) -> ResponseReturnValue:
        """A figure of a model, as SVG."""
        drawing = self._files.drawing(find_model(slug), figure, StudyWish.of(request.args))
        return drawing.file(render_template("figures/alone.html", **vars(drawing))).response()

    def study_numbers(self, slug: str, figure: str) -> ResponseReturnValue:
        """The numbers of a figure, as CSV."""
        return self._files.numbers(find_model(slug), figure, StudyWish.of(request.args)).response()

    def study_thresholds(self, slug: str) -> ResponseReturnValue:
        """What follows from every threshold, as CSV."""
        return self._files.thresholds(find_model(slug)).response()

    def study_subgroup_drawing(self, slug: str, attribute: str) -> ResponseReturnValue:
        """The subgroups of a model's test images by an attribute, as SVG."""
        wish = StudyWish.of(request.args)
        drawing = self._files.subgroups_drawing(find_model(slug), attribute, wish)
        html = render_template("figures/subgroups_alone.html", **vars(drawing))
        return drawing.file(html).response()

    def study_subgroup_numbers(self, slug: str, attribute: str) -> ResponseReturnValue:
        """Their numbers, as CSV."""
        wish = StudyWish.of(request.args)
        return self._files.subgroups_numbers(find_model(slug), attribute, wish).response()

    def study_card_file(self, slug: str) -> ResponseReturnValue:
        """The card of a model, as JSON."""
        return self._files.card(find_model(slug)).response()

    def study_compare_drawing(self) -> ResponseReturnValue:
        """The ROC curves of two models, as SVG."""
        drawing = self._pairs.drawing(request.args.get("a"), request.args.get("b"))
        html = render_template("figures/roc_pair_alone.html", **vars(drawing))
        return drawing.file(html).response()

    def study_compare_numbers(self) -> ResponseReturnValue:
        """The points of these curves, as CSV."""
        return self._pairs.numbers(request.args.get("a"), request.args.get("b")).response()


class HealthViews:
    """Answers for machines, as JSON and as Prometheus reads them."""

    def __init__(self, services: Services) -> None:
        self._health = services.health
        self._metrics = services.metrics

    def healthz(self) -> ResponseReturnValue:
        """The process is up."""
        return jsonify(status="up")

    def readyz(self) -> ResponseReturnValue:
        """Whether an upload would be answered; 503 with the reasons if not."""
        readiness = self._health.readiness()
        return jsonify(readiness.to_dict()), readiness.status

    def info(self) -> ResponseReturnValue:
        """Versions and models."""
        return jsonify(self._health.info())

    def metrics(self) -> ResponseReturnValue:
        """Counts and times of this process."""
        return Response(self._metrics.exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
