"""Presentation states made to order."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from stentviewer.imaging.presentation_header import GSPS


def item(**elements: Any) -> Dataset:
    """A data set of these elements; a list of data sets becomes a sequence."""
    made = Dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # broken values are what is asked for
        for keyword, value in elements.items():
            if isinstance(value, list) and value and isinstance(value[0], Dataset):
                value = Sequence(value)
            setattr(made, keyword, value)
    return made


def reference(uid: str, *frames: int) -> Dataset:
    """A reference to an image and frames of it, counted from 1."""
    made = item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.12.1", ReferencedSOPInstanceUID=uid)
    if frames:
        made.ReferencedFrameNumber = list(frames)
    return made


def graphic(kind: str, points: list[float], units: str = "PIXEL", filled: str = "N") -> Dataset:
    """One graphic object."""
    return item(
        GraphicAnnotationUnits=units,
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(points) // 2,
        GraphicData=points,
        GraphicType=kind,
        GraphicFilled=filled,
    )


def write_gsps(path: Path, *uids: str, **elements: Any) -> Path:
    """A presentation state of these images, with any elements changed or (None) left out."""
    values: dict[str, Any] = {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": GSPS,
        "SOPInstanceUID": "1.2.3.99",
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.9",
        "PatientID": "0815",
        "PatientName": "Doe^Jane",
        "Modality": "PR",
        "ContentLabel": "MARKS",
        "ContentDescription": "Stent ends",
        "ContentCreatorName": "Kim^Minji",
        "PresentationCreationDate": "20261120",
        "PresentationCreationTime": "101500",
        "PresentationLUTShape": "IDENTITY",
        "ReferencedSeriesSequence": [
            item(
                SeriesInstanceUID="1.2.3.1",
                ReferencedImageSequence=[reference(uid) for uid in uids] or Sequence(),
            )
        ],
    }
    values.update(elements)
    dataset = item(**{key: value for key, value in values.items() if value is not None})
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.save_as(path, enforce_file_format=True)
    return path
