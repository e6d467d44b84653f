"""What schemathesis makes of the API's description, sent to a whole portal."""

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.transport.serialization import Binary

from portal.api.openapi import Description
from tests.conftest import Portal
from tests.fakes import png
from tests.functional.uploads import bmp, jpeg, tiff, truncated

SOUND = st.sampled_from([png(1), png(2), jpeg(), tiff(), bmp()])
BROKEN = st.one_of(
    SOUND.map(truncated),
    st.binary(max_size=200).map(lambda rest: png()[:40] + rest),
    st.binary(max_size=200),
)
ATTEMPTS = [
    (place, method, mode)
    for place, operations in Description(max_upload_mb=32).document["paths"].items()
    for method, operation in operations.items()
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or "parameters" in operation  # else nothing can be wrong
]
CALLS = 40  # of each operation, with what it describes and again with what it does not

schemathesis.openapi.format("binary", st.one_of(SOUND, BROKEN))


@pytest.fixture(scope="module")
def described(portal: Portal) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", portal.app)


def sends_less(case: schemathesis.Case) -> bool:
    """Whether the form has a field of no values: it is not sent, so nothing can refuse it."""
    return isinstance(case.body, dict) and [] in case.body.values()


@pytest.mark.slow
@pytest.mark.parametrize(("place", "method", "mode"), ATTEMPTS)
def test_every_answer_is_as_described(
    portal: Portal,
    described: schemathesis.BaseSchema,
    place: str,
    method: str,
    mode: GenerationMode,
) -> None:
    statuses: Counter[int] = Counter()
    # A file that is no image is sound by the description, and is refused all the same.
    without = [positive_data_acceptance] if method == "post" else []
    if mode is GenerationMode.POSITIVE:
        without.append(negative_data_rejection)  # takes a body that was put in below for broken

    @settings(
        max_examples=CALLS,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=described[place][method.upper()].as_strategy(generation_mode=mode),
        alone=st.none() | SOUND.map(Binary),
    )
    def ask(case: schemathesis.Case, alone: Binary | None) -> None:
        assume(not sends_less(case))
        if alone is not None and method == "post" and mode is GenerationMode.POSITIVE:
            case.body = {"image": alone}  # drawn fields and a drawn image are seldom all sound
        answer = case.call()
        statuses[answer.status_code] += 1
        case.validate_response(answer, excluded_checks=without)
        assert portal.uploads() == []

    ask()
    mapped = place.endswith("/map")  # of none of these images: they are as small as a square
    assert bool(statuses[200]) == (mode is GenerationMode.POSITIVE and not mapped)
