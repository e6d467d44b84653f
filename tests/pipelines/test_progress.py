import sys

import pytest

from pipelines.progress import progress, shown


def test_a_log_has_a_line_at_the_start_and_one_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert list(progress(range(2000), "Preparing BUSI", "image")) == list(range(2000))
    told = capsys.readouterr()
    assert told.err.splitlines() == ["Preparing BUSI ...", "Preparing BUSI: 2000 images, done."]
    assert told.out == ""


def test_what_breaks_off_is_not_called_done(capsys: pytest.CaptureFixture[str]) -> None:
    started = progress(iter([1, 2]), "Preparing BUSI", "image")
    assert next(started) == 1
    started.close()
    assert capsys.readouterr().err == "Preparing BUSI ...\n"


def test_a_terminal_has_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert list(progress(range(3), "Preparing BUSI", "image")) == [0, 1, 2]
    assert "100%" in capsys.readouterr().err


def test_of_a_bar_within_another_nothing_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert list(shown(range(3), "Looking for copies", "image")) == [0, 1, 2]
    told = capsys.readouterr().err
    assert "Looking for copies: " in told
    assert "/3 " in told
    assert "\n" not in told
    assert told.split("\r")[-2:] == [" " * len(told.split("\r")[-2]), ""]


def test_a_log_tells_nothing_of_a_walk_within_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(shown(range(3), "Looking for copies", "image")) == [0, 1, 2]
    assert capsys.readouterr().err == ""
