import pytest

from models.catalogue import MODALITIES
from models.imaging import decode
from models.specs import ModalitySpec
from portal.part import Part
from portal.region import NoRegions, RegionNeeded, SquareOutside
from portal.wishes import Wishes
from tests.fakes import encoded, pixels

PARTED = [modality for modality in MODALITIES.values() if modality.region]
WHOLE = [modality for modality in MODALITIES.values() if not modality.region]
LARGE = decode(encoded(pixels(size=(900, 600))))
SMALL = decode(encoded(pixels(size=(400, 300))))
SQUARE = Wishes(left=10, top=20, side=200)

each_parted = pytest.mark.parametrize("modality", PARTED, ids=lambda each: each.key)
each_whole = pytest.mark.parametrize("modality", WHOLE, ids=lambda each: each.key)


@each_parted
def test_a_large_image_is_not_shrunk_unasked(modality: ModalitySpec) -> None:
    with pytest.raises(RegionNeeded, match="900 x 600 pixels") as caught:
        Part.of(LARGE, modality, Wishes()).require()
    assert str(modality.region.side) in caught.value.expected


@each_parted
def test_it_is_shrunk_when_asked_and_said(modality: ModalitySpec) -> None:
    part = Part.of(LARGE, modality, Wishes(extent="whole"))
    part.require()
    assert part.image is LARGE
    assert part.sentences == ("Analysed: the whole 900 x 600 image, shrunk, as asked",)
    assert "may mean nothing" in str(part.warning)


@each_parted
def test_a_whole_that_came_small_is_not_shrunk_unasked_either(modality: ModalitySpec) -> None:
    with pytest.raises(RegionNeeded, match="400 x 300 pixels that looks like a whole film"):
        Part.of(SMALL, modality, Wishes()).require("whole film")
    for wishes in (SQUARE, Wishes(extent="whole")):
        Part.of(SMALL, modality, wishes).require("whole film")


@each_parted
def test_a_square_is_read_like_an_upload(modality: ModalitySpec) -> None:
    for image in (LARGE, SMALL):
        part = Part.of(image, modality, SQUARE)
        part.require()
        assert part.image.side == 200
        assert part.warning is None
        assert part.sentences[0].startswith("Analysed: 200 x 200 pixels from left 10, top 20 of")


@each_parted
def test_an_image_of_one_region_is_read_as_it_is(modality: ModalitySpec) -> None:
    part = Part.of(SMALL, modality, Wishes())
    part.require()
    assert part.image is SMALL
    assert (part.sentences, part.warning) == ((), None)


@each_parted
@pytest.mark.parametrize("more", [0, 1])
def test_twice_the_side_is_the_limit(modality: ModalitySpec, more: int) -> None:
    side = modality.region.largest_in(None) + more
    part = Part.of(decode(encoded(pixels(size=(50, side)))), modality, Wishes())
    assert part.shrunk == bool(more)


@each_parted
def test_a_square_outside_is_refused(modality: ModalitySpec) -> None:
    with pytest.raises(SquareOutside):
        Part.of(SMALL, modality, Wishes(left=300, top=0, side=200))


@each_whole
def test_what_is_read_whole_has_no_squares(modality: ModalitySpec) -> None:
    with pytest.raises(NoRegions, match="a square of one"):
        Part.of(LARGE, modality, SQUARE)
    part = Part.of(LARGE, modality, Wishes())
    part.require()
    assert (part.image, part.sentences, part.warning) == (LARGE, (), None)
