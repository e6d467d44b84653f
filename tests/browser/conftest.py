"""A live portal and a Chromium that is watched while it visits."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)
from werkzeug.serving import make_server

from portal.accounts import account_file
from portal.accounts.password import hashed
from tests.conftest import Portal
from tests.fakes import pixels

NAME, PASSWORD = "anna", "correct horse battery"
NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

_PATIENCE = 60_000  # milliseconds; a busy computer is no failure

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium of this computer; where there is none, the tests fail."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail(
            f"The browser tests need Chromium. Expected one of {', '.join(NAMES)} on the PATH, "
            "found none. On Debian: sudo apt install chromium."
        )
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


@contextmanager
def serving(portal: Portal) -> Iterator[str]:
    """A portal that listens at the address."""
    server = make_server("127.0.0.1", 0, portal.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def address(portal: Portal) -> Iterator[str]:
    """Where the portal listens."""
    with serving(portal) as place:
        yield place


@pytest.fixture(scope="session")
def guarded_address(
    make_portal: Callable[..., Portal], installed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where a portal with an account listens."""
    file = tmp_path_factory.mktemp("accounts") / "accounts"
    account_file.write(file, {NAME: hashed(PASSWORD)})
    with serving(make_portal(installed, auth_file=file, secret_key="k" * 32)) as place:
        yield place


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """Opens pages of the portal, watched."""
    with visiting(browser, address) as open_page:
        yield open_page


@pytest.fixture
def guarded_visit(browser: Browser, guarded_address: str) -> Iterator[Visit]:
    """Opens pages of the portal with accounts, watched."""
    with visiting(browser, guarded_address) as open_page:
        yield open_page


@contextmanager
def visiting(browser: Browser, address: str) -> Iterator[Visit]:
    """Opens pages of a portal; at the end nothing may have gone elsewhere or wrong.

    A page's console must stay empty, which also shows what the content policy blocks, and every
    request must go to the portal. ``quiet=False`` allows console errors that a test provokes.
    """
    complaints: list[str] = []
    with ExitStack() as stack:

        def open_page(
            path: str,
            *,
            width: int = 1280,
            theme: str = "light",
            scripts: bool = True,
            touch: bool = False,
            quiet: bool = True,
        ) -> Page:
            context = browser.new_context(
                base_url=address,
                viewport={"width": width, "height": 844},
                color_scheme=theme,
                java_script_enabled=scripts,
                has_touch=touch,
            )
            context.set_default_timeout(_PATIENCE)
            stack.callback(context.close)

            def hear(message: ConsoleMessage) -> None:
                if quiet and message.type in {"error", "warning"}:
                    complaints.append(f"console: {message.text}")

            def see(request: Request) -> None:
                if not request.url.startswith((f"{address}/", "data:", f"blob:{address}/")):
                    complaints.append(f"request: {request.url}")

            context.on("console", hear)
            context.on("request", see)
            context.on("weberror", lambda error: complaints.append(f"script: {error.error}"))
            page = context.new_page()
            page.goto(path)
            return page

        yield open_page
    assert not complaints


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image that every model answers."""
    from PIL import Image

    path = tmp_path_factory.mktemp("pictures") / "picture.png"
    Image.fromarray(pixels()).save(path)
    return path


@pytest.fixture(scope="session")
def no_picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text under an image's name."""
    path = tmp_path_factory.mktemp("texts") / "text.png"
    path.write_text("This is a text.", "utf-8")
    return path


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image that no gate lets pass."""
    from PIL import Image

    path = tmp_path_factory.mktemp("blanks") / "blank.png"
    Image.new("RGB", (256, 256), (90, 90, 90)).save(path)
    return path
