"""Row: what one model says of one file, or why it says nothing; and the task it comes from."""

from collections.abc import Callable
from dataclasses import astuple, dataclass, fields

from models.precision import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the results; its fields are the columns. None stands where there is no value."""

    file: str  # relative to the folder, with forward slashes
    sha256: str | None = None  # of the file
    model: str
    fingerprint: str
    precision: Precision  # that was asked for
    probability: float | None = None  # of the positive label, in [0, 1]
    calibrated_probability: float | None = None
    threshold: float
    label: str | None = None  # the side of the threshold
    verdict: str | None = None  # the word of the page: the label, or "Uncertain" in the band
    reason: str | None = None  # why there is no label

    @property
    def values(self) -> tuple[str | float | None, ...]:
        """The values in the order of the columns."""
        return astuple(self)


COLUMNS = tuple(item.name for item in fields(Row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What a row says of its model whatever the file is."""

    slug: str
    fingerprint: str
    precision: Precision = "f32"
    threshold: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One file and the models that are still to be asked."""

    file: str
    models: tuple[Model, ...]

    def refused(self, reason: str, sha256: str | None = None) -> tuple[Row, ...]:
        """The rows of a file that no model could be asked about."""
        return tuple(
            Row(
                file=self.file,
                sha256=sha256,
                model=model.slug,
                fingerprint=model.fingerprint,
                precision=model.precision,
                threshold=model.threshold,
                reason=reason,
            )
            for model in self.models
        )


Work = Callable[[Task], tuple[Row, ...]]
"""What scores one file; it is sent to other processes."""
