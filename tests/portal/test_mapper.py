"""Mapper with a model that is handed in."""

import io
import socket
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from werkzeug.datastructures import FileStorage, MultiDict

from models.catalogue import MODALITIES, Cohort, cohorts
from models.gate import Gate
from models.specs import ModalitySpec
from portal.checkpoint_store import CheckpointStore
from portal.client import Client, ClientLeft
from portal.errors import PortalBusy
from portal.file_manager import FileManager
from portal.gate_store import GateStore
from portal.gatekeeper import Gatekeeper
from portal.image_loader import ImageLoader, PreparedImage
from portal.intake import Intake
from portal.mapper import Mapper
from portal.model_loader import ModelLoader
from portal.prediction_queue import PredictionQueue
from portal.predictor import Predictor, SinglePage
from portal.square import Square
from portal.sweep import Progress
from portal.upload import Upload
from tests.fakes import encoded, film, pixels, write_gates

PARTED = next(each for each in MODALITIES.values() if each.region)
UNPARTED = next(each for each in MODALITIES.values() if not each.region)


def cohort(modality: str) -> Cohort:
    return next(each for each in cohorts() if each.modality.key == modality)


def upload(picture: np.ndarray, **fields: str) -> Upload:
    file = FileStorage(io.BytesIO(encoded(picture)), filename="a.png")
    return Upload(files=MultiDict([("image", file)]), fields={"extent": "sweep", **fields})


def brightness(_path: Path) -> Callable[[np.ndarray], float]:
    """A model that says how bright an image is."""
    return lambda tensor: float(tensor.mean() / 255)


def fails(_path: Path) -> Callable[[np.ndarray], float]:
    raise RuntimeError("secret words")


class FullLoader(ImageLoader):
    """Finds no memory to prepare a square in."""

    def prepare(self, *_arguments: object) -> PreparedImage:
        raise MemoryError


class FullStore(GateStore):
    """Finds no memory to say which sides may be sent."""

    def usable(self, _modality: ModalitySpec) -> Gate | None:
        raise MemoryError


Make = Callable[..., Mapper]


@pytest.fixture
def make(installed: Path, gates: Path, tmp_path: Path) -> Make:
    def made(
        opener: Callable[[Path], Callable[[np.ndarray], float]] = brightness,
        *,
        modality: str = PARTED.key,
        guarded: Path = gates,
        queue: PredictionQueue | None = None,
        images: type[ImageLoader] = ImageLoader,
        store: type[GateStore] = GateStore,
    ) -> Mapper:
        checkpoints = CheckpointStore(installed)
        intake = Intake(
            files=FileManager(tmp_path / "uploads"),
            images=images(),
            gatekeeper=Gatekeeper(gates=store(guarded)),
        )
        predictor = Predictor(
            key=cohort(modality).keys[0],
            intake=intake,
            checkpoints=checkpoints,
            models=ModelLoader(checkpoints, opener=opener),
        )
        queue = queue or PredictionQueue(running=1, waiting=0)
        return Mapper(predictor=predictor, queue=queue)

    return made


def run(
    steps: Generator[Progress, None, SinglePage],
) -> tuple[list[Progress], SinglePage]:
    """Every step, and the page they lead to."""
    seen: list[Progress] = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return seen, end.value


def test_every_square_is_asked_like_an_upload(make: Make) -> None:
    mapper, picture = make(), film()
    seen, page = run(mapper.steps(upload(picture)))
    assert page.sweep is not None
    assert page.banner is None
    tiles = page.sweep.tiles
    assert [step.done for step in seen] == list(range(len(tiles)))
    assert {step.total for step in seen} == {len(tiles)}
    for tile in tiles[:3]:
        square = {name: str(getattr(tile.region, name)) for name in ("left", "top", "side")}
        alone = mapper.predictor.answer(upload(picture, **square, extent="square"))
        assert alone.verdict is not None
        assert alone.verdict.probability == tile.probability
        assert alone.region == tile.region


def test_a_map_ends_where_its_client_leaves(make: Make) -> None:
    queue = PredictionQueue(running=1, waiting=0)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        steps = make(queue=queue).steps(replace(upload(film()), client=Client(ours)))
        assert [next(steps).done for _ in range(3)] == [0, 1, 2]
        theirs.close()
        with pytest.raises(ClientLeft):
            next(steps)
    assert queue.running == 0


def test_an_answer_is_the_end_of_the_steps(make: Make) -> None:
    mapper = make()
    _, page = run(mapper.steps(upload(film())))
    answer = mapper.answer(upload(film()))
    assert answer.sweep is not None
    assert page.sweep is not None
    assert answer.sweep.tiles == page.sweep.tiles


def test_the_page_says_what_came_and_sets_the_highest_square(make: Make) -> None:
    _, page = run(make().steps(upload(film())))
    assert page.sweep is not None
    assert page.plan is not None
    high = page.sweep.highest.region
    assert page.plan.square == Square(left=high.left, top=high.top, side=high.side)
    assert page.checks[0] == "PNG, 8 bits per channel, 900 x 700 pixels"
    assert "The whole image, compared with 270 training images" in page.checks[1]
    assert page.wishes.extent == "square"
    assert (page.verdict, page.result) == (None, None)
    assert {"read", "gate", "prepare", "open", "wait", "infer"} <= set(page.stages)


def test_squares_that_the_gate_would_refuse_are_left_out(make: Make) -> None:
    picture = film()
    picture[: picture.shape[0] // 2] = 200  # blank, and no background
    _, page = run(make().steps(upload(picture)))
    _, anyway = run(make().steps(upload(picture, anyway="yes")))
    assert page.sweep is not None
    assert anyway.sweep is not None
    assert page.sweep.unlike == anyway.sweep.unlike > 0


def test_a_foreign_image_is_refused_as_an_upload_is(make: Make, tmp_path: Path) -> None:
    strict = write_gates(tmp_path / "gates", coloured=(0.0, 0.0))
    steps = make(guarded=strict).steps(upload(pixels(size=(900, 700))))
    seen, page = run(steps)
    assert seen == []
    assert page.banner is not None
    assert page.banner.reason == "ColouredImage"
    assert page.preview is not None
    assert page.plan is not None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"side": "701"}, "SquareOutside"),
        ({"side": "16"}, "TooManySquares"),
        ({"colour": "blue"}, "UnknownField"),
    ],
)
def test_a_wrong_wish_is_a_banner(make: Make, fields: dict[str, str], reason: str) -> None:
    seen, page = run(make().steps(upload(film(), **fields)))
    assert seen == []
    assert page.sweep is None
    assert page.banner is not None
    assert page.banner.reason == reason
    assert (page.plan is None) == (reason == "UnknownField")


def test_squares_that_the_gate_would_all_refuse_are_not_begun(make: Make, tmp_path: Path) -> None:
    mapper = make(guarded=write_gates(tmp_path / "gates", least_side=300))
    seen, page = run(mapper.steps(upload(film(), side="299")))
    assert seen == []
    assert page.banner is not None
    assert page.banner.reason == "SmallSquares"
    assert "at least 300 pixels" in page.banner.expected
    assert page.plan is not None
    assert page.plan.square.side == page.plan.least == 300
    _, page = run(mapper.steps(upload(film())))  # which is asked for by itself
    assert page.sweep is not None
    assert page.sweep.grid.side == 300


def test_a_machine_that_is_full_by_a_square_says_so(make: Make) -> None:
    seen, page = run(make(images=FullLoader).steps(upload(film())))
    assert [step.done for step in seen] == [0]
    assert page.banner is not None
    assert (page.banner.reason, page.status) == ("NoRoomToRead", 503)


def test_a_machine_that_is_full_when_a_square_is_to_be_placed_says_so(make: Make) -> None:
    square = {"left": "0", "top": "0", "side": "701", "extent": "square"}  # outside the image
    page = make(store=FullStore).predictor.answer(upload(film(), **square))
    assert page.banner is not None
    assert (page.banner.reason, page.status) == ("NoRoomToRead", 503)


def test_black_film_is_nothing_to_map(make: Make) -> None:
    picture = np.zeros((600, 600, 3), np.uint8)
    picture[:60, :60] = pixels(size=(60, 60))
    _, page = run(make().steps(upload(picture)))
    assert page.banner is not None
    assert page.banner.reason == "NothingToMap"


def test_images_that_are_read_whole_are_not_mapped(make: Make) -> None:
    _, page = run(make(modality=UNPARTED.key).steps(upload(film())))
    assert page.banner is not None
    assert page.banner.reason == "NoMaps"


def test_a_model_that_fails_is_a_banner(make: Make) -> None:
    _, page = run(make(fails).steps(upload(film())))
    assert page.banner is not None
    assert "secret words" not in str(page.banner)


def test_a_turn_is_held_and_given_back(make: Make) -> None:
    queue = PredictionQueue(running=1, waiting=0)
    steps = make(queue=queue).steps(upload(film()))
    next(steps)
    assert queue.running == 1
    with pytest.raises(PortalBusy), queue.turn():
        pass
    steps.close()  # as when a reader leaves
    assert queue.running == 0


def test_the_file_is_gone_before_the_first_square(make: Make, tmp_path: Path) -> None:
    steps = make().steps(upload(film()))
    next(steps)
    assert list((tmp_path / "uploads").iterdir()) == []
    steps.close()
