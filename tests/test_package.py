"""The outside of the house: pins, versions, and what each part may need."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LISTS = ("requirements.txt", "requirements-train.txt", "requirements-dev.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def lines(name: str) -> list[str]:
    """The lines of a requirements file, without comments."""
    text = (ROOT / name).read_text("utf-8")
    return [line for raw in text.splitlines() if (line := raw.split("#")[0].strip())]


def requirements(name: str) -> list[Requirement]:
    """A file's own requirements, without those of the file that it includes."""
    return [Requirement(line) for line in lines(name) if not line.startswith("-")]


def allowed(name: str) -> set[str]:
    """The distributions that a file asks for, with those of the files that it includes."""
    included = (line.split()[1] for line in lines(name) if line.startswith("-r "))
    own = {canonicalize_name(item.name) for item in requirements(name)}
    return own.union(*(allowed(other) for other in included))


def imports(room: str) -> Iterator[tuple[str, str]]:
    """(file, top-level module) of every absolute import of a room."""
    for path in sorted((ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path.name, alias.name.split(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield path.name, node.module.split(".")[0]


OPTIONAL = {("ray_cluster.py", "ray")}
"""What one file imports where somebody has installed it, and does without elsewhere."""


@pytest.mark.parametrize("name", LISTS)
def test_every_requirement_is_pinned(name: str) -> None:
    for requirement in requirements(name):
        assert re.fullmatch(r"==[\d.]+", str(requirement.specifier)), requirement


@pytest.mark.parametrize("name", LISTS)
def test_the_pins_are_what_is_installed(name: str) -> None:
    for requirement in requirements(name):
        if requirement.marker is None or requirement.marker.evaluate():
            assert requirement.specifier.contains(version(requirement.name)), requirement


def test_the_benchmark_runs_what_the_others_run() -> None:
    pinned = {
        item.name: item.specifier
        for name in LISTS
        for item in requirements(name)
        if item.marker is None or item.marker.evaluate()
    }
    for item in requirements("requirements-bench.txt"):
        assert re.fullmatch(r"==[\d.]+", str(item.specifier)), item
        if item.name != "pillow":  # Gradio decides which
            assert item.specifier == pinned.get(item.name, item.specifier)


def test_each_list_includes_the_one_before() -> None:
    assert lines("requirements-train.txt")[0] == "-r requirements.txt"
    assert lines("requirements-dev.txt")[0] == "-r requirements-train.txt"


def test_no_requirement_stands_in_two_lists() -> None:
    names = [{item.name for item in requirements(name)} for name in LISTS]
    assert len(set.union(*names)) == sum(map(len, names))


@pytest.mark.parametrize(
    ("room", "listed", "besides"),
    [
        ("models", "requirements.txt", {"keras"}),  # in what only training calls
        ("portal", "requirements.txt", set()),
        ("pipelines", "requirements-train.txt", set()),
    ],
)
def test_a_room_imports_only_what_its_list_names(room: str, listed: str, besides: set[str]) -> None:
    distributions = packages_distributions()
    own = {"models", "portal", "pipelines", *sys.stdlib_module_names}
    for path, module in imports(room):
        if module not in own and (path, module) not in OPTIONAL:
            names = {canonicalize_name(name) for name in distributions[module]}
            assert names & (allowed(listed) | besides), f"{path} imports {module}"


def test_serving_needs_neither_keras_nor_tensorflow() -> None:
    assert not {"keras", "tensorflow", "tensorflow-cpu"} & allowed("requirements.txt")


def test_every_place_speaks_of_the_same_python() -> None:
    lowest, above = re.findall(r"3\.(\d+)", PROJECT["requires-python"])
    newest = int(above) - 1
    assert f"FROM python:3.{lowest}-slim" in (ROOT / "Dockerfile").read_text("utf-8")
    assert f"Python 3.{lowest} to 3.{newest}" in (ROOT / "README.md").read_text("utf-8")
    assert f"Python 3.{lowest} to 3.{newest}" in (ROOT / "docs/deployment.md").read_text("utf-8")
    assert f"(3, {lowest}) <= sys.version_info" in (ROOT / "scripts/make-venv").read_text("utf-8")
    assert f"make-venv .venv requirements.txt {newest}" in (ROOT / "Makefile").read_text("utf-8")


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_everything_the_image_copies_is_there_and_let_in() -> None:
    copied = re.findall(r"^COPY (\S+) ", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    let_in = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    assert sorted(copied) == sorted(let_in)
    assert all((ROOT / name).exists() for name in copied)


class TestMakeVenv:
    """What scripts/make-venv says where something is missing."""

    def answer(self, python: str, folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "scripts/make-venv", folder / "venv", "requirements.txt", "14"],
            env={"PATH": "/usr/bin:/bin", "PYTHON": python},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def fake(self, folder: Path, script: str) -> str:
        path = folder / "python3"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    def test_an_old_python_is_named_with_what_to_do(self, tmp_path: Path) -> None:
        python = self.fake(tmp_path, '[ "$1" = --version ] && echo Python 3.9.2 && exit; exit 1')
        answer = self.answer(python, tmp_path)
        assert answer.returncode == 1
        assert "found: Python 3.9.2" in answer.stderr
        assert "Install one" in answer.stderr

    def test_a_python_that_is_too_new_is_named(self, tmp_path: Path) -> None:
        asked = 'exec {} -c "import sys; sys.version_info = (3, 15, 0); $2" "$3"'
        script = f'[ "$1" = --version ] && echo Python 3.15.0 && exit; {asked}'
        answer = self.answer(self.fake(tmp_path, script.format(sys.executable)), tmp_path)
        assert answer.returncode == 1
        assert "needs Python 3.11 to 3.14; found: Python 3.15.0" in answer.stderr

    def test_no_python_is_said(self, tmp_path: Path) -> None:
        answer = self.answer(str(tmp_path / "absent"), tmp_path)
        assert answer.returncode == 1
        assert "requirements.txt needs Python 3.11 to 3.14; found: no " in answer.stderr

    def test_a_python_without_venv_is_said(self, tmp_path: Path) -> None:
        script = f'case "$2" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
        answer = self.answer(self.fake(tmp_path, script), tmp_path)
        assert answer.returncode == 1
        assert "without its venv module" in answer.stderr
        assert "python3-venv" in answer.stderr
        assert not (tmp_path / "venv").exists()
