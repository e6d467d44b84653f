import contextlib
import dataclasses
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models import checkpoint, prediction_table
from models.catalogue import model_keys
from models.files import file_sha256
from pipelines.command_line import parse
from pipelines.commands import publish_all
from pipelines.config import Config
from pipelines.errors import LeakingStart, OtherRun
from pipelines.options import trunk_folder, trunk_modality
from pipelines.study import Finished, Study, summary
from pipelines.trunk_plan import TrunkPlan
from tests.fakes import fake_card
from tests.pipelines.conftest import Run
from tests.pipelines.killing import kill_when
from tests.pipelines.studies import FIELDS, KEY, run, run_whole, words
from tests.pipelines.test_first_weights import trunk

PUBLISHED = Path("models", "checkpoints", KEY.checkpoint)


@pytest.fixture(scope="session")
def told(all_prepared: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A study without a break, and what it told."""
    lines = io.StringIO()
    with contextlib.redirect_stdout(lines):
        place = begun(tmp_path_factory.mktemp("study"), all_prepared, run_whole)
    return place, lines.getvalue()


@pytest.fixture(scope="session")
def whole(told: tuple[Path, str]) -> Path:
    """Where it lies; only to be read."""
    return told[0]


def begun(place: Path, prepared: Run, begin: Callable[[Path], None]) -> Path:
    (place / "runs").mkdir()
    (place / "runs" / "prepared").symlink_to(prepared.work / "prepared")
    begin(place)
    return place


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    shutil.copytree(whole, tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path


def files(place: Path) -> set[str]:
    """All but the report and what was prepared."""
    found = [path for room in ("models", "runs") for path in (place / room).rglob("*")]
    names = {path.relative_to(place).as_posix() for path in found if path.is_file()}
    return {name for name in names if "/prepared/" not in name}


def test_a_study_publishes_all_that_proves_its_models(whole: Path) -> None:
    sums = checkpoint.read_sums(whole / "models" / "checkpoints")
    checkpoint.verify(whole / "models" / "checkpoints", KEY.checkpoint, sums)
    card = checkpoint.read_card(whole / PUBLISHED)
    assert card.training.config["seed"] == 11
    assert {name: card.training.config[name] for name in FIELDS} == FIELDS
    split = (whole / card.data.split_file).read_bytes()
    assert file_sha256(whole / card.data.split_file) == card.data.split_sha256
    assert split.startswith(b"image,label,group,part\n")
    assert (whole / "docs" / "report.md").is_file()
    assert KEY.slug in (whole / "README.md").read_text("utf-8")


def test_what_is_published_is_not_done_again(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {name: (copy / name).stat().st_mtime_ns for name in files(copy)}
    run(copy)
    now = {name: (copy / name).stat().st_mtime_ns for name in files(copy)}
    changed = {name for name in now if now[name] != before.get(name)}
    assert changed <= {f"runs/{KEY.slug}/{name}" for name in ("config.json", "inputs.json")}
    told = capsys.readouterr().out
    assert f"[1/1] {KEY.title}: published before" in told
    assert "epoch" not in told


@pytest.mark.parametrize("lost", ["checkpoint", "sums", "split", "predictions"])
def test_what_a_kill_left_half_published_is_made_whole(
    lost: str, copy: Path, whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = copy / "models"
    path = {
        "checkpoint": copy / PUBLISHED,
        "sums": models / "checkpoints" / checkpoint.SUMS,
        "split": models / "splits" / f"{KEY.modality.key}.csv",
        "predictions": models / "predictions" / KEY.checkpoint.with_suffix(".csv"),
    }[lost]
    path.write_bytes(b"an older one")
    run(copy)
    assert "epoch" not in capsys.readouterr().out
    assert path.read_bytes() == (whole / path.relative_to(copy)).read_bytes()


def test_it_tells_how_far_it_is_and_ends_with_a_table(told: tuple[Path, str]) -> None:
    lines = told[1]
    assert lines.startswith("1 models. All 18, as shipped, take ")
    assert f"[1/1] {KEY.title}\n" in lines
    assert "all layers, epoch 2/2" in lines
    *_, heading, row, last, onward = lines.splitlines()
    assert heading.split() == ["model", "F1", "AUC", "F1", "before", "threshold", "MB", "minutes"]
    assert row.startswith(KEY.slug)
    assert last.startswith("1 models, ")
    assert onward.startswith("Next: python -m pipelines precisions --all")


def test_other_settings_are_refused_before_anything_is_trained(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = ("--set", "learning_rate=0.01")
    with pytest.raises(OtherRun, match=r"other learning_rate\. .*--restart"):
        run(copy, *other)
    assert "epoch" not in capsys.readouterr().out
    run(copy, *other, "--restart")
    assert checkpoint.read_card(copy / PUBLISHED).training.config["learning_rate"] == 0.01
    capsys.readouterr()
    run(copy, *other, "--restart")  # killed and started again, it forgets nothing of its own
    assert "published before" in capsys.readouterr().out


def test_a_run_of_another_split_is_refused_before_anything_is_trained(copy: Path) -> None:
    note = copy / "runs" / KEY.slug / "inputs.json"
    told = json.loads(note.read_text("utf-8"))
    note.write_text(json.dumps({**told, "split": "another"}), "utf-8")
    config = Config(**json.loads((note.parent / "config.json").read_text("utf-8")))
    study = Study(configs=[config], work=copy / "runs", checkpoints=copy / "models")
    with pytest.raises(OtherRun, match="the same split as before"):
        study.check()
    Study(configs=[config], work=copy / "runs", checkpoints=copy / "models", restart=True).check()


def test_a_run_from_other_first_weights_is_not_gone_on_with(copy: Path) -> None:
    note = copy / "runs" / KEY.slug / "inputs.json"
    told = json.loads(note.read_text("utf-8"))
    assert told["first weights"] == "random"
    note.write_text(json.dumps({**told, "first weights": "trunks/vgg.h5, SHA-256 0123"}), "utf-8")
    with pytest.raises(OtherRun, match="the same first weights as before"):
        run(copy)


def test_a_run_goes_on_with_its_first_weights_wherever_they_lie(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after its work folder was moved: the file and its folder have the names they had."""
    file, folder = tmp_path / "moved" / "trunks" / "vgg.h5", copy / "runs" / KEY.slug
    file.parent.mkdir(parents=True)
    file.write_bytes(b"weights")
    notes = {
        "config.json": {"init": "runs/trunks/vgg.h5"},
        "inputs.json": {"first weights": f"trunks/vgg.h5, SHA-256 {file_sha256(file)[:16]}"},
    }
    for name, other in notes.items():
        told = json.loads((folder / name).read_text("utf-8"))
        (folder / name).write_text(json.dumps({**told, **other}), "utf-8")
    run(copy, "--init", str(file))
    assert "published before" in capsys.readouterr().out
    noted = (folder / "config.json").read_text("utf-8")
    assert json.loads(noted)["init"] == str(file)

    other = tmp_path / "other" / "trunks" / "vgg.h5"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"others")
    config = Config(**{**json.loads(noted), "init": str(other)})
    with pytest.raises(OtherRun, match="the same first weights as before"):
        Study(configs=[config], work=copy / "runs", checkpoints=copy / "models").check()
    with pytest.raises(OtherRun, match="the same first weights as before"):
        run(copy, "--init", str(other))
    with pytest.raises(OtherRun, match="other init"):
        run(copy)  # from none
    away = Config(**{**json.loads(noted), "init": str(tmp_path / "no" / "vgg.h5")})
    with pytest.raises(OtherRun, match="other init"):  # what is not there is not that which moved
        Study(configs=[away], work=copy / "runs", checkpoints=copy / "models").check()
    assert (folder / "config.json").read_text("utf-8") == noted


def test_it_begins_with_the_trunk_that_serves_the_modality(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = TrunkPlan(learning_rate=1e-3, small_epochs=0, epochs=1, steps=1)
    options = parse(words(Path("runs"), "--init", "trunk", "--restart"))
    with contextlib.chdir(copy):
        publish_all(options, (KEY,), plan)
    assert "Trunk of VGG16, taught by images of " in capsys.readouterr().out
    init = checkpoint.read_card(copy / PUBLISHED).training.init
    folder = trunk_folder(Path(), trunk_modality(KEY))
    assert init.startswith(f"{folder.as_posix()}/{KEY.backbone.key}.h5, SHA-256 ")


def test_first_weights_that_know_the_test_images_are_refused(copy: Path) -> None:
    card = checkpoint.read_card(copy / PUBLISHED)
    file = trunk(copy / "known.h5", {card.data.name: "another"})
    shutil.rmtree(copy / "runs" / KEY.slug)
    with pytest.raises(LeakingStart):
        run(copy, "--init", file)


def moments(place: Path) -> dict[str, Callable[[], bool]]:
    """Moments of a study at which a power cut would be most unwelcome."""
    folder = place / "runs" / KEY.slug
    return {
        "training": (folder / "backup_1" / "000001.weights.h5").is_file,
        "evaluation": (folder / "draft.h5").is_file,
        "publication": (folder / "model.h5").is_file,
    }


@pytest.mark.parametrize(
    "moment",
    [
        "training",
        pytest.param("evaluation", marks=pytest.mark.slow),
        pytest.param("publication", marks=pytest.mark.slow),
    ],
)
def test_a_killed_study_goes_on_to_the_same_files(
    moment: str, whole: Path, all_prepared: Run, tmp_path: Path
) -> None:
    happened = moments(tmp_path)[moment]
    script = "from tests.pipelines.studies import main; main([])"
    begun(tmp_path, all_prepared, lambda place: kill_when(happened, ["-c", script], place))
    assert not (tmp_path / "models" / "checkpoints" / checkpoint.SUMS).exists()
    run(tmp_path)
    assert files(tmp_path) == files(whole)
    split = Path("models", "splits", f"{KEY.modality.key}.csv")
    assert (tmp_path / split).read_bytes() == (whole / split).read_bytes()
    found, expected = (
        prediction_table.read(place / "runs" / KEY.slug / prediction_table.FILE)
        for place in (tmp_path, whole)
    )
    for part in prediction_table.PARTS:
        assert found[part].names == expected[part].names
        np.testing.assert_allclose(
            found[part].probabilities, expected[part].probabilities, atol=1e-3
        )
    assert_same_history(tmp_path, whole)


def assert_same_history(place: Path, other: Path) -> None:
    """Every epoch's metrics are the same, within the tolerance that docs/method.md states."""
    found, expected = (
        json.loads((one / "runs" / KEY.slug / "history.json").read_text("utf-8"))
        for one in (place, other)
    )
    assert list(found) == list(expected)
    for epoch, values in expected.items():
        for name, value in values.items():
            if name not in ("stage", "epoch", "seconds"):
                assert found[epoch][name] == pytest.approx(value, abs=1e-3), (epoch, name)


def test_the_same_configuration_twice_gives_the_same_study(
    whole: Path, all_prepared: Run, tmp_path: Path
) -> None:
    again = begun(tmp_path, all_prepared, run)
    for split in (whole / "models" / "splits").iterdir():
        assert (again / "models" / "splits" / split.name).read_bytes() == split.read_bytes()
    assert_same_history(again, whole)


def published(count: int, f1: float) -> list[Finished]:
    found = []
    for key in model_keys()[:count]:
        card = fake_card(key)
        metrics = {name: dict(values) for name, values in card.metrics.items()}
        metrics["test"]["f1"] = dataclasses.replace(metrics["test"]["f1"], value=f1, low=0.1)
        card = dataclasses.replace(card, metrics=metrics)
        found.append(Finished(key=key, card=card, size=4_200_000))
    return found


def test_the_summary_has_a_row_for_every_model_and_the_sums() -> None:
    heading, *rows, last = summary(published(18, f1=0.7)).splitlines()
    assert [row.split()[0] for row in rows] == [key.slug for key in model_keys()]
    assert rows[0].split()[1:] == ["0.700", "0.900", "0.870", "0.41", "4.20", "1.0"]
    assert len({len(row) for row in rows}) == 1
    assert len(heading) == len(rows[0])
    assert last == "18 models, 75.6 MB, 18 minutes of training; 18 reach a test F1 of 0.70."
    assert re.search("; 0 reach", summary(published(2, f1=0.699)))


def test_a_model_that_was_never_dense_has_no_dense_f1() -> None:
    (item,) = published(1, f1=0.7)
    training = dataclasses.replace(item.card.training, dense_f1=None)
    item = dataclasses.replace(item, card=dataclasses.replace(item.card, training=training))
    assert summary([item]).splitlines()[1].split()[3] == "-"
