"""X-rays of a straight rod at any angle, and a library of readings of them with made features."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, XRayAngiographicImageStorage, generate_uid

from stentviewer.app.session import Session
from stentviewer.core.types import Finding, Label, LabelAction, ModelRef
from stentviewer.library.records import ReadingRecord
from tests.library.make import finding, reading

Outline = tuple[tuple[float, float], ...]
SHAPE = (200, 240)  # rows, columns
SHA = "ab" * 32
WIDE = 8  # pixels


def rod(angle: float, length: float, middle: tuple[float, float] = (120, 100)) -> Outline:
    """The corners of a rod in image fractions; 0 degrees stands upright, more leans right."""
    up = np.array([math.sin(math.radians(angle)), -math.cos(math.radians(angle))])
    right = np.array([-up[1], up[0]])
    centre = np.array(middle, float)
    corners = [
        centre + up * length / 2 - right * WIDE / 2,
        centre + up * length / 2 + right * WIDE / 2,
        centre - up * length / 2 + right * WIDE / 2,
        centre - up * length / 2 - right * WIDE / 2,
    ]
    return tuple((float(x / SHAPE[1]), float(y / SHAPE[0])) for x, y in corners)


def picture(outline: Outline) -> npt.NDArray[np.uint16]:
    """A grey field with the rod in it, brighter towards its first end."""
    values = np.full(SHAPE, 400, np.uint16)
    corners = np.array(outline) * (SHAPE[1], SHAPE[0])
    middle = (corners[[0, 3]] + corners[[1, 2]]) / 2  # the two ends
    half = (middle[0] + middle[1]) / 2
    cv2.fillPoly(values, [np.rint(corners).astype(np.int32)], 700)
    first = np.array([corners[0], corners[1], half + corners[1] - middle[0]])
    first = np.vstack([first, half + corners[0] - middle[0]])
    cv2.fillPoly(values, [np.rint(first).astype(np.int32)], 1000)
    return values


def write_xray(
    path: Path,
    outline: Outline,
    patient: str = "P1",
    detector: float | None = None,
    in_patient: float | None = None,
    date: str = "20260301",
) -> Path:
    """A DICOM frame of the rod; spacings in mm where given."""
    data = Dataset()
    data.SOPClassUID = XRayAngiographicImageStorage
    data.SOPInstanceUID = generate_uid(entropy_srcs=[path.name])
    data.StudyInstanceUID = generate_uid(entropy_srcs=["study", path.name])
    data.SeriesInstanceUID = generate_uid(entropy_srcs=["series", path.name])
    data.PatientID, data.PatientName, data.Modality = patient, f"{patient}^Name", "XA"
    data.StudyDate = date
    values = picture(outline)
    data.Rows, data.Columns = values.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.WindowCenter, data.WindowWidth = 600, 1200
    if detector is not None:
        data.ImagerPixelSpacing = [detector, detector]
    if in_patient is not None:
        data.PixelSpacing = [in_patient, in_patient]
        data.PixelSpacingCalibrationType = "GEOMETRY"
    data.PixelData = values.tobytes()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    path.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(path, enforce_file_format=True)
    return path


class Site:
    """A library in which images are read and named without any network."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session = session
        self.folder = folder
        self.sha = SHA  # of the model that reads, unless another is named
        self.count = 0

    def image(self, outline: Outline, patient: str = "", **spacing: float | None) -> int:
        """A new X-ray on the worklist; every patient is another unless named."""
        self.count += 1
        name = f"{self.count:03d}.dcm"
        path = write_xray(
            self.folder / name,
            outline,
            patient or f"P{self.count}",
            **spacing,  # type: ignore[arg-type]
        )
        return self.session.add([path]).images[0].id

    def read(self, image_id: int, *findings: Finding, sha: str = "") -> ReadingRecord:
        """What a model said of the image."""
        sha = sha or self.sha
        made = replace(
            reading(*findings, heat=False), model=ModelRef("stent-demo", sha, "Demo", "1.0")
        )
        return self.session.library.save_reading(image_id, made)

    def label(
        self, record: ReadingRecord, answer: str, by: str = "dr.lee", linked: bool = True
    ) -> None:
        """A person's answer to a reading; without `linked`, one that knows of no reading."""
        self.session.library.set_label(
            Label(
                image_id=record.image_id,
                frame=record.reading.frame,
                maker=answer,
                action=LabelAction.CORRECT if answer else LabelAction.CLEAR,
                by=by,
                at=datetime(2026, 11, 1, 9, 0, tzinfo=UTC),
                reading_id=record.id if linked else None,
                model_said="",
            )
        )

    def verified(
        self,
        maker: str,
        feature: list[float],
        patient: str = "",
        sha: str = "",
        **spacing: float | None,
    ) -> ReadingRecord:
        """An image of one stent that was read and accepted."""
        outline = rod(0, 80)
        record = self.read(
            self.image(outline, patient, **spacing), stent(maker, feature, outline), sha=sha
        )
        self.label(record, maker)
        return record


def stent(
    maker: str, feature: list[float] | None, outline: Outline | None = None, unknown: bool = False
) -> Finding:
    """A finding with this feature, on a rod."""
    made = None if feature is None else np.array(feature, np.float32)
    return replace(
        finding(maker, unknown=unknown), outline=outline or rod(0, 80), feature=made, distance=None
    )
