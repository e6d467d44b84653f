"""Two small training runs, made once through the commands, and only to be read."""

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.catalogue import MODALITIES
from pipelines.__main__ import main
from pipelines.config import Config
from tests.pipelines.small import DATASET, command_line, config


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that has come to its end, and what its commands told."""

    config: Config
    work: Path
    told: str

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return self.work / self.config.key.slug


def run(chosen: Config, work: Path, *commands: list[str]) -> Run:
    """Do commands that must succeed."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        for command in commands:
            assert main([*command, "--work", str(work)]) == 0
    return Run(config=chosen, work=work, told=told.getvalue())


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A work folder with prepared phantoms."""
    work = tmp_path_factory.mktemp("runs")
    return run(config(), work, ["prepare", DATASET, "--data", str(work)])


@pytest.fixture(scope="session")
def all_prepared(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A work folder with prepared phantoms of every modality."""
    work = tmp_path_factory.mktemp("all")
    names = [f"phantom-{modality}" for modality in MODALITIES]
    return run(config(), work, ["prepare", *names, "--data", str(work)])


@pytest.fixture(scope="session")
def initial_run(prepared: Run) -> Run:
    """An initially unfrozen network, trained and evaluated.

    Its zeros are few and its numbers half as long, since otherwise compressing takes a minute.
    """
    chosen = config(epochs=2, sparsity=0.1, mantissa_bits=10)
    train = command_line(chosen, "epochs", "sparsity", "mantissa_bits")
    return run(chosen, prepared.work, train, ["evaluate", chosen.key.slug])


@pytest.fixture(scope="session")
def finetuned_run(prepared: Run) -> Run:
    """A fine-tuned network with all its weights."""
    chosen = config(strategy="finetuned", frozen_epochs=1, unfrozen_epochs=4)
    train = command_line(chosen, "frozen_epochs", "unfrozen_epochs")
    return run(chosen, prepared.work, train)
