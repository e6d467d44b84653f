import dataclasses
import shlex
import shutil
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from models.catalogue import MODALITIES
from pipelines import commands
from pipelines.command_line import parse
from pipelines.datasets import find_dataset
from pipelines.errors import DamagedRun, OtherRun
from pipelines.first_weights import refuse_known_images, splits_behind
from pipelines.model_factory import HEAD, ModelFactory, backbone_layers, head_name
from pipelines.options import trunk_folder
from pipelines.sparsity import prunable, zero_share
from tests.pipelines.conftest import Run
from tests.pipelines.killing import kill_when
from tests.pipelines.schools import PLAN, SPARSITY, modules, pupil, school
from tests.pipelines.small import BACKBONE, config

IN_FLOAT32 = ("--set", "precision=float32")  # without bfloat16 the recipe's takes minutes


@pytest.fixture(scope="session")
def taught(all_prepared: Run) -> Path:
    """A work folder in which a trunk was taught without a break; only to be read."""
    school(all_prepared.work).teach(pupil(), PLAN)
    return all_prepared.work


@pytest.fixture
def copy(taught: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    (tmp_path / "prepared").symlink_to(taught / "prepared")
    shutil.copytree(taught / "trunks", tmp_path / "trunks")
    return tmp_path


def trunk(work: Path) -> keras.Model:
    return keras.saving.load_model(work / "trunks" / f"{BACKBONE}.h5", compile=False)


def test_only_the_trunk_stays(taught: Path) -> None:
    assert [path.name for path in (taught / "trunks").iterdir()] == [f"{BACKBONE}.h5"]


def test_a_trunk_is_a_plain_keras_model_with_its_zeros(taught: Path) -> None:
    model = trunk(taught)
    assert model.input_shape == (None, 224, 224, 3)
    kernels = [kernel for kernel in prunable(model) if "dense" not in kernel.path]
    for kernel in kernels:
        zeros = np.mean(keras.ops.convert_to_numpy(kernel) == 0)
        assert zeros == pytest.approx(SPARSITY, abs=1e-3)


def test_a_trunk_is_where_training_may_begin(taught: Path) -> None:
    file = taught / "trunks" / f"{BACKBONE}.h5"
    chosen = config(init=str(file))
    for module in modules(taught):
        refuse_known_images(chosen.init, module)
    factory = ModelFactory(chosen)
    model, source = factory.build(), trunk(taught)
    factory.initialise(model)
    for layer in backbone_layers(model):
        pairs = zip(layer.get_weights(), source.get_layer(layer.name).get_weights(), strict=True)
        assert all((own == given).all() for own, given in pairs)
    for name in HEAD:
        given = source.get_layer(head_name(name, chosen.modality)).get_weights()
        own = model.get_layer(name).get_weights()
        assert all((a == b).all() for a, b in zip(own, given, strict=True))
    assert zero_share(model) == pytest.approx(SPARSITY, abs=0.01)


def test_a_trunk_that_is_there_is_left_alone(taught: Path) -> None:
    files = sorted((taught / "trunks").iterdir())
    before = [path.stat().st_mtime_ns for path in files]
    assert school(taught).teach(pupil(), PLAN) == taught / "trunks" / f"{BACKBONE}.h5"
    assert before == [path.stat().st_mtime_ns for path in sorted((taught / "trunks").iterdir())]


@pytest.mark.parametrize("change", ["seed", "plan", "zeros", "foreign"])
def test_a_trunk_of_other_settings_is_refused(change: str, copy: Path) -> None:
    chosen, plan, fields = pupil(), PLAN, {}
    file = copy / "trunks" / f"{BACKBONE}.h5"
    if change == "zeros":
        chosen = chosen.changed(sparsity=0.4)
    elif change == "seed":
        chosen, fields = chosen.changed(seed=12), {"seed": 12}
    elif change == "plan":
        plan = dataclasses.replace(PLAN, epochs=2)
    else:
        with h5py.File(file, "a") as content:
            del content.attrs["settings"]
    before = [path.stat().st_mtime_ns for path in sorted((copy / "trunks").iterdir())]
    with pytest.raises(OtherRun, match=r"--restart"):
        school(copy, **fields).teach(chosen, plan)
    assert before == [path.stat().st_mtime_ns for path in sorted((copy / "trunks").iterdir())]


def test_a_damaged_trunk_is_told_with_what_to_delete(copy: Path) -> None:
    file = copy / "trunks" / f"{BACKBONE}.h5"
    half = file.read_bytes()[: file.stat().st_size // 2]
    file.write_bytes(half)
    with pytest.raises(DamagedRun, match=rf"Delete {file}, then train again"):
        school(copy).teach(pupil(), PLAN)
    assert file.read_bytes() == half


@pytest.mark.slow
def test_a_trunk_of_other_settings_takes_its_place_where_it_may(copy: Path) -> None:
    file = copy / "trunks" / f"{BACKBONE}.h5"
    before = file.stat().st_mtime_ns
    plan = dataclasses.replace(PLAN, epochs=2)
    school(copy).teach(pupil(), plan, restart=True)
    assert file.stat().st_mtime_ns != before
    school(copy).teach(pupil(), plan)


def test_a_trunk_that_was_begun_with_other_settings_is_not_gone_on_with(copy: Path) -> None:
    (copy / "trunks" / f"{BACKBONE}.h5").unlink()
    begun = copy / "trunks" / BACKBONE
    (begun / "backup_1").mkdir(parents=True)
    (begun / "backup_1" / "000001.weights.h5").touch()
    (begun / "inputs.json").write_text('{"settings": "others"}')
    with pytest.raises(OtherRun, match="the same settings"):
        school(copy).teach(pupil(), PLAN)


@pytest.mark.slow
def test_a_killed_school_goes_on_to_the_same_trunk(taught: Path, tmp_path: Path) -> None:
    (tmp_path / "prepared").symlink_to(taught / "prepared")
    trunks = tmp_path / "trunks"
    script = f"from tests.pipelines.schools import main; main({[str(tmp_path)]!r})"
    kill_when((trunks / BACKBONE / "backup_1" / "000001.weights.h5").is_file, ["-c", script])
    assert not (trunks / f"{BACKBONE}.h5").exists()
    school(tmp_path).teach(pupil(), PLAN)
    assert sorted(path.name for path in trunks.iterdir()) == sorted(
        path.name for path in (taught / "trunks").iterdir()
    )
    pairs = zip(trunk(tmp_path).get_weights(), trunk(taught).get_weights(), strict=True)
    for found, expected in pairs:
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_the_command_teaches_by_the_images_of_one_modality_alone(
    all_prepared: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    modality, *others = MODALITIES
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    name = f"phantom-{modality}"
    (prepared / name).symlink_to(all_prepared.work / "prepared" / name)
    words = ["trunk", BACKBONE, "--modality", modality, "--work", str(tmp_path), "--dataset", name]
    plan = dataclasses.replace(PLAN, epochs=1)
    commands.trunk(parse([*words, *IN_FLOAT32, "--set", "limit=14"]), plan)
    told = capsys.readouterr().out
    title = MODALITIES[modality].title.lower()
    assert f"[1/1] Trunk of VGG16, taught by images of {title} alone" in told
    folder = trunk_folder(tmp_path, modality)
    assert f"train {BACKBONE}_{modality}_initial --recipe small-data" in told
    assert f"--init {folder.as_posix()}" in told
    model = keras.saving.load_model(folder / f"{BACKBONE}.h5", compile=False)
    assert model.output_shape == (None, 1)
    names = {layer.name for layer in model.layers}
    assert head_name("dense", modality) in names
    assert not names & {head_name("dense", other) for other in others}
    assert list(splits_behind(folder / f"{BACKBONE}.h5")) == [find_dataset(name).title]


def test_the_command_says_what_comes_next(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "trunks" / f"{BACKBONE}.h5").unlink()
    words = ["trunk", BACKBONE, "--work", str(copy), "--restart"]
    first, *_ = MODALITIES
    for modality in MODALITIES:
        words += ["--dataset", f"phantom-{modality}"]
    plan = dataclasses.replace(PLAN, epochs=2)
    commands.trunk(parse([*words, "--set", "limit=14", "--set", "seed=3", *IN_FLOAT32]), plan)
    told = capsys.readouterr().out
    assert "[1/1] Trunk of VGG16, taught by images of all modalities" in told
    following = parse(shlex.split(told.partition("Next: python -m pipelines ")[2]))
    assert following.dataset == [f"phantom-{first}"]
    assert following.set == ["limit=14", "seed=3", IN_FLOAT32[-1]]
    assert "trunk, epoch 2/2: loss" in told
    assert f"--recipe small-data --init {(copy / 'trunks').as_posix()}" in told
    assert (copy / "trunks" / f"{BACKBONE}.h5").is_file()
