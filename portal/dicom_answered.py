"""A result as a DICOM file, where the form of an upload asks for one."""

from collections.abc import Callable, Mapping
from itertools import chain

from portal.downloads import Download
from portal.file_manager import only_image
from portal.reports import result_file
from portal.result import Document
from portal.upload import Upload
from portal.wishes import AnswerAs, Wishes

MEDIA_TYPE = "application/dicom"


def dicom_file(document: Document, wishes: Wishes, upload: Upload) -> Download:
    """The file that the form of a result asked for.

    Reads the upload once more, in memory, for the patient and the study that it names. They go
    into the file alone: no page, no document and no log line ever has them.

    Raises:
        NotDicom: the upload is of another format.
        NoStudy: it does not say of which study it is.
    """
    from portal.dicom_answer.secondary_capture import secondary_capture
    from portal.dicom_answer.source import Source
    from portal.dicom_answer.structured_report import structured_report

    writers: Mapping[AnswerAs | None, Callable[[Document, Source], bytes]] = {
        "dicom-sr": structured_report,
        "dicom-sc": secondary_capture,
    }
    for file in chain.from_iterable(upload.files.listvalues()):
        file.stream.seek(0)  # the intake has read it
    source = Source.of(only_image(upload.files).stream.read(), wishes.frame)
    content = writers[wishes.answer](document, source)
    return result_file(document, "dcm", MEDIA_TYPE, content)
