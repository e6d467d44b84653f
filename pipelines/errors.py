"""What can stop a pipeline, in words for the person who started it."""

import errno
from pathlib import Path

from models.errors import Refusal

UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
"""Numbers of the system's errors that say that a file cannot be written or read."""


class PipelineRefused(Refusal):
    title = "The pipeline stopped"


class InvalidConfig(PipelineRefused):
    title = "The configuration is not valid"


class NotPrepared(PipelineRefused):
    title = "The data set has not been prepared"


class PreparedOtherwise(PipelineRefused):
    title = "The data set was prepared by another version of the image step"


class LeakingSplit(PipelineRefused):
    title = "A group lies on two sides of the split"
    action = "Correct the groups that the reader gives, and prepare the data set again."


class SplitImpossible(PipelineRefused):
    title = "The data set cannot be split"
    action = "Add images of more groups (patients, slides) of both classes, or change the shares."


class NoSplit(PipelineRefused):
    title = "There is no published split"
    action = "Publish a model first, with `python -m pipelines publish`."


class InitUnavailable(PipelineRefused):
    title = "The first weights cannot be had"
    action = "Pass `--init FILE` with a checkpoint of the same backbone, or `--init random`."


class LeakingStart(PipelineRefused):
    title = "The first weights know images that must be new to the model"
    action = "Pass others, or make them again with this seed and these shares."


class OtherRun(PipelineRefused):
    title = "The folder holds a run of another configuration"
    action = "Delete the folder, or pass `--restart` to begin again."


class DamagedRun(PipelineRefused):
    title = "A run's folder is damaged"

    def __init__(self, file: Path, rest: Path | None = None) -> None:
        """``rest`` is what is of no use without the file; its folder, if nothing else is said."""
        super().__init__(
            expected=f"what an earlier run wrote into {file}",
            received="something else",
            action=f"Delete {rest or file.parent}, then train again.",
        )


class NotTrained(PipelineRefused):
    title = "The model has not been trained"


class NotEvaluated(PipelineRefused):
    title = "The model has not been evaluated"


class FileRefused(PipelineRefused):
    title = "A file cannot be written or read"
    action = (
        "Make room, let it be written and read, or name another work folder with `--work`. What "
        "was done before is kept: the same command goes on from there."
    )

    def __init__(self, error: OSError) -> None:
        """``error`` is that of the system."""
        super().__init__(
            expected=f"{error.filename or 'files'} to be written and read",
            received=error.strerror or "an error",
        )
