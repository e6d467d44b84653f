"""What the tests of the report share: a made-up study, made once and only to be read."""

import pytest

from models.catalogue import MODALITIES
from pipelines.report import Models, Report, of_modality, report
from tests.pipelines.report import studies


@pytest.fixture(scope="session")
def study() -> Models:
    """Every model of the catalogue."""
    return studies.study()


@pytest.fixture(scope="session")
def whole(study: Models) -> Report:
    """The report of the whole study."""
    return report(study)


@pytest.fixture(scope="session", params=list(MODALITIES))
def mine(request: pytest.FixtureRequest, study: Models) -> Models:
    """The models of one modality, of each in turn."""
    return of_modality(MODALITIES[request.param], study)
