"""What is sent is answered in place: 200 and a verdict or a banner, and nothing stays on disk."""

import io
from collections.abc import Callable
from time import process_time

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from models.catalogue import cohorts
from tests.conftest import Portal
from tests.fakes import png
from tests.functional.pages import banners, text, verdicts
from tests.functional.uploads import REFUSED, TAKEN

ROUTES = [f"/{place}" for cohort in cohorts()[::2] for place in (cohort.keys[0], cohort)]
each_route = pytest.mark.parametrize("route", ROUTES)


def file(name: str, content: bytes, *, field: str = "image") -> dict[str, FileStorage]:
    return {field: FileStorage(io.BytesIO(content), filename=name, name=field)}


def multipart(disposition: str, content: bytes = b"", coding: str = "utf-8") -> dict[str, object]:
    """A form of one part, written by hand where the client would not send it."""
    head = f"--frame\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"
    body = head.encode(coding)
    return {
        "data": body + content + b"\r\n--frame--\r\n",
        "content_type": "multipart/form-data; boundary=frame",
    }


def assert_refused(portal: Portal, answer: TestResponse, words: str) -> None:
    assert answer.status_code == 200
    assert words in " ".join(banners(answer.text))
    assert not verdicts(answer.text)
    assert portal.uploads() == []


@each_route
@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_in_place(portal: Portal, route: str, case: str) -> None:
    name, content, words = REFUSED[case]
    if name:
        answer = portal.client.post(route, data=file(name, content()))
    else:  # what a browser sends when no file was chosen
        form = multipart('name="image"; filename=""', content())
        answer = portal.client.post(route, **form)
    assert_refused(portal, answer, words)


@each_route
@pytest.mark.parametrize("case", TAKEN)
def test_an_unusual_but_sound_file_is_read(portal: Portal, route: str, case: str) -> None:
    name, content = TAKEN[case]
    answer = portal.client.post(route, data=file(name, content()))
    assert answer.status_code == 200
    assert banners(answer.text) == []
    assert verdicts(answer.text)
    assert portal.uploads() == []


@each_route
@pytest.mark.parametrize(
    "form",
    [
        {},
        {"data": {"image": "a text field"}},
        {"data": b"{}", "content_type": "application/json"},
    ],
    ids=["nothing", "a text field", "JSON"],
)
def test_a_form_without_a_file_is_refused(
    portal: Portal, route: str, form: dict[str, object]
) -> None:
    assert_refused(portal, portal.client.post(route, **form), "No image was sent")


@each_route
@pytest.mark.parametrize(
    "form",
    [
        {"data": b"\x00\xff", "content_type": "multipart/form-data; boundary=x"},
        {"data": b"no boundary", "content_type": "multipart/form-data"},
        multipart('name="image"; filename="M\xfcller.png"', png(), coding="latin-1"),
        {**multipart('name="image"; filename="a.png"', png()), "data": b"--frame\r\nContent-Dis"},
        {"data": b"image=\xff", "content_type": "application/x-www-form-urlencoded"},
    ],
    ids=["no form", "no boundary", "a name in Latin-1", "cut short", "no UTF-8"],
)
def test_a_form_that_cannot_be_read_is_told_apart_from_an_empty_one(
    portal: Portal, route: str, form: dict[str, object]
) -> None:
    answer = portal.client.post(route, **form)
    assert answer.status_code == 400
    (banner,) = banners(answer.text)
    assert "The form could not be read" in banner
    assert "UTF-8" in banner
    assert portal.uploads() == []


@each_route
@pytest.mark.parametrize("head", ["form-data", 'form-data; name=""', 'form-data; filename="a.png"'])
def test_a_part_without_a_name_is_refused(portal: Portal, route: str, head: str) -> None:
    body = f"--x\r\nContent-Disposition: {head}\r\n\r\n1\r\n--x--".encode()
    media_type = "multipart/form-data; boundary=x"
    answer = portal.client.post(route, data=body, content_type=media_type)
    assert answer.status_code == 400
    (banner,) = banners(answer.text)
    assert "Expected: a form whose parts have names" in banner


@each_route
def test_an_image_sent_as_a_text_field_is_refused(portal: Portal, route: str) -> None:
    form = multipart('name="image"', b"x" * 600_000)
    assert_refused(portal, portal.client.post(route, **form), "No image was sent")


@pytest.mark.parametrize("way", ["of a length", "in chunks"])
def test_a_form_of_too_many_parts_is_refused(portal: Portal, way: str) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="field"\r\n\r\nx\r\n'
    body, media_type = part * 101 + b"--x--\r\n", "multipart/form-data; boundary=x"
    if way == "of a length":
        answer = portal.client.post(ROUTES[0], data=body, content_type=media_type)
    else:
        answer = in_chunks(portal, body, media_type)
    assert answer.status_code == 413
    assert "too many parts" in " ".join(banners(answer.text))


def in_chunks(portal: Portal, body: bytes, media_type: str) -> TestResponse:
    """The answer to a form that does not say how long it is."""
    return portal.client.post(
        ROUTES[0],
        input_stream=io.BytesIO(body),
        content_type=media_type,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )


@pytest.mark.parametrize("route", [ROUTES[0], "/report.json", "/report.pdf"])
def test_a_form_of_too_many_fields_is_refused_before_it_takes_its_memory(
    portal: Portal, route: str
) -> None:
    form = {"data": b"a&" * 100, "content_type": "application/x-www-form-urlencoded"}
    answer = portal.client.post(route, **form)
    assert answer.status_code == 413
    assert "too many parts" in " ".join(banners(answer.text))


@pytest.mark.parametrize(
    "head",
    ['name="{}"', 'name="image"; filename="{}"', 'name="image"; a="{}"', 'name="image"\r\nA: {}'],
    ids=["field", "file", "parameter", "header"],
)
def test_a_part_of_an_endless_name_is_refused_before_its_name_is_read(
    portal: Portal, head: str
) -> None:
    began = process_time()
    answer = portal.client.post(ROUTES[0], **multipart(head.format('\\"' * 10**7)))
    assert process_time() - began < 2
    assert answer.status_code == 400
    assert "names take at most 8 KiB each" in " ".join(banners(answer.text))


@pytest.mark.parametrize(("length", "status"), [(8_000, 200), (8_200, 400), (70_000, 400)])
def test_a_long_name_is_read_up_to_a_limit(portal: Portal, length: int, status: int) -> None:
    form = multipart(f'name="image"; filename="{"a" * length}.png"', png() + bytes(100_000))
    answer = portal.client.post(ROUTES[0], **form)
    assert answer.status_code == status
    assert len(verdicts(answer.text)) == (status == 200)


@pytest.mark.parametrize("route", [ROUTES[0], "/report.json", "/report.pdf"])
def test_a_large_form_without_a_file_is_refused_before_it_takes_its_memory(
    portal: Portal, route: str
) -> None:
    form = {"data": b"a=" + b"%41" * 10**7, "content_type": "application/x-www-form-urlencoded"}
    began = process_time()
    answer = portal.client.post(route, **form)
    assert process_time() - began < 2
    assert answer.status_code == 400
    assert "at most 2 MiB where it has no file" in " ".join(banners(answer.text))


@each_route
def test_a_form_that_is_refused_whole_leads_back_to_its_page(
    make_portal: Callable[..., Portal], portal: Portal, route: str
) -> None:
    back = f'<p><a href="{route}">Back to the page you came from</a></p>'
    cut = {**multipart('name="image"; filename="a.png"', png()), "data": b"--frame\r\nContent-Dis"}
    small = make_portal(portal.settings.checkpoints, max_upload_mb=1)
    large = multipart('name="image"; filename="a.png"', bytes(2**20 + 2**16))
    for client, form, status in ((portal.client, cut, 400), (small.client, large, 413)):
        answer = client.post(route, **form)
        assert answer.status_code == status
        assert back in answer.text


def test_a_refused_form_of_no_page_leads_to_the_first_one(portal: Portal) -> None:
    answer = portal.client.post("/report.pdf", data={"result": "none"})
    assert answer.status_code == 400
    assert '<p><a href="/">Go to the first page</a></p>' in answer.text


def test_a_form_of_another_site_did_not_come_from_the_page_that_is_open_to_it(
    portal: Portal,
) -> None:
    answer = portal.client.post(ROUTES[0], headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert f'<p><a href="{ROUTES[0]}">Open the page here</a></p>' in answer.text


@each_route
def test_a_file_in_another_field_is_named(portal: Portal, route: str) -> None:
    answer = portal.client.post(route, data=file("a.png", png(), field="picture"))
    assert_refused(portal, answer, "the field 'picture'")


@each_route
@pytest.mark.parametrize("second_field", ["image", "other"])
def test_two_files_are_refused(portal: Portal, route: str, second_field: str) -> None:
    first = file("a.png", png(1))["image"]
    second = file("b.png", png(2), field=second_field)[second_field]
    data = (
        {"image": [first, second]}
        if second_field == "image"
        else {
            "image": first,
            second_field: second,
        }
    )
    assert_refused(portal, portal.client.post(route, data=data), "More than one file")


@each_route
def test_a_file_over_the_limit_is_refused_with_413(
    make_portal: Callable[..., Portal], portal: Portal, route: str
) -> None:
    small = make_portal(portal.settings.checkpoints, max_upload_mb=1)
    form = multipart('name="image"; filename="a.png"', bytes(2**20 + 2**16))
    answer = small.client.post(route, **form)
    assert answer.status_code == 413
    (banner,) = banners(answer.text)
    assert "a file of at most 1 MiB" in banner
    assert "about 1.1 MiB" in banner
    assert small.uploads() == []


def test_a_form_in_chunks_over_the_limit_is_only_said_to_be_larger(
    make_portal: Callable[..., Portal], portal: Portal
) -> None:
    small = make_portal(portal.settings.checkpoints, max_upload_mb=1)
    form = multipart('name="image"; filename="a.png"', bytes(2**20 + 2**16))
    answer = in_chunks(small, form["data"], form["content_type"])
    assert answer.status_code == 413
    assert "a larger one" in " ".join(banners(answer.text))


def test_a_length_that_nothing_has_is_refused(portal: Portal) -> None:
    said = {"CONTENT_LENGTH": "9" * 400}
    answer = portal.client.post(ROUTES[0], content_type="text/plain", environ_overrides=said)
    assert answer.status_code == 413


def test_a_file_of_the_greatest_size_is_read(
    make_portal: Callable[..., Portal], portal: Portal
) -> None:
    small = make_portal(portal.settings.checkpoints, max_upload_mb=1)
    content = png() + bytes(2**20 - len(png()))  # a PNG may be followed by anything
    answer = small.client.post(ROUTES[0], **multipart('name="image"; filename="a.png"', content))
    assert answer.status_code == 200
    assert verdicts(answer.text)
    assert small.uploads() == []


def test_a_rotated_image_is_said_to_be_turned(portal: Portal) -> None:
    name, content = TAKEN["EXIF-rotated"]
    page = portal.client.post(ROUTES[0], data=file(name, content())).text
    assert "120 x 160 pixels" in text(page)


def test_a_file_name_is_never_markup(portal: Portal) -> None:
    answer = portal.client.post(ROUTES[0], data=file("<script>alert(1)</script>.exe", png()))
    assert "<script>alert" not in answer.text
    assert banners(answer.text)


def test_the_prepared_image_is_shown_as_data(portal: Portal) -> None:
    page = portal.client.post(ROUTES[0], data=file("a.png", png())).text
    assert 'src="data:image/png;base64,' in page
