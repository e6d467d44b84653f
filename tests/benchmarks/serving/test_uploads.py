import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from benchmarks.serving.server import HOST, free_port
from benchmarks.serving.uploads import NoVerdict, ask_gradio, ask_page


@contextmanager
def listening(app: Flask) -> Iterator[int]:
    server = make_server(HOST, 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def page(answer: object) -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/a_model", view_func=lambda: answer, methods=["POST"], endpoint="a_model")
    return app


def test_the_probabilities_of_a_page_are_read_in_order() -> None:
    app = Flask(__name__)

    @app.post("/a_model")
    def answer() -> str:
        assert request.files["image"].read() == b"an image"
        return '<p data-probability="2.5e-05">No</p><p data-probability="0.75">Yes</p>'

    with listening(app) as port:
        assert ask_page(port, "a_model", b"an image") == (2.5e-05, 0.75)


@pytest.mark.parametrize(
    ("answer", "received"),
    [("<p>Too dark.</p>", "received one without"), (("<p>Full.</p>", 503), "received 503")],
)
def test_a_page_without_a_verdict_is_no_answer(answer: object, received: str) -> None:
    with listening(page(answer)) as port, pytest.raises(NoVerdict, match=received):
        ask_page(port, "a_model", b"an image")


def test_nobody_listening_is_no_answer() -> None:
    with pytest.raises(NoVerdict, match="received ConnectionRefusedError"):
        ask_page(free_port(), "a_model", b"an image")


def test_gradio_is_asked_by_its_three_requests() -> None:
    app = Flask(__name__)

    @app.post("/gradio_api/upload")
    def upload() -> list[str]:
        return [request.files["files"].read().decode()]

    @app.post("/gradio_api/call/predict")
    def call() -> dict[str, str]:
        file, name = request.get_json()["data"]
        return {"event_id": f"{file['path']}-{name}"}

    @app.get("/gradio_api/call/predict/image-a_model")
    def event() -> str:
        return "event: heartbeat\ndata: null\n\nevent: complete\ndata: [[0.25, 0.5]]\n\n"

    with listening(app) as port:
        assert ask_gradio(port, "a_model", b"image") == (0.25, 0.5)
