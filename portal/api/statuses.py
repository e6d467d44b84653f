"""The HTTP status of each kind of refusal. A page shows a refusal in place; a program needs one."""

from collections.abc import Mapping
from types import MappingProxyType

from models.card import InvalidCard
from models.catalogue import UnknownEntry
from models.checkpoint import CheckpointRefused
from models.decoded import ImageRefused, NoRoomToRead
from models.errors import Refusal
from portal.api.errors import NotAForm, RepeatedField, UnknownParameter
from portal.errors import (
    CrossSitePost,
    FieldRefused,
    ModelUnavailable,
    NoImageChosen,
    NoImageSent,
    NoRoomForUpload,
    NoStudy,
    NotDicom,
    NoTurn,
    PortalBusy,
    PrecisionRefused,
    SignInNeeded,
    TooManyImages,
    TooManyTries,
    TooManyUploads,
    UnknownField,
    UnreadableForm,
    UploadTooLarge,
    UploadTooSlow,
    WrongPassword,
    WrongSuffix,
)
from portal.gatekeeper import ForeignImage
from portal.region import RegionRefused

UNREADABLE = 422
"""Of a refusal that is not told apart below: the request is sound, its image cannot be used."""

_AT_THE_DOOR = (SignInNeeded, WrongPassword, CrossSitePost, TooManyUploads, TooManyTries, NoTurn)

STATUSES: Mapping[type[Refusal], int] = MappingProxyType(
    {
        UnknownParameter: 400,
        UnknownField: 400,
        RepeatedField: 400,
        FieldRefused: 400,
        UnreadableForm: 400,
        NoImageSent: 400,
        NoImageChosen: 400,
        TooManyImages: 400,
        **{kind: kind.status for kind in _AT_THE_DOOR},
        UnknownEntry: 404,
        UploadTooSlow: 408,
        UploadTooLarge: 413,
        NotAForm: 415,
        WrongSuffix: UNREADABLE,
        NotDicom: UNREADABLE,
        NoStudy: UNREADABLE,
        ImageRefused: UNREADABLE,
        ForeignImage: UNREADABLE,
        RegionRefused: UNREADABLE,
        CheckpointRefused: 503,
        InvalidCard: 503,
        ModelUnavailable: 503,
        PrecisionRefused: 503,
        NoRoomForUpload: 503,
        NoRoomToRead: 503,
        PortalBusy: 503,
    }
)
"""A kind that is not listed has the status of the nearest of its bases."""


def status_of(kind: type[Refusal]) -> int:
    """The status of a kind of refusal."""
    return next((STATUSES[base] for base in kind.__mro__ if base in STATUSES), UNREADABLE)


def kinds() -> tuple[type[Refusal], ...]:
    """Every kind with a title of its own, by status; those below a listed one are among them."""
    found = {kind for listed in STATUSES for kind in _with_all_below(listed)}
    titled = [kind for kind in found if "title" in vars(kind)]
    return tuple(sorted(titled, key=lambda kind: (status_of(kind), kind.__name__)))


def _with_all_below(kind: type[Refusal]) -> tuple[type[Refusal], ...]:
    below = (one for direct in kind.__subclasses__() for one in _with_all_below(direct))
    return (kind, *below)
