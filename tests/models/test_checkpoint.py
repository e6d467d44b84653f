"""Checkpoints: written whole, opened safely, refused in plain words."""

import shutil
import subprocess
from pathlib import Path, PurePosixPath

import h5py
import keras
import numpy as np
import pytest

from models import checkpoint
from models.card import InvalidCard, ModelCard
from models.catalogue import model_keys
from models.checkpoint import (
    CardlessCheckpoint,
    DamagedCheckpoint,
    ForeignCheckpoint,
    MissingCheckpoint,
    TamperedCheckpoint,
    UnlistedCheckpoint,
)
from tests.fakes import fake_card, tiny_model
from tests.sums import write_sums

KEY = model_keys()[0]


def _card(model: keras.Model) -> ModelCard:
    return fake_card(KEY, fingerprint=checkpoint.fingerprint(model))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints")
    model = tiny_model(3)
    checkpoint.write(model, _card(model), folder / KEY.checkpoint)
    write_sums(folder)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(written, tmp_path / "checkpoints"))


def test_card_and_weights_come_back(written: Path) -> None:
    path = written / KEY.checkpoint
    model = checkpoint.open_model(path)
    image = np.random.default_rng(0).uniform(0, 255, (2, 224, 224, 3)).astype("float32")
    np.testing.assert_allclose(
        model.predict_on_batch(image), tiny_model(3).predict_on_batch(image), atol=1e-6
    )
    card = checkpoint.read_card(path)
    assert card == _card(tiny_model(3))
    assert card.fingerprint == checkpoint.fingerprint(model)


def test_the_side_to_which_images_are_resized_counts_in_the_fingerprint() -> None:
    def network(*between: keras.layers.Layer) -> keras.Model:
        image = keras.layers.Input((224, 224, 3))
        return keras.Sequential([image, *between, keras.layers.GlobalAveragePooling2D()])

    sides = [(), (100, 100), (100, 50), (50, 100)]
    found = {
        checkpoint.fingerprint(network(*([keras.layers.Resizing(*side)] if side else [])))
        for side in sides
    }
    assert len(found) == len(sides)


def test_the_file_is_an_ordinary_keras_file(written: Path) -> None:
    model = keras.saving.load_model(written / KEY.checkpoint, compile=False, safe_mode=True)
    assert model.output_shape == (None, 1)


def test_nothing_else_is_left_beside_it(written: Path) -> None:
    found = {path.relative_to(written).as_posix() for path in written.rglob("*") if path.is_file()}
    assert found == {str(KEY.checkpoint), checkpoint.SUMS}


def test_a_card_of_other_weights_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fingerprint"):
        checkpoint.write(tiny_model(3), fake_card(KEY), tmp_path / "model.h5")
    assert list(tmp_path.iterdir()) == []


def test_sparse_coarse_weights_are_stored_small(tmp_path: Path) -> None:
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((224, 224, 3)),
            layers.GlobalAveragePooling2D(),
            layers.Dense(256),
            layers.Dense(256),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    random = np.random.default_rng(1)
    for layer in model.layers[1:]:
        kernel = np.zeros(layer.kernel.shape, np.float32)
        kernel[random.random(kernel.shape) < 0.1] = 0.375
        layer.kernel.assign(kernel)
    path = tmp_path / "model.h5"
    checkpoint.write(model, _card(model), path)
    before, after = model.get_weights(), checkpoint.open_model(path).get_weights()
    assert all(
        np.array_equal(a, b) and b.dtype == np.float32 for a, b in zip(before, after, strict=True)
    )
    assert path.stat().st_size < 0.25 * model.count_params() * 4
    with h5py.File(path) as file:
        stored: list[h5py.Dataset] = []
        file["model_weights"].visititems(lambda _, item: stored.append(item))
        sizes = {
            item.id.get_type().get_size()
            for item in stored
            if isinstance(item, h5py.Dataset) and item.size > 256
        }
    assert sizes == {1}  # byte floats: three bits of mantissa are enough for them


def test_numbers_are_halved_where_that_loses_nothing(tmp_path: Path) -> None:
    layers = keras.layers
    norm = layers.BatchNormalization()
    model = keras.Sequential(
        [
            layers.Input((224, 224, 3)),
            norm,
            layers.GlobalAveragePooling2D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    exact, odd, large = [0.5, 1.25, 3.0], [0.1, 0.2, 0.3], [1e5, 0.5, 0.5]
    norm.set_weights([np.array(each, np.float32) for each in (exact, odd, exact, large)])
    path = tmp_path / "model.h5"
    checkpoint.write(model, _card(model), path)
    with h5py.File(path) as file:
        group = file["model_weights"][norm.name]
        names = group.attrs["weight_names"]
        kinds = {name.rpartition("/")[2]: group[name].dtype for name in names}
    assert kinds == {
        "gamma": np.float16,
        "beta": np.float32,
        "moving_mean": np.float16,
        "moving_variance": np.float32,
    }
    found = checkpoint.open_model(path).get_weights()
    assert all(
        np.array_equal(a, b) and b.dtype == np.float32
        for a, b in zip(model.get_weights(), found, strict=True)
    )


def test_the_list_is_that_of_sha256sum(written: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", checkpoint.SUMS], cwd=written, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert checkpoint.verify(written, KEY.checkpoint, checkpoint.read_sums(written)).is_file()


def test_a_folder_without_list_has_an_empty_one(tmp_path: Path) -> None:
    assert checkpoint.read_sums(tmp_path) == {}


def test_a_damaged_list_names_what_it_can(tmp_path: Path) -> None:
    (tmp_path / checkpoint.SUMS).write_bytes(b"abc  one.h5\n\xff\xfe  two.h5\n")
    sums = checkpoint.read_sums(tmp_path)
    assert sums["one.h5"] == "abc"
    (tmp_path / "two.h5").write_bytes(b"HDF")
    with pytest.raises(TamperedCheckpoint):
        checkpoint.verify(tmp_path, PurePosixPath("two.h5"), sums)


def test_a_missing_file_is_refused(folder: Path) -> None:
    other = PurePosixPath("nowhere/none.h5")
    with pytest.raises(MissingCheckpoint):
        checkpoint.verify(folder, other, {})
    for opened in (checkpoint.read_card, checkpoint.open_model):
        with pytest.raises(MissingCheckpoint):
            opened(folder / other)


def test_an_unlisted_file_is_refused(folder: Path) -> None:
    with pytest.raises(UnlistedCheckpoint):
        checkpoint.verify(folder, KEY.checkpoint, {})


def test_one_changed_byte_is_refused(folder: Path) -> None:
    path = folder / KEY.checkpoint
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(TamperedCheckpoint):
        checkpoint.verify(folder, KEY.checkpoint, checkpoint.read_sums(folder))


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_a_truncated_file_is_refused(folder: Path, keep: float) -> None:
    path = folder / KEY.checkpoint
    path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])
    with pytest.raises(DamagedCheckpoint):
        checkpoint.read_card(path)
    with pytest.raises(DamagedCheckpoint):
        checkpoint.open_model(path)


def test_a_file_without_card_is_refused(folder: Path) -> None:
    path = folder / KEY.checkpoint
    with h5py.File(path, "r+") as file:
        del file["card"]
    with pytest.raises(CardlessCheckpoint, match="model_weights"):
        checkpoint.read_card(path)


@pytest.mark.parametrize("content", [b"{}", b"\xff\xfe", b""])
def test_a_file_with_another_card_is_refused(folder: Path, content: bytes) -> None:
    path = folder / KEY.checkpoint
    with h5py.File(path, "r+") as file:
        del file["card"]
        file["card"] = np.frombuffer(content, np.uint8)
    with pytest.raises((InvalidCard, DamagedCheckpoint)):
        checkpoint.read_card(path)


def test_other_hdf5_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["numbers"] = [1, 2, 3]
    with pytest.raises(ForeignCheckpoint):
        checkpoint.open_model(path)


def test_a_model_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.h5"
    model = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(2)])
    model.save(path)
    with pytest.raises(ForeignCheckpoint, match="224"):
        checkpoint.open_model(path)


def test_code_in_a_file_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "lambda.h5"
    pooled = [keras.layers.Input((224, 224, 3)), keras.layers.GlobalAveragePooling2D()]
    code = keras.layers.Lambda(lambda x: x[:, :1], output_shape=(1,))
    keras.Sequential([*pooled, code]).save(path)
    with pytest.raises(ForeignCheckpoint):
        checkpoint.open_model(path)


def test_writing_gives_no_advice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = tiny_model(1)
    checkpoint.write(model, _card(model), tmp_path / "model.h5")
    assert caplog.messages == []


def test_a_draft_answers_before_it_has_a_card_and_is_the_file_that_is_sealed(
    tmp_path: Path,
) -> None:
    model, path = tiny_model(1), tmp_path / "run" / "model.h5"
    draft = path.with_name("draft.h5")
    checkpoint.write_draft(model, draft)
    with pytest.raises(CardlessCheckpoint):
        checkpoint.read_card(draft)
    opened, before = checkpoint.open_model(draft), draft.stat().st_ino
    np.testing.assert_array_equal(opened.get_weights()[0], model.get_weights()[0])
    checkpoint.seal(draft, opened, _card(model), path)
    assert path.stat().st_ino == before
    assert checkpoint.read_card(path) == _card(model)
    assert [item.name for item in path.parent.iterdir()] == ["model.h5"]


def test_a_draft_is_not_sealed_with_the_card_of_other_weights(tmp_path: Path) -> None:
    draft, path = tmp_path / "draft.h5", tmp_path / "model.h5"
    checkpoint.write_draft(tiny_model(1), draft)
    with pytest.raises(ValueError, match="fingerprint"):
        checkpoint.seal(draft, tiny_model(1), _card(tiny_model(2)), path)
    assert not path.exists()
