import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import h5py
import keras
import numpy as np
import pytest

from models import checkpoint
from models.catalogue import BACKBONES, MODALITIES, find_model, model_keys
from pipelines.__main__ import main
from pipelines.command_line import parse
from pipelines.commands import BUDGET
from pipelines.data_module import DataModule
from pipelines.datasets import DATASETS
from pipelines.options import (
    OWN_TRUNKS,
    TRUNK_FIELDS,
    configuration,
    default_dataset,
    trunk_configuration,
    trunk_modality,
)
from pipelines.phantoms import phantom
from pipelines.recipes import RECIPES, recipe
from pipelines.run_folder import note_config
from pipelines.turn import turn_in
from tests.fakes import write_checkpoints
from tests.heard_signals import heard
from tests.pipelines.conftest import Run
from tests.pipelines.small import BACKBONE, DATASET, MODALITY, command_line, config

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "prepare",
    "gate",
    "trunk",
    "train",
    "evaluate",
    "publish",
    "precisions",
    "explain",
    "report",
    "subgroups",
    "study",
)
OF_PUBLISHED_FILES = ("gate", "explain", "report", "subgroups")  # they need no work folder
SLUG = config().key.slug


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """What a command that must be refused tells: one line, and no traceback."""
    assert main([str(word) for word in words]) == 2
    told = capsys.readouterr().err.splitlines()[-1]  # progress may have been shown before
    assert re.fullmatch(r"[A-Z].*\. Expected .*; received .*\. .*\.", told), told
    return told


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What ``--help`` tells, without the white space at which its lines are broken."""
    with pytest.raises(SystemExit) as end:
        main([*words, "--help"])
    assert end.value.code == 0
    return "".join(capsys.readouterr().out.split())


def test_help_names_every_command_and_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    told = asked(capsys)
    assert all(command in told for command in COMMANDS)
    order = "Inthisorder:prepare,trunkwhereImageNetweightscannotbehad,train,evaluate,publish,report"
    assert f"{order};studydoesallofit." in told


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = asked(capsys, command)
    assert told.startswith(f"usage:python-mpipelines{command}")
    assert ("--workWORK" in told) == (command not in OF_PUBLISHED_FILES)
    assert "None" not in told


def test_help_lists_what_may_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    told = asked(capsys, "prepare")
    assert all(key in told for key in DATASETS)
    told = asked(capsys, "train")
    assert all(name in told for name in RECIPES)
    for option in ("--init", "--setFIELD=VALUE", "--dataset", "--all", "--restart"):
        assert option in told


def test_help_needs_no_keras() -> None:
    words = "import sys; from pipelines.__main__ import main\ntry: main(['--help'])\n"
    words += "except SystemExit: print([n for n in ('keras', 'tensorflow') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("words", [[], ["trian"], ["train", "--epochs", "3"]])
def test_a_misspelt_command_is_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m pipelines")


@pytest.mark.parametrize("command", ["train", "evaluate", "publish"])
def test_a_model_that_is_not_in_the_catalogue_is_refused_with_those_that_are(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for slug in ("vgg_xray_initial", "alexnet_ultrasound_initial", "vgg_ultrasound_quick"):
        told = refused(capsys, command, slug, "--work", tmp_path)
        assert f"received '{slug}'" in told
        assert all(key.slug in told for key in model_keys())


@pytest.mark.parametrize("command", ["train", "evaluate", "publish"])
@pytest.mark.parametrize(("words", "received"), [([], "neither"), (["--all", SLUG], "both")])
def test_either_models_or_all_must_be_named(
    command: str, words: list[str], received: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"model names, or --all; received {received}" in refused(capsys, command, *words)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("epocs=3", "received epocs"),
        ("nonsense", "received nonsense"),
        ("epochs=many", "a number for epochs; received 'many'"),
        ("epochs=2.5", "a number for epochs; received '2.5'"),
        ("epochs=", "a number for epochs; received ''"),
        ("limit=many", "a number for limit; received 'many'"),
        ("epochs=none", "a number for epochs; received 'none'"),
        ("frozen_epochs=2", "a field that initial models read"),
        ("unfrozen_learning_rate=1e-4", "received --set unfrozen_learning_rate=1e-4, which would"),
        ("warmup_epochs=1", "with the plateau schedule"),
        ("final_rate_share=0.1", "with the plateau schedule"),
        ("compaction_epochs=3", "and a sparsity of 0"),
        ("learning_rate=fast", "a number for learning_rate; received 'fast'"),
        ("keep_batch_norm=maybe", "true or false for keep_batch_norm; received 'maybe'"),
        ("epochs=0", "epochs of 1 or more; received 0"),
        ("batch_size=100000", "an even batch_size from 2 to 1024; received 100000"),
        ("balance=scales", "balance to be one of batches, weights; received scales"),
        ("backbone=resnet", "received --set backbone=resnet"),
        ("init=random", "received --set init=random"),
        ("dataset=busi", "received --set dataset=busi"),
    ],
)
def test_a_field_or_value_that_cannot_be_is_refused(
    setting: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in refused(capsys, "train", SLUG, "--work", tmp_path, "--set", setting)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_recipe_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "train", SLUG, "--recipe", "soup")
    assert all(name in told for name in RECIPES)


def test_settings_come_after_the_recipe_and_have_their_field_s_type() -> None:
    settings = ("epochs=1", "weight_decay=1", "schedule=plateau", "limit=9", "seed=3")
    settings += ("steps_per_epoch=none",)
    words = [word for setting in settings for word in ("--set", setting)]
    options = parse(["train", SLUG, "--recipe", "small-data", *words])
    found = configuration(options, config().key, DATASET, "random").to_dict()
    fields = recipe("small-data", BACKBONE, config().modality) | {"epochs": 1, "weight_decay": 1.0}
    fields |= {"schedule": "plateau", "limit": 9, "seed": 3, "steps_per_epoch": None}
    assert {name: found[name] for name in fields} == fields
    assert isinstance(found["weight_decay"], float)
    for text, value in (("true", True), ("false", False)):
        options = parse(["train", SLUG, "--set", f"keep_batch_norm={text}"])
        assert configuration(options, config().key, DATASET, "random").keep_batch_norm is value


def test_a_side_of_one_s_own_ends_what_the_recipe_serves() -> None:
    key = find_model("vgg_ultrasound_initial")

    def sides(*settings: str) -> tuple[int, int | None]:
        words = [word for setting in settings for word in ("--set", setting)]
        options = parse(["train", key.slug, "--recipe", "small-data", *words])
        found = configuration(options, key, DATASET, "random")
        return found.pixels, found.served_pixels

    assert sides() == (112, 144)
    assert sides("pixels=224") == (224, None)
    assert sides("pixels=56", "served_pixels=72") == (56, 72)
    assert sides("served_pixels=112") == (112, 112)


@pytest.mark.parametrize("command", [["train", SLUG], ["study"]])
def test_first_weights_that_are_not_there_are_refused_in_plain_words(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = BACKBONE if "train" in command else next(iter(BACKBONES))
    for named, missing in ((tmp_path / "no.h5", "no.h5"), (tmp_path, f"{first}.h5")):
        told = refused(capsys, *command, "--init", named, "--work", tmp_path)
        assert f"{missing}, which does not exist" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("slug", "file"),
    [
        ("densenet_ultrasound_initial", "trunks-ultrasound/densenet.h5"),
        ("vgg_mammography_initial", "trunks/vgg.h5"),
    ],
)
def test_a_model_finds_its_own_trunk(
    slug: str, file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "train", slug, "--init", "trunk", "--work", tmp_path)
    assert f"{(tmp_path / file).as_posix()}, which does not exist" in told


def test_a_trunk_is_asked_for_by_backbone(capsys: pytest.CaptureFixture[str]) -> None:
    assert "backbones, or --all; received neither" in refused(capsys, "trunk")
    assert "backbones, or --all; received both" in refused(capsys, "trunk", BACKBONE, "--all")
    told = refused(capsys, "trunk", "alexnet")
    assert all(key in told for key in BACKBONES)


def test_a_trunk_takes_no_settings_but_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = refused(capsys, "trunk", BACKBONE, "--set", "epochs=3")
    assert all(name in told for name in TRUNK_FIELDS)
    assert "received --set epochs=3" in told


def test_a_trunk_learns_in_the_numbers_that_were_asked_for() -> None:
    options = parse(["trunk", BACKBONE, "--set", "precision=float32"])
    chosen = trunk_configuration(options, BACKBONE, MODALITY, DATASET, alone=False)
    assert chosen.precision == "float32"
    usual = trunk_configuration(
        parse(["trunk", BACKBONE]), BACKBONE, MODALITY, DATASET, alone=False
    )
    assert usual == chosen.changed(precision="mixed_bfloat16")


def test_a_trunk_of_one_modality_serves_that_modality_only() -> None:
    for key in model_keys():
        own = key.modality.key if key.modality.key in OWN_TRUNKS else None
        assert trunk_modality(key) == own
    assert set(OWN_TRUNKS) < set(MODALITIES)


def test_the_budget_is_told_as_it_is_documented() -> None:
    told = (ROOT / "docs" / "method.md").read_text("utf-8")
    assert f"as `make train` does it, counts on {BUDGET}." in told


@pytest.mark.parametrize("command", [["trunk", BACKBONE], ["train", SLUG], ["study"]])
def test_two_data_sets_of_one_modality_are_refused(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    named = ("--dataset", "busi", "--dataset", "ubi")
    assert "received busi and ubi" in refused(capsys, *command, *named)


@pytest.mark.parametrize("words", [["prepare", "xrays"], ["train", SLUG, "--dataset", "xrays"]])
def test_an_unknown_data_set_is_refused_with_those_there_are(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, *words, "--work", tmp_path)
    assert "received 'xrays'" in told
    assert all(key in told for key in DATASETS)


def test_a_data_set_of_another_modality_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = next(key for key in DATASETS if DATASETS[key].modality != config().modality)
    told = refused(capsys, "train", SLUG, "--dataset", other, "--work", tmp_path)
    assert "Pass another `--dataset`" in told


def test_a_trunk_of_one_modality_takes_no_data_set_of_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("trunk", BACKBONE, "--modality", "ultrasound", "--dataset", "mias")
    told = refused(capsys, *words, "--work", tmp_path)
    assert "a data set of ultrasound; received mias, which is mammography" in told


def test_the_data_of_every_model_are_asked_for_before_the_first_learns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = class_folders(tmp_path / "busi")
    main(["prepare", "busi", "--data", str(source), "--work", str(tmp_path), "--skip-unreadable"])
    capsys.readouterr()
    told = refused(
        capsys,
        *("train", "vgg_ultrasound_initial", "vgg_mammography_initial", "--work", tmp_path),
        *("--set", "validation_share=0.3", "--set", "test_share=0.3", "--init", "random"),
    )
    assert "has not been prepared" in told
    assert not (tmp_path / "vgg_ultrasound_initial").exists()


@pytest.mark.parametrize("key", [key for key in DATASETS if not key.startswith("phantom")])
def test_a_missing_data_folder_is_told_with_what_should_be_in_it(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("prepare", key, "--data", tmp_path / "nowhere", "--work", tmp_path / "runs")
    told = refused(capsys, *words)
    assert told.startswith("The data folder was not found. Expected a folder with")
    assert not list((tmp_path / "runs").rglob("*.png"))


def test_without_names_every_modality_s_first_data_set_is_prepared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "prepare", "--data", tmp_path, "--work", tmp_path)
    first = DATASETS[default_dataset(next(iter(MODALITIES)))]
    assert "The data folder was not found" in told
    assert {DATASETS[default_dataset(key)].modality for key in MODALITIES} == set(MODALITIES)
    assert first.modality == next(iter(MODALITIES))


def class_folders(folder: Path, count: int = 4) -> Path:
    """A small data set of class folders, with one file that is no image."""
    random = np.random.default_rng(1)
    for label in ("benign", "malignant"):
        (folder / label).mkdir(parents=True)
        for number in range(count):
            pixels = random.integers(0, 256, (40, 40, 3), dtype=np.uint8)
            cv2.imwrite(str(folder / label / f"{label} ({number}).png"), pixels)
    (folder / "benign" / "benign (99).png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    return folder


def test_unreadable_images_are_named_and_left_out_only_when_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["prepare", "ubi", "--data", str(class_folders(tmp_path / "data"))]
    words += ["--work", str(tmp_path / "runs")]
    assert main(words) == 2
    told = capsys.readouterr().err
    assert "1 unreadable:" in told
    assert "benign (99).png" in told
    assert "--skip-unreadable" in told
    assert not (tmp_path / "runs").exists()  # nothing half-done, and nothing made for it
    assert main([*words, "--skip-unreadable"]) == 0
    told = capsys.readouterr().out
    assert "8 images of" in told
    assert "1 unreadable skipped." in told
    assert "Next: python -m pipelines train MODEL" in told


def test_what_comes_next_names_the_work_folder(prepared: Run, initial_run: Run) -> None:
    for told, words in (
        (prepared.told, f"train MODEL --dataset {DATASET}"),
        (initial_run.told, f"evaluate {SLUG}"),
        (initial_run.told, f"publish {SLUG}"),
    ):
        assert f"Next: python -m pipelines {words} --work {prepared.work}\n" in told


def test_preparing_again_changes_nothing(prepared: Run, capsys: pytest.CaptureFixture[str]) -> None:
    files = {path: path.stat().st_mtime_ns for path in prepared.work.glob("prepared/**/*.*")}
    words = ["prepare", DATASET, "--work", str(prepared.work), "--data", "/nowhere"]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    (note,) = (line for line in lines if line not in prepared.told.splitlines())
    assert note.startswith("  Done before: /nowhere was not read. To do it anew remove ")
    assert set(prepared.told.splitlines()) < set(lines)
    assert files == {path: path.stat().st_mtime_ns for path in files}


def test_an_empty_folder_was_not_done_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prepared" / DATASET).mkdir(parents=True)
    assert main(["prepare", DATASET, "--work", str(tmp_path), "--data", "/nowhere"]) == 0
    told = capsys.readouterr().out
    assert "groups prepared" in told
    assert "Done before" not in told


def many_slide_images(folder: Path) -> None:
    """So many tiles that to prepare them takes longer than to look whether it has begun."""
    for label, name in enumerate(("benign", "malignant")):
        tile = cv2.cvtColor(phantom("histopathology", label, 0), cv2.COLOR_RGB2BGR)
        first = folder / f"ytma49_042003_{name}0_ccd.tif"
        assert cv2.imwrite(str(first), np.tile(tile, (3, 3, 1)))
        for number in range(1, 100):
            os.link(first, folder / f"ytma49_042003_{name}{number}_ccd.tif")


def test_a_preparation_that_is_stopped_says_that_it_begins_anew(tmp_path: Path) -> None:
    data, work = tmp_path / "data", tmp_path / "work"
    data.mkdir()
    many_slide_images(data)
    words = ("prepare", "ucsb", "--work", str(work), "--data", str(data))
    command = [sys.executable, "-m", "pipelines", *words]

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)

    with heard(signal.SIGINT, start) as started:
        while started.poll() is None and not list((work / "prepared").glob("*.part/*/*.png")):
            time.sleep(0.001)
        started.send_signal(signal.SIGINT)
        _, told = started.communicate(timeout=60)
    assert started.returncode == 130
    assert "anything else that was half done begins anew" in told
    assert not list((work / "prepared").glob("*"))


def test_a_work_folder_that_cannot_be_made_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    work = tmp_path / "file" / "runs"
    told = refused(capsys, "prepare", DATASET, "--data", tmp_path, "--work", work)
    assert told.startswith(f"A folder cannot be made. Expected a place where {work}")
    assert told.endswith("received Not a directory. Name another work folder with `--work`.")


def test_damaged_notes_say_how_to_prepare_again(
    prepared: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(prepared.work / "prepared", tmp_path / "prepared") / DATASET
    (folder / "notes.json").write_text('{"dataset": "phan', "utf-8")
    prepare = ("prepare", DATASET, "--data", tmp_path, "--work", tmp_path)
    for words in (prepare, (*command_line(config()), "--work", tmp_path)):
        told = refused(capsys, *words)
        assert "notes.json as it was prepared; received a file that cannot be read" in told
        assert f"Delete {folder} and run `python -m pipelines prepare {DATASET}" in told
    shutil.rmtree(folder)
    assert main([str(word) for word in prepare]) == 0


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_training_names_a_prepared_image_that_cannot_be_read(
    damage: str, prepared: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """TensorFlow, which asks for the batches, would bury the refusal in an error of its own."""
    folder = shutil.copytree(prepared.work / "prepared", tmp_path / "prepared") / DATASET
    chosen = config(limit=60)
    name = DataModule(chosen, tmp_path).prepared("train")[-1].path
    if damage == "missing":
        name.unlink()
    else:
        name.write_bytes(name.read_bytes()[:-100])
    told = refused(capsys, *command_line(chosen), "--work", tmp_path)
    assert f"Expected {name} as it was prepared" in told
    assert f"Delete {folder} and run `python -m pipelines prepare {DATASET}" in told


def test_training_on_what_is_not_prepared_says_how_to_prepare_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, *command_line(config()), "--work", tmp_path)
    command = f"python -m pipelines prepare {DATASET} --data FOLDER --work {tmp_path}"
    assert f"Run `{command}` first." in told


@pytest.mark.parametrize("command", ["evaluate", "publish"])
def test_what_is_not_trained_is_refused(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, command, SLUG, "--work", tmp_path)
    assert f"Run `python -m pipelines train {SLUG} --work {tmp_path}` first." in told


def test_what_is_not_evaluated_is_not_published(
    finetuned_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    slug = finetuned_run.config.key.slug
    told = refused(capsys, "publish", slug, "--work", finetuned_run.work)
    assert f"Run `python -m pipelines evaluate {slug} --work {finetuned_run.work}` first." in told


def test_a_run_is_not_forgotten_for_first_weights_that_cannot_be_had(
    initial_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prepared").symlink_to(initial_run.work / "prepared")
    folder = shutil.copytree(initial_run.folder, tmp_path / initial_run.folder.name)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file.attrs["model_config"] = "none"
    words = command_line(initial_run.config, "epochs", "sparsity", "mantissa_bits")
    more = ("--init", tmp_path / "other.h5", "--restart", "--work", tmp_path)
    assert "which Keras cannot rebuild" in refused(capsys, *words, *more)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_try_that_learnt_nothing_is_no_run_to_protect(
    prepared: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prepared").symlink_to(prepared.work / "prepared")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file.attrs["model_config"] = "none"
    words = [*command_line(config(epochs=1)), "--work", str(tmp_path)]
    for more in ("--init", str(tmp_path / "other.h5")), ("--set", "learning_rate=inf"):
        refused(capsys, *words, *more)
    assert main([*words, "--set", "steps_per_epoch=1"]) == 0


def test_a_full_disk_is_told(
    prepared: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prepared").symlink_to(prepared.work / "prepared")
    folder = tmp_path / config().key.slug
    folder.mkdir()
    (folder / "config.json.part").symlink_to("/dev/full")
    told = refused(capsys, *command_line(config()), "--work", tmp_path)
    assert "No space left on device" in told
    assert "the same command goes on from there" in told


@pytest.mark.parametrize("command", ["evaluate", "train"])
def test_a_run_of_another_split_is_not_gone_on_with(
    command: str, initial_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prepared").symlink_to(initial_run.work / "prepared")
    folder = shutil.copytree(initial_run.folder, tmp_path / initial_run.folder.name)
    told = json.loads((folder / "inputs.json").read_text("utf-8"))
    (folder / "inputs.json").write_text(json.dumps({**told, "split": "another"}), "utf-8")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    words = command_line(initial_run.config, "epochs", "sparsity", "mantissa_bits")
    words = words if command == "train" else [command, SLUG]
    assert "the same split as before" in refused(capsys, *words, "--work", tmp_path)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("command", ["evaluate", "train"])
def test_a_run_of_other_pictures_of_the_same_names_is_not_gone_on_with(
    command: str, initial_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(initial_run.work / "prepared", tmp_path / "prepared")
    shutil.copytree(initial_run.folder, tmp_path / initial_run.folder.name)
    one, *_, other = DataModule(initial_run.config, tmp_path).prepared("test")
    one.path.write_bytes(other.path.read_bytes())
    words = command_line(initial_run.config, "epochs", "sparsity", "mantissa_bits")
    words = words if command == "train" else [command, SLUG]
    assert "Expected the same images as before" in refused(capsys, *words, "--work", tmp_path)


@pytest.mark.parametrize(
    ("note", "content"),
    [
        ("config.json", ""),
        ("config.json", "{}"),
        ("config.json", '{"sides": 224}'),
        ("history.json", ""),
        ("history.json", "{}"),
        ("history.json", '{"all layers/000": {"stage": "all layers"}}'),
        ("history.json", None),
        ("inputs.json", ""),
        ("inputs.json", "[]"),
    ],
)
def test_a_damaged_note_of_a_run_says_what_to_do(
    note: str,
    content: str | None,
    initial_run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "prepared").symlink_to(initial_run.work / "prepared")
    folder = shutil.copytree(initial_run.folder, tmp_path / initial_run.folder.name)
    (folder / note).unlink()
    if content is not None:
        (folder / note).write_text(content, "utf-8")
    told = refused(capsys, "evaluate", SLUG, "--work", tmp_path)
    assert told.startswith("A run's folder is damaged.")
    assert f"wrote into {folder / note}; " in told
    assert told.endswith(f"Delete {folder}, then train again.")


def test_an_evaluated_model_is_published_and_reported(
    initial_run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("README.md").write_text(
        "Before\n<!-- results -->\nold\n<!-- /results -->\nAfter\n", "utf-8"
    )
    assert main(["publish", SLUG, "--work", str(initial_run.work)]) == 0
    key = initial_run.config.key
    path = Path("models", "checkpoints", key.checkpoint)
    card = checkpoint.read_card(path)
    told = capsys.readouterr().out
    assert f"fingerprint {card.fingerprint}" in told
    assert "Next: python -m pipelines report" in told
    assert Path("models", "splits", f"{key.modality.key}.csv").is_file()
    assert main(["report"]) == 0
    assert f"1 of {len(model_keys())} models" in capsys.readouterr().out
    report = Path("docs", "report.md").read_text("utf-8")
    assert f"| {key.backbone.title} | {key.strategy.title} |" in report
    readme = Path("README.md").read_text("utf-8")
    assert f"`{SLUG}`" in readme
    assert re.fullmatch(
        r"Before\n<!-- results -->\n\|.*\|\n<!-- /results -->\nAfter\n", readme, re.S
    )
    assert main(["report"]) == 0
    assert Path("README.md").read_text("utf-8") == readme


def test_a_run_in_which_another_command_works_is_not_published(
    prepared: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "prepared").symlink_to(prepared.work / "prepared")
    folder = tmp_path / SLUG
    folder.mkdir()
    note_config(folder, config())
    monkeypatch.chdir(tmp_path)
    with turn_in(folder):
        told = refused(capsys, "publish", SLUG, "--work", tmp_path)
    assert told.startswith("Another command works in this folder.")
    assert not (tmp_path / "models").exists()


def test_publishing_on_another_split_tells_which_models_no_longer_fit(
    initial_run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = initial_run.config.key
    peer = next(key for key in model_keys() if key.modality == mine.modality and key != mine)
    write_checkpoints(Path("models", "checkpoints"), [peer])
    assert main(["publish", SLUG, "--work", str(initial_run.work)]) == 0
    told = capsys.readouterr().out
    assert f"Of another split than models/splits/{MODALITY}.csv is now: {peer.slug}\n" in told
    words = f"train {peer.slug} --dataset {DATASET} --work {initial_run.work}, with the seed"
    assert f"Next: python -m pipelines {words}" in told
    assert "Next: python -m pipelines report" not in told


def test_weights_that_cannot_be_downloaded_say_how_to_go_on(prepared: Run, tmp_path: Path) -> None:
    """No network is asked: the proxy is a port at which nobody listens."""
    nobody = "http://127.0.0.1:9"
    environment = {
        **os.environ,
        "KERAS_BACKEND": keras.backend.backend(),
        "KERAS_HOME": str(tmp_path / "keras"),
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), nobody),
        **dict.fromkeys(("no_proxy", "NO_PROXY"), ""),
    }
    (tmp_path / "prepared").symlink_to(prepared.work / "prepared")
    words = command_line(config(init="imagenet"))
    done = subprocess.run(
        [sys.executable, "-m", "pipelines", *words, "--work", str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert f"ImageNet weights of {config().key.backbone.title}" in done.stderr
    assert "Pass `--init FILE` with a checkpoint of the same backbone, or `--init random`." in (
        done.stderr
    )
