"""Statuses of refusals."""

import pytest

from models.checkpoint import MissingCheckpoint
from models.decoded import DamagedImage, FrameRefused, ImageRefused, NoRoomToRead
from models.errors import Refusal
from portal.api.statuses import kinds, status_of
from portal.errors import NoTurn, PortalBusy, UploadRefused, UploadTooLarge, UploadTooSlow
from portal.region import RegionRefused


class NewImageRefused(ImageRefused):
    title = "An image of a new kind"


class NewUploadRefused(UploadRefused):
    pass


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (DamagedImage, 422),
        (NewImageRefused, 422),
        (NewUploadRefused, 422),
        (UploadTooSlow, 408),
        (UploadTooLarge, 413),
        (NoTurn, 429),
        (MissingCheckpoint, 503),
        (PortalBusy, 503),
        (NoRoomToRead, 503),
    ],
)
def test_a_kind_has_the_status_of_its_nearest_base(kind: type[Refusal], status: int) -> None:
    assert status_of(kind) == status


def test_kinds_are_named_once_by_status() -> None:
    found = kinds()
    assert {DamagedImage, MissingCheckpoint, NewImageRefused} <= set(found)
    assert not {FrameRefused, RegionRefused} & set(found)  # nothing but bases of others
    assert len({kind.__name__ for kind in found}) == len(found)
    assert [status_of(kind) for kind in found] == sorted(status_of(kind) for kind in found)
