"""What every DICOM answer has: its patient, study, series, device and source."""

import io
from datetime import UTC, datetime, timedelta, timezone

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from portal.dicom_answer.source import Source
from portal.result import Document

MAKER = "Breast imaging bench"
MODEL = "Research prototype, not a medical device"

_ABOVE_USUAL = 9000  # Series Numbers (0020,0011) below are those of scanners


def begun(source: Source, document: Document, *, sop_class: str, modality: str) -> Dataset:
    """A new instance in a new series of the source's study.

    Modules Patient, General Study, General Series, General Equipment and SOP Common: DICOM PS3.3
    C.7.1.1, C.7.2.1, C.7.3.1, C.7.5.1, C.12.1.
    """
    made = Dataset()
    for tag in source.study.keys():  # noqa: SIM118 -- iterating would decode the values
        made[tag] = source.study.get_item(tag)
    moment = local_time(document, source)
    made.SOPClassUID = sop_class
    made.SOPInstanceUID = generate_uid(prefix=None)  # 2.25: a random number, PS3.5 B.2
    made.SeriesInstanceUID = generate_uid(prefix=None)
    made.InstanceCreationDate = made.ContentDate = made.SeriesDate = f"{moment:%Y%m%d}"
    made.InstanceCreationTime = made.ContentTime = made.SeriesTime = f"{moment:%H%M%S}"
    made.Modality = modality
    made.SeriesNumber = _ABOVE_USUAL
    made.InstanceNumber = 1
    made.SeriesDescription = "Breast imaging bench: research, not for diagnosis"
    made.Manufacturer = MAKER
    made.ManufacturerModelName = MODEL
    made.DeviceSerialNumber = document["models"][0]["fingerprint"]
    made.SoftwareVersions = document["portal_version"]
    return made


def local_time(document: Document, source: Source) -> datetime:
    """When the answer was given: by the clock of the source where it says which, else in UTC."""
    moment = datetime.strptime(document["time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if source.offset is None:
        return moment
    sign = -1 if source.offset[0] == "-" else 1
    hours, minutes = int(source.offset[1:3]), int(source.offset[3:])
    return moment.astimezone(timezone(sign * timedelta(hours=hours, minutes=minutes)))


def reference(source: Source) -> Dataset:
    """An item that names the image that was analysed. DICOM PS3.3 10.8, 10.3."""
    made = Dataset()
    made.ReferencedSOPClassUID = source.sop_class
    made.ReferencedSOPInstanceUID = source.instance
    if source.frame is not None:
        made.ReferencedFrameNumber = source.frame
    return made


def evidence(source: Source) -> Sequence:
    """The same within its study and series. DICOM PS3.3 C.17-3a."""
    instance = Dataset()
    instance.ReferencedSOPClassUID = source.sop_class
    instance.ReferencedSOPInstanceUID = source.instance
    series = Dataset()
    series.SeriesInstanceUID = source.series
    series.ReferencedSOPSequence = Sequence([instance])
    study = Dataset()
    study["StudyInstanceUID"] = source.study.get_item("StudyInstanceUID")
    study.ReferencedSeriesSequence = Sequence([series])
    return Sequence([study])


def written(made: Dataset) -> bytes:
    """The bytes of the file, DICOM PS3.10."""
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    stream = io.BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
