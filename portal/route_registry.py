"""RouteRegistry: every route of the portal, derived from the catalogue."""

from collections.abc import Iterable
from pathlib import Path

from flask import Flask
from flask.typing import RouteCallable

from models.catalogue import MODALITIES, Comparison, ModelKey, comparisons, model_keys
from portal.accounts.accounts import Accounts
from portal.accounts.guard import register_guard
from portal.accounts.session_cookie import use_session_cookie
from portal.accounts.sign_in import SignIn
from portal.accounts.views import AccountViews
from portal.api.routes import register_api
from portal.document_addresses import ADDRESSES
from portal.figures.tables import FIGURES
from portal.metrics import register_metrics
from portal.page_context import register_page_context
from portal.report_html import FIGURES_ADDRESS
from portal.services import Services
from portal.settings import Settings
from portal.views import FileViews, FormView, HealthViews, PageViews, StepwiseView


def _listed(names: Iterable[str]) -> str:
    """Names as Werkzeug's converter ``any`` takes them."""
    return ",".join(f'"{name}"' for name in names)


_ONE_MODEL = f"<any({_listed(key.slug for key in model_keys())}):slug>"


class RouteRegistry:
    """Registers all routes of an application and remembers which.

    An entry in the catalogue brings its routes; nothing here names a modality, a backbone or a
    strategy. A new kind of page is a new method here.
    """

    def __init__(self, app: Flask, services: Services | None = None) -> None:
        settings: Settings = app.config["PORTAL"]
        self._app = app
        self._services = services or Services.of(settings)
        self._pages = PageViews(self._services)
        register_metrics(app, self._services.metrics)
        register_page_context(app, settings, self._services.checkpoints)
        self.single_routes = tuple(self._single(key) for key in model_keys())
        self.compare_routes = tuple(self._compare(each) for each in comparisons())
        self.several_pages = self._several_pages()
        self.static_pages = self._static_pages()
        self.document_pages = self._document_pages()
        self.study_pages = self._study_pages()
        self._files = FileViews(self._services)
        self.study_files = self._study_files()
        self.report_figures = self._add(f"{FIGURES_ADDRESS}/<name>.svg", self._pages.report_figure)
        self.result_files = self._result_files()
        self.health_routes = self._health_routes()
        self.api_routes = register_api(app, self._services)
        self.account_pages = self._account_pages(settings.auth_file)

    def _single(self, key: ModelKey) -> str:
        service = self._services.single_model(key)
        return self._add(f"/{key.slug}", StepwiseView.as_view(key.slug, "single.html", service))

    def _compare(self, cohort: Comparison) -> str:
        service = self._services.compare_predictor(cohort)
        return self._add(f"/{cohort.slug}", FormView.as_view(cohort.slug, "compare.html", service))

    def _several_pages(self) -> tuple[str, ...]:
        view = self._pages.several
        return tuple(self._add(f"/several/{key}", view, modality=key) for key in MODALITIES)

    def _static_pages(self) -> tuple[str, ...]:
        pages = self._pages
        return (
            self._add("/", pages.home),
            self._add("/about", pages.about),
            self._add(ADDRESSES["api.md"], pages.api),
            *(self._add(f"/{key}", pages.modality, modality=key) for key in MODALITIES),
            self._add("/notebooks", pages.notebooks),
            *(self._add(f"/notebooks/{key}", pages.notebook, modality=key) for key in MODALITIES),
        )

    def _document_pages(self) -> tuple[str, ...]:
        view = self._pages.document
        names = self._services.documents.names
        return tuple(self._add(ADDRESSES[f"{name}.md"], view, name=name) for name in names)

    def _study_pages(self) -> tuple[str, ...]:
        pages = self._pages
        models = (
            self._add(f"/study/{key}", pages.study_model, slug=key.slug) for key in model_keys()
        )
        cards = self._add(f"/study/{_ONE_MODEL}/card", pages.study_card)
        report = self._add(ADDRESSES["report.md"], pages.report)
        pair = self._add("/study/compare", pages.study_compare)
        return (self._add("/study", pages.study), report, pair, cards, *models)

    def _study_files(self) -> tuple[str, ...]:
        files = self._files
        model, figure = f"/study/{_ONE_MODEL}", f"<any({_listed(FIGURES)}):figure>"
        return (
            self._add(f"{model}/{figure}.svg", files.study_drawing),
            self._add(f"{model}/{figure}.csv", files.study_numbers),
            self._add(f"{model}/thresholds.csv", files.study_thresholds),
            self._add(f"{model}/subgroups/<attribute>.svg", files.study_subgroup_drawing),
            self._add(f"{model}/subgroups/<attribute>.csv", files.study_subgroup_numbers),
            self._add(f"{model}/card.json", files.study_card_file),
            self._add("/study/compare.svg", files.study_compare_drawing),
            self._add("/study/compare.csv", files.study_compare_numbers),
        )

    def _result_files(self) -> tuple[str, ...]:
        views = self._files
        return (
            self._add("/report.pdf", views.report_pdf, methods=("POST",)),
            self._add("/report.json", views.report_json, methods=("POST",)),
        )

    def _health_routes(self) -> tuple[str, ...]:
        views = HealthViews(self._services)
        return (
            self._add("/healthz", views.healthz),
            self._add("/readyz", views.readyz),
            self._add("/info", views.info),
            self._add("/metrics", views.metrics),
        )

    def _account_pages(self, file: Path | None) -> tuple[str, ...]:
        """Signing in and out, and a guard before all else; nothing where there are no accounts."""
        if file is None:
            return ()
        accounts = Accounts(file)
        sign_in = SignIn(accounts)
        views = AccountViews(accounts, sign_in)
        use_session_cookie(self._app)
        register_guard(self._app, accounts, sign_in)
        return (
            self._add("/sign-in", views.sign_in, methods=("GET", "POST")),
            self._add("/sign-out", views.sign_out, methods=("POST",)),
        )

    def _add(
        self,
        url: str,
        view: RouteCallable,
        methods: tuple[str, ...] | None = None,
        **arguments: str,
    ) -> str:
        """Register a view under its own name; ``arguments`` are what it is called with."""
        self._app.add_url_rule(
            url, view.__name__, view, defaults=arguments or None, methods=methods
        )
        return url
