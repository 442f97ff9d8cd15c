"""Stacks of slices whose every value says where in the patient it lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

Vector = tuple[float, float, float]
AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
CORONAL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))
SAGITTAL = ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0))


def value_at(position: Any) -> Any:
    """HU at patient positions (…, 3): linear, so that linear interpolation is exact."""
    x, y, z = np.moveaxis(np.asarray(position), -1, 0)
    return 2 * x + 3 * y + 5 * z


@dataclass(frozen=True)
class Slice:
    """One slice to write; `elements` are set last, None removes one."""

    origin: Vector
    axes: tuple[Vector, Vector] = AXIAL
    spacing: tuple[float, float] = (1.0, 2.0)  # rows, columns
    shape: tuple[int, int] = (8, 6)
    number: int = 1
    series: str = "a"
    elements: tuple[tuple[str, Any], ...] = ()
    slope: float = 1.0
    intercept: float = -1024.0
    dtype: str = "int16"

    def positions(self) -> np.ndarray:
        """(rows, columns, 3) in mm."""
        rows, columns = np.mgrid[: self.shape[0], : self.shape[1]][..., None]
        across, down = (np.array(axis) for axis in self.axes)
        here = np.array(self.origin)
        return here + columns * self.spacing[1] * across + rows * self.spacing[0] * down

    def stored(self) -> np.ndarray:
        values = (value_at(self.positions()) - self.intercept) / self.slope
        return np.rint(values).astype(self.dtype)


def straight(
    count: int, step: float = 3.0, start: Vector = (-5.0, -4.0, 30.0), **more: Any
) -> list[Slice]:
    """Axial slices from the head down, each `step` mm below the last."""
    x, y, z = start
    return [
        Slice((x, y, z - step * i), number=i + 1, **more)  # type: ignore[arg-type]
        for i in range(count)
    ]


def tilted(count: int, degrees: float, step: float = 3.0) -> list[Slice]:
    """A gantry tilted by so much: slices lean, the table moves along z."""
    lean = math.radians(degrees)
    axes = ((1.0, 0.0, 0.0), (0.0, math.cos(lean), -math.sin(lean)))
    return [
        Slice((-5.0, -4.0, 30.0 - step * i), axes=axes, number=i + 1, shape=(16, 6))
        for i in range(count)
    ]


def at(z: Sequence[float], **more: Any) -> list[Slice]:
    """Axial slices at these heights."""
    return [Slice((-5.0, -4.0, one), number=i + 1, **more) for i, one in enumerate(z)]


def write_stack(folder: Path, slices: Sequence[Slice], names: Sequence[str] = ()) -> list[Path]:
    """The slices as DICOM CT files, in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for i, one in enumerate(slices):
        path = folder / (names[i] if names else f"{i:04d}.dcm")
        _dataset(one, f"{folder}{i}").save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def _dataset(one: Slice, entropy: str) -> Dataset:
    stored = one.stored()
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = CTImageStorage
    data.SOPInstanceUID = generate_uid(entropy_srcs=[entropy])
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.StudyInstanceUID = generate_uid(entropy_srcs=["study"])
    data.SeriesInstanceUID = generate_uid(entropy_srcs=["series", one.series])
    data.FrameOfReferenceUID = generate_uid(entropy_srcs=["frame"])
    data.PatientID, data.PatientName, data.Modality = "SIM-1", "Simulated^Stack", "CT"
    data.StudyDate, data.SeriesNumber, data.InstanceNumber = "20260105", 2, one.number
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.AcquisitionNumber = 1
    data.ImagePositionPatient = [f"{v:.9g}" for v in one.origin]
    data.ImageOrientationPatient = [f"{v:.9g}" for axis in one.axes for v in axis]
    data.PixelSpacing = list(one.spacing)
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns = stored.shape
    data.BitsAllocated = data.BitsStored = 8 * stored.dtype.itemsize
    data.HighBit = data.BitsStored - 1
    data.PixelRepresentation = int(stored.dtype.kind == "i")
    data.RescaleSlope, data.RescaleIntercept = f"{one.slope:.9g}", f"{one.intercept:.9g}"
    data.WindowCenter, data.WindowWidth = "40", "400"
    data.add_new(0x7FE00010, "OW", stored.tobytes())
    for keyword, value in one.elements:
        if value is None:
            delattr(data, keyword)
        else:
            setattr(data, keyword, value)
    return data


def but(one: Slice, **elements: Any) -> Slice:
    """The slice with these DICOM elements; None leaves one out."""
    return replace(one, elements=(*one.elements, *elements.items()))
