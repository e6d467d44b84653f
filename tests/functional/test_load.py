"""More uploads than there is room for: what is said, and what still answers."""

import io
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from werkzeug.test import TestResponse

from models.catalogue import cohorts, model_keys
from portal.engine import Network
from portal.prediction_queue import PredictionQueue
from portal.services import Services
from tests.conftest import Portal
from tests.fakes import encoded, film, png
from tests.functional.composed import composed
from tests.functional.pages import banners, links_of, verdicts
from tests.functional.serving import FORM, SlowUpload, ask, form, upload, wait_until

PLACE = f"/{model_keys()[0]}"
API_PREDICT = f"/api/v1/models/{model_keys()[0]}/predict"
API_COMPARE = f"/api/v1/compare/{cohorts()[0].modality.key}/{cohorts()[0].strategy.key}"
BUSY = "The portal is busy just now"
each_form = pytest.mark.parametrize("place", [PLACE, f"/{cohorts()[0]}"])


class HeldNetworks:
    """An opener whose networks answer when they are let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def __call__(self, _path: Path) -> Network:
        return self._answer

    def _answer(self, _tensor: np.ndarray) -> float:
        assert self.let_go.wait(120)
        return 0.5


@pytest.fixture
def networks() -> Iterator[HeldNetworks]:
    held = HeldNetworks()
    yield held
    held.let_go.set()


@pytest.fixture
def services(installed: Path, gates: Path, tmp_path: Path, networks: HeldNetworks) -> Services:
    queue = PredictionQueue(running=1, waiting=1)
    return composed(installed, gates, tmp_path, opener=networks, queue=queue)


@pytest.fixture
def held(make_portal: Callable[..., Portal], installed: Path, services: Services) -> Portal:
    return make_portal(installed, services)


def post(portal: Portal, place: str = PLACE, **headers: str) -> TestResponse:
    data = {"image": (io.BytesIO(png()), "a.png")}
    return portal.client.post(place, data=data, headers=headers)


@pytest.fixture
def full(
    held: Portal, services: Services, networks: HeldNetworks
) -> Iterator[list[Future[TestResponse]]]:
    """A portal with one prediction that runs and one that waits: their answers, to come."""
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(post, held) for _ in range(2)]
        wait_until(lambda: services.queue.waiting)
        yield answers
        networks.let_go.set()


@each_form
def test_one_more_is_told_calmly_to_come_back(
    held: Portal, full: list[Future[TestResponse]], place: str
) -> None:
    answer = post(held, place)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"
    (banner,) = banners(answer.text)
    assert BUSY in banner
    assert "Send it again in a few seconds" in banner
    assert place in links_of(answer.text)
    assert not any(other.done() for other in full)


def test_a_program_is_told_so_too(held: Portal, full: list[Future[TestResponse]]) -> None:
    answer = post(held, Accept="application/json")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.mimetype == "application/problem+json"
    assert answer.json["title"] == BUSY
    assert answer.json["status"] == 503
    assert not any(other.done() for other in full)


@pytest.mark.parametrize("place", [API_PREDICT, API_COMPARE])
def test_the_api_says_so_whatever_is_asked_for(
    held: Portal, full: list[Future[TestResponse]], place: str
) -> None:
    answer = post(held, place, Accept="text/html")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == "/api#portal-busy"
    assert not any(other.done() for other in full)


def test_those_who_waited_are_answered(
    held: Portal, full: list[Future[TestResponse]], networks: HeldNetworks
) -> None:
    assert post(held).status_code == 503
    networks.let_go.set()
    assert [answer.result().status_code for answer in full] == [200, 200]
    assert verdicts(post(held).text)


def test_the_line_is_counted(held: Portal, full: list[Future[TestResponse]]) -> None:
    post(held)
    metrics = held.client.get("/metrics").text.splitlines()
    assert "portal_predictions_running 1.0" in metrics
    assert "portal_queue_length 1.0" in metrics
    assert f'portal_refusals_total{{reason="PortalBusy",route="{PLACE}"}} 1.0' in metrics
    assert not any(other.done() for other in full)


def test_every_other_page_answers_meanwhile(held: Portal, full: list[Future[TestResponse]]) -> None:
    routes = held.routes
    for url in (*routes.static_pages, *routes.single_routes, "/study", "/healthz", "/info"):
        assert held.client.get(url).status_code == 200, url
    assert not any(other.done() for other in full)


@pytest.mark.parametrize("place", ["/healthz", "/info", "/metrics"])
def test_health_waits_for_no_turn(
    held: Portal, full: list[Future[TestResponse]], place: str
) -> None:
    def seconds() -> float:
        began = perf_counter()
        assert held.client.get(place).status_code == 200
        return perf_counter() - began

    assert min(seconds() for _ in range(5)) < 0.1  # the fastest: other programs may be at work
    assert not any(other.done() for other in full)


def test_slow_uploads_hold_up_neither_a_verdict_nor_a_page(serve: Callable[..., int]) -> None:
    port = serve(THREADS=3, PREDICTIONS=1, QUEUE=1)
    slow = [SlowUpload(port, PLACE, png()) for _ in range(2)]
    assert verdicts(upload(port, PLACE, png()).page)
    assert ask(port, "GET", "/healthz").status == 200
    assert all(verdicts(one.finish().page) for one in slow)


def test_uploads_in_hand_are_bounded_and_leave_room_for_pages(serve: Callable[..., int]) -> None:
    port = serve(THREADS=2)
    slow = [SlowUpload(port, PLACE, png()) for _ in range(2)]
    for _ in range(20):  # while these are answered the slow ones, which came first, are taken in
        assert ask(port, "GET", "/healthz").status == 200
    wait_until(lambda: upload(port, PLACE, png()).status == 503)
    refused = upload(port, PLACE, png())
    assert "Retry-After" in refused.headers
    assert BUSY in banners(refused.page)[0]
    for place in ("/healthz", "/readyz", "/info", "/", PLACE):
        assert ask(port, "GET", place).status == 200
    assert verdicts(slow.pop().finish().page)
    slow.pop().hang_up()
    # until it is noticed that one has hung up
    wait_until(lambda: upload(port, PLACE, png()).status != 503)
    assert verdicts(upload(port, PLACE, png()).page)


@pytest.mark.parametrize("place", [PLACE, "/report.pdf"])
def test_a_form_that_finds_no_place_is_not_said_to_be_an_image(
    make_portal: Callable[..., Portal],
    installed: Path,
    services: Services,
    networks: HeldNetworks,
    place: str,
) -> None:
    portal = make_portal(installed, services, threads=1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post, portal)
        wait_until(lambda: services.queue.running)
        refused = portal.client.post(place, data={"result": "text"})
        assert not first.done()
        networks.let_go.set()
    assert refused.status_code == 503
    (banner,) = banners(refused.text)
    assert "at most 1 forms at a time" in banner
    assert "Nothing was kept. Send it again in a few seconds." in banner


def test_a_program_that_leaves_ends_its_map(serve: Callable[..., int]) -> None:
    port = serve()
    model = next(key for key in model_keys() if key.modality.region)
    left = HTTPConnection("127.0.0.1", port, timeout=120)
    body = form(encoded(film()), side="100")
    left.request("POST", f"/api/v1/models/{model}/map", body, FORM)
    left.close()
    counted = 'portal_refusals_total{reason="ClientLeft",route="/api/v1/models/<slug>/map"} 1.0'
    # until the portal is at its next square
    wait_until(lambda: counted in ask(port, "GET", "/metrics").page.splitlines())
    assert "portal_predictions_running 0.0" in ask(port, "GET", "/metrics").page.splitlines()


def test_heads_that_do_not_end_hold_up_no_page_for_good(serve: Callable[..., int]) -> None:
    port = serve(THREADS=1)
    with ExitStack() as stack:
        for _ in range(12):  # more than there are threads
            unfinished = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            unfinished.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
        assert ask(port, "GET", "/healthz").status == 200
