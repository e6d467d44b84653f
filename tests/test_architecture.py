"""The house's plan, read from the imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


@pytest.mark.parametrize(
    ("room", "strangers"),
    [
        ("portal", {"pipelines", "tensorflow", "tests"}),
        ("pipelines", {"portal", "flask", "tests"}),
        ("models", {"portal", "pipelines", "flask", "tests", "tensorflow"}),
    ],
)
def test_rooms_do_not_import_each_other(room: str, strangers: set[str]) -> None:
    assert modules(room)
    for path in modules(room):
        assert not packages(path) & strangers, path


@pytest.mark.parametrize("room", ["models", "portal"])
def test_keras_is_only_where_a_checkpoint_is_opened(room: str) -> None:
    users = {
        path.relative_to(ROOT).as_posix() for path in modules(room) if "keras" in packages(path)
    }
    assert users <= {"models/checkpoint.py"}


def test_only_settings_read_the_environment() -> None:
    readers = {path.name for path in modules("portal") if "os.environ" in path.read_text("utf-8")}
    assert readers == {"settings.py"}


def views() -> list[Path]:
    return [path for path in modules("portal") if path.stem.split("_")[-1] == "views"]


def test_views_are_found_in_every_part_of_the_portal() -> None:
    names = {path.relative_to(ROOT / "portal").as_posix() for path in views()}
    assert names >= {"views.py", "accounts/views.py", "api/views.py"}


@pytest.mark.parametrize("path", views(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_views_hold_no_logic(path: Path) -> None:
    forbidden = (ast.Try, ast.BinOp, ast.AugAssign, ast.While)
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(function, ast.FunctionDef):  # of a constant, or of types, it is no logic
            inside = [node for statement in function.body for node in ast.walk(statement)]
            assert not [node.lineno for node in inside if isinstance(node, forbidden)]
    assert "numpy" not in packages(path)


def test_app_has_two_meaningful_lines() -> None:
    body = ast.parse((ROOT / "app.py").read_text("utf-8")).body
    plain = (ast.Import, ast.ImportFrom)
    statements = [
        node
        for node in body
        if not isinstance(node, plain)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    assert len(statements) == 2


@pytest.mark.parametrize("room", ["models", "portal"])
def test_nothing_names_a_modality_or_a_backbone_outside_the_catalogue(room: str) -> None:
    names = {"mammography", "ultrasound", "histopathology", "resnet", "vgg", "densenet"}
    for path in modules(room):
        if path.name in {"catalogue.py"}:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        compared = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
        words = {n.value for c in compared for n in ast.walk(c) if isinstance(n, ast.Constant)}
        assert not names & {word for word in words if isinstance(word, str)}, path
