"""Heat-maps from the head's weights beside automatic gradients, and beside outlines."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import spearmanr

from models import checkpoint
from models.catalogue import MODALITIES, ModelKey, model_keys
from models.checkpoint import MissingCheckpoint, save_plain
from models.explanation import Explainer
from models.mask_agreement import read
from pipelines import splitting
from pipelines.__main__ import main
from pipelines.datasets.busi import BUSI
from pipelines.datasets.busi_outlines import NoOutline
from pipelines.errors import NoSplit
from pipelines.explanation import (
    OtherTestImages,
    TooFewOutlined,
    heat_maps,
    measure,
    read_outlined_test,
    told,
)
from pipelines.phantoms import phantom
from pipelines.splitting import Assigned
from tests.fakes import fake_card, tiny_model

KEYS = tuple(key for key in model_keys() if key.modality.key == BUSI.modality)
PREPARE = MODALITIES[BUSI.modality].prepare
IMAGES = np.stack([PREPARE(phantom(BUSI.modality, each % 2, each)) for each in range(6)])


def network(seed: int) -> keras.Model:
    """A network of the study's structure, with few and random weights."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    draw = keras.initializers.RandomNormal(stddev=0.3, seed=seed)
    image = keras.Input((224, 224, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(image)
    x = layers.AveragePooling2D(2)(x)
    for filters in (6, 12, 24):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", kernel_initializer=draw)(x)
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu", name=f"features_{filters}")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(16, activation="relu", kernel_initializer=draw, name="dense")(x)
    x = layers.Dropout(0.25)(x)
    x = layers.Dense(1, activation="sigmoid", kernel_initializer=draw, name="probability")(x)
    return keras.Model(image, x)


def saved(model: keras.Model, folder: Path) -> Path:
    save_plain(model, folder / "model.h5")
    return folder / "model.h5"


def features_and_gradients(model: keras.Model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every image: last features, what they move the logit by, and the probability."""
    split = keras.Model(model.input, model.get_layer("features_24").output)
    features = tf.convert_to_tensor(split(IMAGES, training=False))
    with tf.GradientTape() as tape:
        tape.watch(features)
        x = model.get_layer("dense")(model.get_layer("pool")(features))
        last = model.get_layer("probability")
        logit = tf.matmul(x, last.kernel.value) + last.bias.value
    gradients = tape.gradient(logit, features)
    return features.numpy(), gradients.numpy(), model(IMAGES, training=False).numpy()[:, 0]


def evidence(model: keras.Model, folder: Path) -> np.ndarray:
    """The closed form's, for every image."""
    explainer = Explainer.read(saved(model, folder))
    features, _, _ = features_and_gradients(model)
    return np.stack([explainer.evidence(one.transpose(2, 0, 1)) for one in features])


class TestClosedForm:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_it_is_grad_cam_and_hi_res_cam(self, seed: int, tmp_path: Path) -> None:
        model = network(seed)
        found = evidence(model, tmp_path)
        features, gradients, _ = features_and_gradients(model)
        fields = features.shape[1] * features.shape[2]
        weights = gradients.mean(axis=(1, 2), keepdims=True)
        grad_cam = (weights * features).sum(axis=3)
        hi_res_cam = (gradients * features).sum(axis=3)
        assert np.abs(found).max() > 0.01, "a map of nothing proves nothing"
        np.testing.assert_allclose(found, fields * grad_cam, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(found, fields * hi_res_cam, rtol=1e-3, atol=1e-4)

    def test_the_head_leads_from_the_features_to_the_probability(self, tmp_path: Path) -> None:
        model = network(4)
        explainer = Explainer.read(saved(model, tmp_path))
        features, _, probabilities = features_and_gradients(model)
        again = [explainer.probability(one.transpose(2, 0, 1)) for one in features]
        assert again == pytest.approx(probabilities.tolist(), abs=1e-4)

    def test_the_maps_are_for_the_label_at_the_threshold(self, tmp_path: Path) -> None:
        model = network(5)
        found, path = evidence(model, tmp_path), tmp_path / "model.h5"
        for threshold, sign in ((0.0, 1.0), (1.1, -1.0)):  # every image is one label or the other
            for heat, values in zip(heat_maps(path, IMAGES, threshold), found, strict=True):
                spoke = np.maximum(sign * values, 0.0)
                assert heat.silent == (spoke.max() <= 0)
                assert heat.silent or spoke[nearest(heat.strongest, 16)] == spoke.max()


def nearest(pixel: tuple[int, int] | None, step: int) -> tuple[int, int]:
    """The field of a pixel where one of ``step`` pixels follows the other."""
    assert pixel is not None
    row, column = pixel
    return row // step, column // step


class TestRandomisedWeights:
    """After Adebayo et al., "Sanity checks for saliency maps", 2018."""

    def correlations(self, change: Callable[[keras.Model, int], None], folder: Path) -> np.ndarray:
        """Rank correlations of maps before and after a change, for every image and 10 draws."""
        model = network(6)
        kept, before = model.get_weights(), evidence(model, folder)
        found = []
        for seed in range(10):
            model.set_weights(kept)
            change(model, seed)
            after = evidence(model, folder)
            pairs = zip(before, after, strict=True)
            found.append([spearmanr(one.ravel(), other.ravel())[0] for one, other in pairs])
        return np.array(found)

    def test_the_same_weights_give_the_same_maps(self, tmp_path: Path) -> None:
        assert self.correlations(lambda _model, _seed: None, tmp_path).min() > 0.999

    def test_another_head_gives_other_maps(self, tmp_path: Path) -> None:
        def redraw_head(model: keras.Model, seed: int) -> None:
            for name in ("dense", "probability"):
                layer, other = model.get_layer(name), network(100 + seed).get_layer(name)
                layer.set_weights(other.get_weights())

        assert abs(self.correlations(redraw_head, tmp_path).mean()) < 0.6  # same features

    def test_other_weights_give_other_maps(self, tmp_path: Path) -> None:
        def redraw_all(model: keras.Model, seed: int) -> None:
            model.set_weights(network(100 + seed).get_weights())

        assert abs(self.correlations(redraw_all, tmp_path).mean()) < 0.35


@pytest.fixture
def data(tmp_path: Path, write_picture: Callable[[Path, np.ndarray], Path]) -> Path:
    """A miniature BUSI: five images of each class, each with an outline of its own."""
    for label, name in enumerate(("benign", "malignant")):
        for number in range(1, 6):
            stem = f"{name} ({number})"
            pixels = phantom("ultrasound", label, number)
            mask = np.zeros_like(pixels)
            mask[20 * number : 20 * number + 60, 40:120] = 255
            folder = tmp_path / "data" / BUSI.folder
            write_picture(folder / "images" / name / f"{stem}.png", pixels)
            write_picture(folder / "masks" / name / f"{stem}_mask.png", mask)
    return tmp_path / "data"


@pytest.fixture
def write_picture() -> Callable[[Path, np.ndarray], Path]:
    def write(path: Path, pixels: np.ndarray) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(tf.io.encode_png(pixels).numpy()))
        return path

    return write


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder with a split of that set, and a small model of each of its kind."""
    folder = tmp_path / "models"
    rows = [
        Assigned(
            image=f"{name} ({number}).png",
            label=label,
            group=f"{name} ({number})",
            part="train" if number == 1 else "test",
        )
        for label, name in enumerate(("benign", "malignant"))
        for number in range(1, 6)
    ]
    split_file = folder / "splits" / f"{BUSI.modality}.csv"
    splitting.write(split_file, rows)
    for seed, key in enumerate(KEYS):
        publish(key, seed, folder, split_file)
    return folder


def publish(key: ModelKey, seed: int, folder: Path, split_file: Path, name: str = "BUSI") -> None:
    model = tiny_model(seed)
    card = fake_card(key, fingerprint=checkpoint.fingerprint(model))
    digest = hashlib.sha256(split_file.read_bytes()).hexdigest()
    tested = replace(card.data, name=name, split_sha256=digest)
    checkpoint.write(model, replace(card, data=tested), folder / "checkpoints" / key.checkpoint)


class TestMeasure:
    def test_only_test_images_are_looked_at(self, data: Path, published: Path) -> None:
        outlined = read_outlined_test(BUSI, data, published / "splits" / "ultrasound.csv")
        assert outlined.images.shape == (8, 224, 224, 3)
        assert outlined.labels.tolist() == [0] * 4 + [1] * 4
        assert outlined.masks.shape == (8, 224, 224)
        shares = outlined.masks.mean(axis=(1, 2))
        height, width = phantom("ultrasound", 0, 1).shape[:2]
        assert shares == pytest.approx([60 * 80 / (height * width)] * 8, rel=0.05)

    def test_every_model_is_measured_on_both_labels(self, data: Path, published: Path) -> None:
        record = measure(BUSI, data, published)
        assert list(record.models) == [key.slug for key in KEYS]
        for seed, measured in enumerate(record.models.values()):
            assert measured.fingerprint == checkpoint.fingerprint(tiny_model(seed))
            assert [found.images for found in measured.by_label.values()] == [4, 4]
        energies = {found.by_label["Benign"].energy.value for found in record.models.values()}
        assert len(energies) > 1
        assert len(list(told(record))) == 12

    def test_a_model_of_other_test_images_is_refused(self, data: Path, published: Path) -> None:
        publish(KEYS[1], 1, published, published / "splits" / "ultrasound.csv", name="UBI")
        with pytest.raises(OtherTestImages, match="received UBI"):
            measure(BUSI, data, published)

    def test_another_split_is_refused(self, data: Path, published: Path) -> None:
        with (published / "splits" / "ultrasound.csv").open("a") as stream:
            stream.write("benign (6).png,0,benign (6),test\n")
        with pytest.raises(OtherTestImages):
            measure(BUSI, data, published)

    def test_without_a_published_split_it_is_refused(
        self,
        data: Path,
        published: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        (published / "splits" / "ultrasound.csv").unlink()
        with pytest.raises(NoSplit, match=r"Expected a split .*ultrasound\.csv; received none"):
            measure(BUSI, data, published)
        monkeypatch.chdir(published.parent)
        assert main(["explain", "--data", str(data)]) == 2
        assert "There is no published split." in capsys.readouterr().err

    def test_a_missing_model_is_refused(self, data: Path, published: Path) -> None:
        (published / "checkpoints" / KEYS[2].checkpoint).unlink()
        with pytest.raises(MissingCheckpoint):
            measure(BUSI, data, published)

    def test_a_missing_outline_is_refused(self, data: Path, published: Path) -> None:
        (data / BUSI.folder / "masks" / "malignant" / "malignant (2)_mask.png").unlink()
        with pytest.raises(NoOutline, match=r"malignant \(2\)_mask"):
            measure(BUSI, data, published)

    @pytest.mark.parametrize("left", [0, 1])
    def test_a_label_with_a_single_test_image_is_refused(
        self, left: int, data: Path, published: Path
    ) -> None:
        split_file = published / "splits" / "ultrasound.csv"
        rows = splitting.read(split_file)
        positive = [row for row in rows if row.label and row.part == "test"]
        splitting.write(split_file, [row for row in rows if row not in positive[left:]])
        told = rf"two test images or more of the label Malignant; received {left}\. Publish"
        with pytest.raises(TooFewOutlined, match=told):
            read_outlined_test(BUSI, data, split_file)

    def test_the_command_writes_what_the_portal_reads(
        self,
        data: Path,
        published: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(published.parent)
        assert main(["explain", "--data", str(data)]) == 0
        assert "models/explanations/ultrasound.json" in capsys.readouterr().out
        assert read(published / "explanations", "ultrasound") == measure(BUSI, data, published)
