"""A result as a DICOM Secondary Capture: a picture that every viewer shows."""

from pydicom.sequence import Sequence
from pydicom.uid import SecondaryCaptureImageStorage

from portal.dicom_answer.concepts import SOURCE_IMAGE, coded
from portal.dicom_answer.drawing import HEIGHT, WIDTH, drawing
from portal.dicom_answer.instance import MAKER, MODEL, begun, reference, written
from portal.dicom_answer.source import Source
from portal.result import Document


def secondary_capture(document: Document, source: Source) -> bytes:
    """The file of a result, in the study of its source.

    Modules SC Equipment, General Image, General Reference, Image Pixel and SC Image: DICOM PS3.3
    C.8.6.1, C.7.6.1, C.12.4, C.7.6.3, C.8.6.2. Modality is "other", so that no viewer hangs the
    picture among those of a scanner.
    """
    made = begun(source, document, sop_class=SecondaryCaptureImageStorage, modality="OT")
    made.ConversionType = "WSD"  # made on a workstation
    made.SecondaryCaptureDeviceManufacturer = MAKER
    made.SecondaryCaptureDeviceManufacturerModelName = MODEL
    made.SecondaryCaptureDeviceSoftwareVersions = document["portal_version"]
    made.DateOfSecondaryCapture = made.ContentDate
    made.TimeOfSecondaryCapture = made.ContentTime
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.PatientOrientation = ""
    made.Laterality = source.laterality
    made.BurnedInAnnotation = "YES"
    made.RecognizableVisualFeatures = "NO"
    if source.lossy:
        made.LossyImageCompression = "01"  # what was lost before is not in the picture either
    made.DerivationDescription = (
        "Drawn by a research prototype: the image as the models saw it, 224 x 224 pixels enlarged, "
        "heat-maps where they were asked for, and the models' answers as text"
    )
    made.ImageComments = document["intended_use"]
    item = reference(source)
    item.PurposeOfReferenceCodeSequence = coded(SOURCE_IMAGE)
    item.SpatialLocationsPreserved = "NO"
    made.SourceImageSequence = Sequence([item])
    made.SamplesPerPixel = 3
    made.PhotometricInterpretation = "RGB"
    made.PlanarConfiguration = 0
    made.Rows, made.Columns = HEIGHT, WIDTH
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.PixelRepresentation = 0
    made.PixelData = drawing(document).tobytes()
    made["PixelData"].VR = "OB"
    return written(made)
