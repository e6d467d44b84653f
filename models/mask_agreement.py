"""How well heat-maps agree with the lesions that experts outlined: measured, kept, read again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from models.card import Estimate, InvalidCard
from models.catalogue import MODALITIES, find_model
from models.errors import Refusal
from models.files import replace_file

FORMAT = 1


class InvalidAgreement(Refusal):
    title = "The measured agreement of heat-maps and outlines cannot be used"
    action = "Measure it again with `python -m pipelines explain`."


def _check(condition: bool, expected: str, received: object) -> None:
    if not condition:
        raise InvalidAgreement(expected=expected, received=str(received))


def _check_format(found: object) -> None:
    _check(found == FORMAT, f"a record of format {FORMAT}", found)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskAgreement:
    """Heat-maps of one model, for the labels it said, beside the outlines of test images.

    Shares are of images, or means over images, in [0, 1].
    """

    images: int
    silent: int  # images in which no field spoke for the label; they count as missed
    pointed: int  # images in which the middle of the strongest field lies in the outline
    pointing: Estimate  # the same as a share, with Wilson's interval
    pointing_elsewhere: float  # the same with the outlines of all other images
    middle: float  # share of images whose own middle lies in the outline
    energy: Estimate  # share of the map's sum that lies in the outline
    energy_elsewhere: float  # the same with the outlines of all other images
    area: float  # share of the image in the outline: what a random point, or an even map, gets

    def __post_init__(self) -> None:
        counts = (self.pointed, self.silent)
        _check(self.images > 0, "images", self.images)
        _check(min(counts) >= 0 and sum(counts) <= self.images, "counts within the images", counts)
        shares = (self.pointing_elsewhere, self.middle, self.energy_elsewhere, self.area)
        _check(all(0.0 <= share <= 1.0 for share in shares), "shares in [0, 1]", shares)

    @property
    def points_better(self) -> bool:
        """Whether the strongest field finds lesions surely more often than chance."""
        return self.pointing.low > max(self.area, self.pointing_elsewhere)

    @property
    def heats_better(self) -> bool:
        """Whether surely more of the heat lies in lesions than by chance."""
        return self.energy.low > max(self.area, self.energy_elsewhere)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAgreement:
    """One model's agreement, by the true label of the images."""

    fingerprint: str  # of the weights that were measured
    by_label: Mapping[str, MaskAgreement]  # label -> agreement, the positive label first


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRecord:
    """What was measured for the models of one modality."""

    modality: str  # key in the catalogue
    data: str  # "BUSI"
    split_sha256: str  # of the split whose test images were looked at
    models: Mapping[str, ModelAgreement]  # slug -> agreement
    format: int = field(default=FORMAT)

    def __post_init__(self) -> None:
        _check_format(self.format)
        _check(self.modality in MODALITIES, f"a modality: {', '.join(MODALITIES)}", self.modality)
        for slug, measured in self.models.items():
            key = find_model(slug)
            _check(key.modality.key == self.modality, f"models of {self.modality}", slug)
            labels = tuple(measured.by_label)
            _check(labels == key.modality.labels[::-1], "both labels, the positive first", labels)

    def of(self, slug: str, fingerprint: str) -> ModelAgreement | None:
        """What was measured of a model with these very weights, if it was."""
        found = self.models.get(slug)
        return found if found is not None and found.fingerprint == fingerprint else None

    def write(self, folder: Path) -> Path:
        """Write the record to its place in a folder, whole or not at all."""
        path = place(folder, self.modality)
        replace_file(path, (json.dumps(asdict(self), indent=1) + "\n").encode())
        return path

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The record of a JSON text.

        Raises:
            InvalidAgreement: the text is no JSON object, its format is another, or a field is
                missing, unknown or wrong.
        """
        try:
            raw = json.loads(text)
            _check_format(raw.get("format", "none"))  # first: another format has other fields
            models = {slug: _model(one) for slug, one in raw["models"].items()}
            return cls(**raw | {"models": models})
        except InvalidCard as error:  # of an interval
            raise InvalidAgreement(expected=error.expected, received=error.received) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidAgreement(
                expected="a record as JSON", received=f"something else ({type(error).__name__})"
            ) from error


def place(folder: Path, modality: str) -> Path:
    """Where the record of a modality lies in a folder."""
    return folder / f"{modality}.json"


def read(folder: Path, modality: str) -> AgreementRecord | None:
    """The record of a modality, or None where nothing was measured.

    Raises:
        InvalidAgreement: the file holds no such record.
        OSError, UnicodeDecodeError: it cannot be read.
    """
    path = place(folder, modality)
    if not path.is_file():
        return None
    record = AgreementRecord.from_json(path.read_text("utf-8"))
    _check(record.modality == modality, f"a record of {modality}", record.modality)
    return record


def _model(raw: Mapping[str, Any]) -> ModelAgreement:
    by_label = {
        label: MaskAgreement(
            **one | {"pointing": Estimate(**one["pointing"]), "energy": Estimate(**one["energy"])}
        )
        for label, one in raw["by_label"].items()
    }
    return ModelAgreement(**{**raw, "by_label": by_label})
