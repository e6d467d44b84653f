"""One upload as a browser sends it, and the probabilities in the answer."""

import json
import re
import secrets
from http.client import HTTPConnection, HTTPException

from benchmarks.serving.errors import BenchmarkRefused
from benchmarks.serving.server import HOST

PATIENCE = 300  # seconds
MARK = re.compile(r'data-probability="([0-9.e-]+)"')

Probabilities = tuple[float, ...]


class NoVerdict(BenchmarkRefused):
    """No answer, or one without a verdict: 503 where a queue is full."""

    title = "An upload got no verdict"


def ask_page(port: int, name: str, image: bytes) -> Probabilities:
    """Post an image to the page of a model or a cohort, on a connection of its own.

    Returns:
        The model probability of each model, in the page's order.

    Raises:
        NoVerdict: there was no answer, or it is no page with verdicts.
    """
    text = _send(port, "POST", f"/{name}", *form("image", image, anyway="yes"))
    found = tuple(float(value) for value in MARK.findall(text))
    if not found:
        raise NoVerdict(expected="a page with verdicts", received="one without")
    return found


def ask_gradio(port: int, name: str, image: bytes) -> Probabilities:
    """Ask a Gradio server what ``ask_page`` asks, by the three requests that its own page sends."""
    uploaded = _send(port, "POST", "/gradio_api/upload", *form("files", image))
    file = {"path": json.loads(uploaded)[0], "meta": {"_type": "gradio.FileData"}}
    question = json.dumps({"data": [file, name]}).encode()
    as_json = {"Content-Type": "application/json"}
    address = "/gradio_api/call/predict"
    event = _send(port, "POST", address, question, as_json)
    stream = _send(port, "GET", f"{address}/{json.loads(event)['event_id']}", None, {})
    found = re.search(r"event: complete\ndata: (.*)", stream)
    if not found:
        raise NoVerdict(expected="a complete event", received="a stream without one")
    return tuple(json.loads(found[1])[0])


def form(field: str, image: bytes, **fields: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a form with one PNG; each has a boundary of its own, as in a browser.

    The benchmark's images are synthetic: only with the field ``anyway`` does the portal answer.
    """
    boundary = secrets.token_hex(16)
    head = f'Content-Disposition: form-data; name="{field}"; filename="image.png"'
    start = f"--{boundary}\r\n{head}\r\nContent-Type: image/png\r\n\r\n"
    more = "".join(
        f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'
        for name, value in fields.items()
    )
    body = start.encode() + image + f"{more}\r\n--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def _send(port: int, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> str:
    connection = HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    except (OSError, HTTPException) as error:
        raise NoVerdict(expected="an answer", received=type(error).__name__) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise NoVerdict(expected="status 200", received=str(answer.status))
    return text
