"""Answers as DICOM files: of the study that an uploaded DICOM file belongs to, made in memory."""
