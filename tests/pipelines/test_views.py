from pathlib import Path

import cv2
import numpy as np
import pytest

from models.catalogue import MODALITIES
from pipelines.teacher import Teacher
from pipelines.views import PIXELS, Part, ViewPlan, Views, widened
from tests.pipelines.conftest import Run
from tests.pipelines.schools import modules

PLAN = ViewPlan(parts=2, batch=2, share={"ultrasound": 4}, usual_share=2)


def views(work: Path, folder: Path, plan: ViewPlan = PLAN, **fields: object) -> Views:
    return Views(modules(work, **fields), folder, plan)


@pytest.fixture(scope="module")
def drawn(all_prepared: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of views; only to be read."""
    folder = tmp_path_factory.mktemp("views")
    views(all_prepared.work, folder).draw()
    return folder


def parts(work: Path, folder: Path) -> list[Part]:
    return list(views(work, folder))


def test_a_part_has_its_share_of_every_modality_half_of_it_positive(
    all_prepared: Run, drawn: Path
) -> None:
    for part in parts(all_prepared.work, drawn):
        columns = range(len(MODALITIES))
        assert [int(np.sum(part.column == column)) for column in columns] == [2, 4, 2]
        for column in columns:
            assert part.labels[part.column == column].mean() == 0.5
        assert part.images.shape == (8, PIXELS, PIXELS, 3)
        assert part.images.dtype == np.uint8
        assert [len(array) for array in (part.fine, part.coarse, part.pooled)] == [8, 8, 8]


def test_only_training_images_are_shown(all_prepared: Run, drawn: Path) -> None:
    for part in parts(all_prepared.work, drawn):
        for column, module in enumerate(modules(all_prepared.work)):
            assert set(part.groups[part.column == column]) <= set(module.groups("train"))


def test_parts_differ(all_prepared: Run, drawn: Path) -> None:
    first, second = parts(all_prepared.work, drawn)
    assert (first.images != second.images).any()


def test_what_is_drawn_stays_and_what_is_missing_is_drawn_alike(
    all_prepared: Run, tmp_path: Path
) -> None:
    views(all_prepared.work, tmp_path).draw()
    before, after = sorted(tmp_path.rglob("*.npz"))
    kept, content = before.stat().st_mtime_ns, parts(all_prepared.work, tmp_path)[1]
    after.unlink()
    (after.parent / "part.npz").write_bytes(b"half of one")  # as a kill leaves it
    views(all_prepared.work, tmp_path).draw()
    assert before.stat().st_mtime_ns == kept
    assert sorted(tmp_path.rglob("*.npz")) == [before, after]
    again = parts(all_prepared.work, tmp_path)[1]
    assert (again.images == content.images).all()
    np.testing.assert_allclose(again.pooled, content.pooled, atol=1e-2)


def test_views_of_other_settings_lie_elsewhere(all_prepared: Run, drawn: Path) -> None:
    other = views(all_prepared.work, drawn, seed=12)
    with pytest.raises(FileNotFoundError):
        list(other)


@pytest.mark.parametrize("modality", MODALITIES)
def test_limits_are_wider_and_colour_comes_only_where_there_is_any(modality: str) -> None:
    own = MODALITIES[modality].augmentation
    wide = widened(own)
    for name in ("rotation", "zoom", "brightness", "contrast"):
        assert getattr(wide, name) >= getattr(own, name)
    assert (wide.hue > 0) == (own.hue > 0)
    assert (wide.saturation > 0) == (own.saturation > 0)
    assert (wide.horizontal_flip, wide.vertical_flip) == (own.horizontal_flip, own.vertical_flip)


def test_a_view_is_what_the_teacher_saw_at_half_the_side(all_prepared: Run, drawn: Path) -> None:
    work = all_prepared.work
    column = list(MODALITIES).index("ultrasound")
    part = parts(work, drawn)[0]
    shown = part.images[part.column == column][0].astype(np.float32)
    enlarged = cv2.resize(shown, (224, 224), interpolation=cv2.INTER_LINEAR)
    seen = Teacher().see(enlarged[None]).pooled[0].astype(np.float32)
    own = part.pooled[part.column == column].astype(np.float32)
    distances = np.linalg.norm(own - seen, axis=1)
    assert distances.argmin() == 0
