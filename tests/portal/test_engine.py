import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import openvino
import pytest

from models import precision
from models.catalogue import ModelKey, model_keys
from models.checkpoint import MissingCheckpoint
from models.files import file_sha256
from models.precision import LOWER, Precision, PrecisionRecord
from pipelines.precisions import measure
from portal.engine import open_network
from portal.errors import PrecisionRefused
from portal.network_cache import Blob, NetworkCache
from portal.postponed import Postponed
from tests.fakes import pixels, tiny_model
from tests.networks import SmallNetwork, images

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def measured_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with three convolutions and the record of its precisions."""
    checkpoint = SmallNetwork.made().write(tmp_path_factory.mktemp("measured") / "checkpoints")
    record = measure(checkpoint, images(6), images(4, first=50), images(9, first=50))
    assert all(moves.small for moves in record.moves.values())
    precision.write(checkpoint, record)
    return checkpoint


@pytest.fixture
def measured(measured_once: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    shutil.copytree(measured_once.parents[2], tmp_path / "models")
    return tmp_path / "models" / measured_once.relative_to(measured_once.parents[2])


def tensor(seed: int) -> np.ndarray:
    return pixels(seed, (224, 224))[np.newaxis].astype(np.float32)


def by_hand(model: object, image: np.ndarray) -> float:
    """The tiny model in NumPy, in 64-bit floats; Keras may compute in 16 bits on some machines."""
    kernel, bias, dense, offset = (np.asarray(w, dtype=np.float64) for w in model.get_weights())
    blocks = (image[0] / 255.0).reshape(28, 8, 28, 8, 3).transpose(0, 2, 1, 3, 4)
    features = blocks.reshape(784, 192) @ kernel.reshape(192, 4) + bias
    logit = np.maximum(features, 0).mean(axis=0) @ dense + offset
    return float(1 / (1 + np.exp(-logit[0])))


@pytest.mark.parametrize("index", [0, 4, 8])
def test_a_compiled_network_answers_as_the_model_does(installed: Path, index: int) -> None:
    key: ModelKey = model_keys()[index]
    network = open_network(installed / key.checkpoint)
    for seed in range(3):
        expected = by_hand(tiny_model(index), tensor(seed))
        assert network(tensor(seed)) == pytest.approx(expected, abs=1e-5)


def test_many_threads_may_ask_at_once(installed: Path) -> None:
    network = open_network(installed / model_keys()[0].checkpoint)
    images = [tensor(seed) for seed in range(8)]
    expected = [network(image) for image in images]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(network, images * 10)) == expected * 10


def test_many_threads_may_open_at_once(installed: Path) -> None:
    paths = [installed / key.checkpoint for key in model_keys()]
    with ThreadPoolExecutor(8) as pool:
        networks = list(pool.map(open_network, paths))
    assert len({network(tensor(1)) for network in networks}) == len(paths)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingCheckpoint):
        open_network(tmp_path / "absent.h5")


class TestCache:
    @pytest.fixture
    def cache(self, tmp_path: Path) -> NetworkCache:
        return NetworkCache(tmp_path / "cache")

    @pytest.fixture
    def checkpoint(self, installed: Path) -> Path:
        return installed / model_keys()[3].checkpoint

    def test_a_network_from_the_cache_gives_the_same_answer(
        self, cache: NetworkCache, checkpoint: Path
    ) -> None:
        expected = open_network(checkpoint)(tensor(1))
        assert open_network(checkpoint, cache)(tensor(1)) == expected
        assert open_network(checkpoint, cache)(tensor(1)) == expected

    def test_it_is_kept_under_the_checkpoints_hash_and_the_precision(
        self, cache: NetworkCache, measured: Path
    ) -> None:
        for name in ("f32", "bf16", "int8"):
            open_network(measured, cache, name)
        names = sorted(file.name for file in cache.folder.iterdir())
        digest = file_sha256(measured)
        expected = [f"{digest}-bf16", f"{digest}-f32", f"{digest}-int8"]
        assert [name.rpartition("-")[0] for name in names] == expected

    def test_other_ranges_make_another_network(self, cache: NetworkCache, measured: Path) -> None:
        open_network(measured, cache, "int8")
        record = precision.read(measured)
        assert record is not None
        other = replace(record, quantisation=replace(record.quantisation, shift=0.001))
        precision.write(measured, other)
        open_network(measured, cache, "int8")
        assert len(list(cache.folder.iterdir())) == 2

    def test_a_second_opening_writes_nothing(self, cache: NetworkCache, checkpoint: Path) -> None:
        open_network(checkpoint, cache)
        (file,) = cache.folder.iterdir()
        before = file.stat().st_ino
        open_network(checkpoint, cache)
        assert file.stat().st_ino == before

    def test_another_checkpoint_under_the_same_name_is_another_network(
        self, cache: NetworkCache, installed: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "model.h5"
        answers = []
        for key in model_keys()[:2]:
            path.write_bytes((installed / key.checkpoint).read_bytes())
            answers.append(open_network(path, cache)(tensor(1)))
        assert answers[0] != answers[1]

    def test_a_damaged_network_is_made_again(self, cache: NetworkCache, checkpoint: Path) -> None:
        expected = open_network(checkpoint, cache)(tensor(1))
        (file,) = cache.folder.iterdir()
        file.write_bytes(file.read_bytes()[:-1])
        assert open_network(checkpoint, cache)(tensor(1)) == expected
        whole = cache.read(file.name.removesuffix(".network"))
        assert whole is not None
        whole.give_back()

    def test_a_network_that_openvino_does_not_take_is_made_again(
        self, cache: NetworkCache, checkpoint: Path
    ) -> None:
        expected = open_network(checkpoint, cache)(tensor(1))
        (file,) = cache.folder.iterdir()
        foreign = cache.write(file.name.removesuffix(".network"), memoryview(b"made elsewhere"))
        assert foreign is not None
        foreign.give_back()
        size = file.stat().st_size
        assert open_network(checkpoint, cache)(tensor(1)) == expected
        assert file.stat().st_size > size

    def test_it_answers_when_the_folder_is_deleted(
        self, cache: NetworkCache, checkpoint: Path
    ) -> None:
        network = open_network(checkpoint, cache)
        expected = network(tensor(1))
        shutil.rmtree(cache.folder)
        assert network(tensor(1)) == expected
        assert open_network(checkpoint, cache)(tensor(1)) == expected

    def test_it_answers_without_a_usable_folder(self, checkpoint: Path, tmp_path: Path) -> None:
        (tmp_path / "taken").touch()
        network = open_network(checkpoint, NetworkCache(tmp_path / "taken"))
        assert network(tensor(1)) == open_network(checkpoint)(tensor(1))


class TestKeptLater:
    @pytest.fixture
    def cache(self, tmp_path: Path) -> NetworkCache:
        return NetworkCache(tmp_path / "cache")

    @pytest.fixture
    def later(self) -> Iterator[Postponed]:
        """One whose time does not come by itself."""
        later = Postponed(60)
        yield later
        later.finish()

    @pytest.fixture
    def checkpoint(self, installed: Path) -> Path:
        return installed / model_keys()[3].checkpoint

    def test_it_answers_before_it_is_kept_and_alike_afterwards(
        self, cache: NetworkCache, checkpoint: Path, later: Postponed
    ) -> None:
        network = open_network(checkpoint, cache, later=later)
        expected = network(tensor(1)), network.look(tensor(1)).features
        assert list(cache.folder.iterdir()) == []
        later.finish()
        (file,) = cache.folder.iterdir()
        assert file.suffix == ".network"
        assert network(tensor(1)) == pytest.approx(expected[0], abs=1e-6)
        assert network.look(tensor(1)).features == pytest.approx(expected[1], abs=1e-5)
        assert open_network(checkpoint, cache)(tensor(1)) == network(tensor(1))

    def test_threads_that_ask_meanwhile_get_the_same_answers(
        self, cache: NetworkCache, checkpoint: Path, later: Postponed
    ) -> None:
        network = open_network(checkpoint, cache, later=later)
        images = [tensor(seed) for seed in range(8)]
        expected = [network(image) for image in images]
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(network, images * 40)
            later.finish()
            assert list(answers) == pytest.approx(expected * 40, abs=1e-6)

    def test_the_next_opening_has_it_kept_first(
        self, cache: NetworkCache, installed: Path, later: Postponed
    ) -> None:
        for count, key in enumerate(model_keys()[:3]):
            open_network(installed / key.checkpoint, cache, later=later)
            assert len(list(cache.folder.iterdir())) == count

    def test_one_from_the_cache_is_not_kept_again(
        self, cache: NetworkCache, checkpoint: Path, later: Postponed
    ) -> None:
        open_network(checkpoint, cache)
        (file,) = cache.folder.iterdir()
        before = file.stat().st_ino
        open_network(checkpoint, cache, later=later)
        later.finish()
        assert file.stat().st_ino == before

    def test_it_answers_when_the_folder_is_gone_by_then(
        self, cache: NetworkCache, checkpoint: Path, later: Postponed
    ) -> None:
        network = open_network(checkpoint, cache, later=later)
        expected = network(tensor(1))
        shutil.rmtree(cache.folder)
        later.finish()
        assert network(tensor(1)) == expected

    def test_two_processes_may_keep_the_same(
        self, cache: NetworkCache, checkpoint: Path, later: Postponed
    ) -> None:
        network = open_network(checkpoint, cache, later=later)
        other = open_network(checkpoint, NetworkCache(cache.folder))
        later.finish()
        assert len(list(cache.folder.iterdir())) == 1
        assert network(tensor(1)) == other(tensor(1))

    def test_a_failure_to_keep_it_is_logged_and_no_more(
        self, checkpoint: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, later: Postponed
    ) -> None:
        network = open_network(checkpoint, FailingCache(tmp_path), later=later)
        expected = network(tensor(1))
        later.finish()
        assert network(tensor(1)) == expected
        assert "could not be kept" in caplog.text


class FailingCache(NetworkCache):
    """A cache that fails in a way that nobody foresaw."""

    def write(self, name: str, content: memoryview) -> Blob | None:
        raise RuntimeError(f"no {name} of {len(content)} bytes")


def _computes_at(lower: Precision) -> bool:
    """Whether this processor has such arithmetic; without bf16's OpenVINO computes in f32."""
    found = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return lower != "bf16" or "BF16" in found


class TestLowerPrecisions:
    @pytest.mark.parametrize("lower", LOWER)
    def test_answers_are_nearly_those_of_f32(self, measured: Path, lower: Precision) -> None:
        exact, rough = open_network(measured), open_network(measured, precision=lower)
        for image in images(3, first=70):
            assert rough(image) == pytest.approx(exact(image), abs=0.02)
            assert (rough(image) != exact(image)) is _computes_at(lower)

    def test_a_cached_one_gives_the_same_answer(self, measured: Path, tmp_path: Path) -> None:
        (image,) = images(1)
        expected = open_network(measured, precision="int8")(image)
        for _ in range(2):
            assert open_network(measured, NetworkCache(tmp_path / "c"), "int8")(image) == expected

    @pytest.mark.parametrize("lower", LOWER)
    def test_a_model_that_nobody_measured_refuses(self, measured: Path, lower: Precision) -> None:
        precision.record_path(measured).unlink()
        with pytest.raises(PrecisionRefused, match="python -m pipelines precisions"):
            open_network(measured, precision=lower)
        assert open_network(measured)(*images(1)) > 0

    def test_a_record_of_other_weights_is_refused(self, measured: Path) -> None:
        self.change(measured, fingerprint="f" * 16)
        with pytest.raises(PrecisionRefused, match="received one of ffffffffffffffff"):
            open_network(measured, precision="int8")

    @pytest.mark.parametrize(
        ("moved", "words"), [({"largest": 0.0231}, "move of 0.023"), ({"changed": 1}, "1 of 9")]
    )
    def test_a_model_whose_answers_moved_too_far_refuses_that_precision_alone(
        self, measured: Path, moved: dict[str, float], words: str
    ) -> None:
        record = self.record(measured)
        moves = {**record.moves, "bf16": replace(record.moves["bf16"], **moved)}
        self.change(measured, moves=moves)
        with pytest.raises(PrecisionRefused, match=words):
            open_network(measured, precision="bf16")
        assert open_network(measured, precision="int8")(*images(1)) > 0

    def test_a_processor_that_computes_otherwise_is_refused(self, measured: Path) -> None:
        record = self.record(measured)
        probes = tuple(answer + 0.1 for answer in record.moves["int8"].probes)
        moves = {**record.moves, "int8": replace(record.moves["int8"], probes=probes)}
        self.change(measured, moves=moves)
        with pytest.raises(PrecisionRefused, match="this processor"):
            open_network(measured, precision="int8")

    def record(self, checkpoint: Path) -> PrecisionRecord:
        found = precision.read(checkpoint)
        assert found is not None
        return found

    def change(self, checkpoint: Path, **fields: object) -> None:
        precision.write(checkpoint, replace(self.record(checkpoint), **fields))


@pytest.mark.parametrize("module", ["layers", "byte_floats"])
def test_other_code_makes_other_networks(tmp_path: Path, module: str) -> None:
    for room in ("models", "portal"):
        skipped = shutil.ignore_patterns("checkpoints", "__pycache__")
        shutil.copytree(ROOT / room, tmp_path / room, ignore=skipped)
    code = [sys.executable, "-c", "from portal import engine; print(engine._here())"]
    made = []
    for _ in range(2):
        found = subprocess.run(code, cwd=tmp_path, capture_output=True, text=True, check=True)
        made.append(found.stdout)
        with (tmp_path / "models" / f"{module}.py").open("a") as source:
            source.write("# another\n")
    assert made[0] != made[1]


def test_no_keras_takes_part(installed: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from portal.engine import open_network; "
        "from portal.network_cache import NetworkCache; "
        f"open_network(Path({str(installed / model_keys()[0].checkpoint)!r}), "
        f"NetworkCache(Path({str(tmp_path)!r}))); "
        "print(sorted({'keras', 'tensorflow', 'scipy'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"


def test_openvino_is_kept_from_telling_others_of_its_use(tmp_path: Path) -> None:
    code = "import portal, openvino, sys; print(sys.modules['openvino_telemetry'])"
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout == "None\n"
    assert list(tmp_path.iterdir()) == []
