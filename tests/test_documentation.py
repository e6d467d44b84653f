"""What the documents promise, the house keeps: commands, options, settings, paths and links."""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from portal.settings import describe

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
)
SOURCES = tuple(
    path
    for room in ("models", "pipelines", "portal", "templates", "notebooks")
    for path in sorted((ROOT / room).rglob("*"))
    if path.suffix in {".py", ".html", ".jinja", ".ipynb"}
)
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def tokens(document: Path) -> Iterator[Token]:
    """Every token of a document, the inline ones among them."""
    for token in MarkdownIt("commonmark").enable("table").parse(document.read_text("utf-8")):
        yield token
        yield from token.children or ()


def code(document: Path) -> str:
    """All code of a document, blocks and spans, a line each; continued lines joined."""
    pieces = (t.content for t in tokens(document) if t.type in {"fence", "code_inline"})
    return "\n".join(pieces).replace("\\\n", " ")


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    stream = list(tokens(document))
    titles = (
        stream[i + 1].content.lower() for i, t in enumerate(stream) if t.type == "heading_open"
    )
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


@cache
def make_targets() -> dict[str, str]:
    """The targets that `make help` lists, each with its line."""
    listing = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = (line.split(maxsplit=2) for line in listing.splitlines())
    return {row[1]: row[2] for row in rows}


def pipelines_help(*command: str) -> str:
    """What `python -m pipelines [command] --help` prints."""
    return help_of("pipelines", *command)


def portal_help(*command: str) -> str:
    """What `python -m portal [command] --help` prints."""
    return help_of("portal", *command)


@cache
def help_of(room: str, *command: str) -> str:
    """What a room's command line tells of itself."""
    return subprocess.run(
        [sys.executable, "-m", room, *command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def settings_documented() -> set[tuple[str, str, str]]:
    """The rows of the table of settings: variable, default, meaning."""
    text = (ROOT / "docs/deployment.md").read_text("utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*)`)? \| (.*) \|$", text, flags=re.MULTILINE)
    return set(rows)


@each_document
def test_every_make_command_exists(document: Path) -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", code(document)))
    assert named <= set(make_targets())


@each_document
def test_every_pipelines_command_and_option_exists(document: Path) -> None:
    refuse_unknown_calls(code(document))


def refuse_unknown_calls(text: str) -> None:
    """See that each call of the pipelines in a text has a command and options that there are."""
    for command, rest in re.findall(r"python -m pipelines ([a-z]+)([^\n`|\"\\]*)", text):
        assert command in pipelines_help()
        for option in re.findall(r"--[a-z][a-z-]*", rest):
            assert option in pipelines_help(command)


def test_every_option_of_the_score_command_exists() -> None:
    text = portal_help("score")
    named = {name for document in DOCUMENTS for name in scoring_options(document)}
    assert named
    assert all(option in text for option in named)


def test_every_account_command_exists() -> None:
    text = "\n".join(code(document) for document in DOCUMENTS)
    calls = re.findall(r"python -m portal account ([a-z]+)([^\n`|]*)", text)
    assert {action for action, _ in calls} == {"add", "list", "remove"}
    for action, rest in calls:
        told = portal_help("account", action)
        assert all(option in told for option in re.findall(r"--[a-z][a-z-]*", rest))


def scoring_options(document: Path) -> set[str]:
    """The options with which a document calls `python -m portal score`."""
    calls = re.findall(r"python -m portal score([^\n`|]*)", code(document))
    return {option for call in calls for option in re.findall(r"--[a-z][a-z-]*", call)}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_pipelines_call_that_a_source_names_exists(source: Path) -> None:
    refuse_unknown_calls(source.read_text("utf-8"))


@each_document
def test_every_internal_link_leads_somewhere(document: Path) -> None:
    for link in (str(t.attrs["href"]) for t in tokens(document) if t.type == "link_open"):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@each_document
def test_every_picture_lies_beside_its_document(document: Path) -> None:
    for source in (str(t.attrs["src"]) for t in tokens(document) if t.type == "image"):
        assert (document.parent / unquote(source)).is_file(), source


@each_document
def test_every_path_named_exists(document: Path) -> None:
    rooms = "models|pipelines|portal|templates|static|notebooks|tests|benchmarks|docs|scripts"
    spans = (t.content for t in tokens(document) if t.type == "code_inline")
    for path in (span for span in spans if re.fullmatch(rf"(?:{rooms})/[\w./-]*", span)):
        assert (ROOT / path).exists(), path


def test_make_help_lists_every_target_with_a_line() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    declared = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert declared
    assert set(declared[1].split()) == set(make_targets())


def test_every_setting_is_documented_as_it_is() -> None:
    assert settings_documented() == set(describe())


def test_the_readme_begins_with_the_two_commands() -> None:
    first_screen = "\n".join((ROOT / "README.md").read_text("utf-8").splitlines()[:40])
    assert "make run" in first_screen
    assert "make test" in first_screen
    assert "not a medical device" in first_screen
