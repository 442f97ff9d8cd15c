"""Simulated pictures as DICOM: X-ray angiography for fluoroscopy, computed radiography else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.field import SimulatedStentImage

XA_STORAGE: Final = "1.2.840.10008.5.1.4.1.1.12.1"
CR_STORAGE: Final = "1.2.840.10008.5.1.4.1.1.1"
_EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"


@dataclass(frozen=True)
class SimulatedPatient:
    """A patient who does not exist; name is a DICOM person name with its components."""

    patient_id: str
    name: str
    birth_date: str = "19560203"
    sex: str = "O"


@dataclass(frozen=True)
class Place:
    """Where an image lies in a patient's record; dates are YYYYMMDD, times HHMMSS."""

    study: int = 1
    study_date: str = "20260105"
    study_time: str = "090000"
    study_description: str = "Biliary intervention"
    series: int = 1
    instance: int = 1


def write_dicom(
    image: SimulatedStentImage,
    path: Path,
    patient: SimulatedPatient | None = None,
    place: Place | None = None,
    frames: NDArray[np.uint16] | None = None,
    frame_time_ms: float = 125.0,
) -> Path:
    """Write an image, or frames (n, rows, columns) of its scene, and return the path.

    XA (PS3.3 A.14) allows no MONOCHROME1, so a fluoroscopy picture stored inverted is written as
    CR, as a radiograph is. UIDs depend only on the seed, the patient and the place, so the same
    call writes the same bytes. Raises OSError where the file cannot be written.
    """
    from pydicom.dataset import Dataset, FileMetaDataset

    who = patient or SimulatedPatient(
        f"SIM-{image.seed}-{image.index}", f"Simulated^{image.index:04d}"
    )
    where = place or Place()
    angiography = image.kind == "fluoroscopy" and image.photometric == "MONOCHROME2"
    data = Dataset()
    _identify(data, image, who, where)
    data.SOPClassUID = XA_STORAGE if angiography else CR_STORAGE
    data.Modality = "XA" if angiography else "CR"
    _describe(data, image, angiography)
    _pixels(data, image, frames)
    if frames is not None:
        data.NumberOfFrames = len(frames)
        data.FrameTime = f"{frame_time_ms:g}"
        data.FrameIncrementPointer = 0x00181063  # Frame Time
        data.RecommendedDisplayFrameRate = round(1000 / frame_time_ms)
        data.CineRate = round(1000 / frame_time_ms)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = _EXPLICIT_LITTLE
    meta.MediaStorageSOPClassUID = data.SOPClassUID
    meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.file_meta = meta
    data.save_as(path, enforce_file_format=True)
    return path


def _identify(data: Any, image: SimulatedStentImage, who: SimulatedPatient, where: Place) -> None:
    from pydicom.uid import generate_uid

    root = ["stentviewer simulated", str(image.seed), who.patient_id]
    study = [*root, f"study {where.study}"]
    series = [*study, f"series {where.series}"]
    data.SpecificCharacterSet = "ISO_IR 192"
    data.PatientName = who.name
    data.PatientID = who.patient_id
    data.PatientBirthDate = who.birth_date
    data.PatientSex = who.sex
    data.StudyInstanceUID = generate_uid(entropy_srcs=study)
    data.SeriesInstanceUID = generate_uid(entropy_srcs=series)
    data.SOPInstanceUID = generate_uid(
        entropy_srcs=[*series, f"instance {where.instance}", f"picture {image.index}"]
    )
    data.StudyID = str(where.study)
    data.AccessionNumber = ""
    data.ReferringPhysicianName = ""
    data.StudyDate = data.SeriesDate = data.AcquisitionDate = data.ContentDate = where.study_date
    data.StudyTime = data.SeriesTime = data.AcquisitionTime = data.ContentTime = where.study_time
    data.StudyDescription = f"SIMULATED {where.study_description}"
    data.SeriesDescription = f"SIMULATED {image.kind}"
    data.SeriesNumber = where.series
    data.InstanceNumber = where.instance
    data.ImageComments = "SIMULATED, no patient"
    data.Manufacturer = "stentviewer simulator"


def _describe(data: Any, image: SimulatedStentImage, angiography: bool) -> None:
    data.ImageType = ["ORIGINAL", "PRIMARY"] + (["SINGLE PLANE"] if angiography else [])
    data.BodyPartExamined = "ABDOMEN"
    data.PatientOrientation = ["L", "F"]
    data.KVP = f"{round(image.energy_kev * 1.6)}"
    data.ImagerPixelSpacing = [f"{image.spacing_mm:.4f}"] * 2
    data.DistanceSourceToDetector = f"{image.source_mm:.0f}"
    data.DistanceSourceToPatient = f"{image.source_mm / image.magnification:.1f}"
    data.EstimatedRadiographicMagnificationFactor = f"{image.magnification:.3f}"
    data.WindowCenter = f"{image.window_centre:.1f}"
    data.WindowWidth = f"{image.window_width:.1f}"
    data.LossyImageCompression = "00"
    if angiography:
        data.PixelIntensityRelationship = "DISP"
        data.RadiationSetting = "SC"
        data.PositionerMotion = "STATIC"
        data.PositionerPrimaryAngle = data.PositionerSecondaryAngle = "0"
    else:
        data.ViewPosition = "AP"
        data.Laterality = ""


def _pixels(data: Any, image: SimulatedStentImage, frames: NDArray[np.uint16] | None) -> None:
    stored = image.pixels if frames is None else frames
    data.Rows, data.Columns = stored.shape[-2:]
    data.SamplesPerPixel = 1
    data.PhotometricInterpretation = image.photometric
    data.BitsAllocated = 16
    data.BitsStored = image.bits_stored
    data.HighBit = image.bits_stored - 1
    data.PixelRepresentation = 0
    data.PixelData = np.ascontiguousarray(stored).astype("<u2").tobytes()
