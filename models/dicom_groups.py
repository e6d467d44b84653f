"""Functional groups: what enhanced DICOM images say of each frame, or of all of them at once."""

from pydicom.dataset import Dataset


def functional_group(elements: Dataset, name: str, frame: int) -> Dataset:
    """A functional group of a frame: its own, or the one that all share; empty if there is none.

    Args:
        elements: of the file.
        name: keyword of the group's sequence: "PixelMeasuresSequence".
        frame: from 0.

    Source: DICOM PS3.3 C.7.6.16, Multi-frame Functional Groups.
    """
    own = elements.get("PerFrameFunctionalGroupsSequence") or []
    shared = elements.get("SharedFunctionalGroupsSequence") or []
    for item in (*own[frame : frame + 1], *shared[:1]):
        if item.get(name):
            return Dataset(item[name].value[0])
    return Dataset()
