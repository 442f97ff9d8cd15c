"""Small pictures and files of pictures for the tests of learning."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from stentviewer.learning.selection import Item, pseudonym


def picture(seed: int, rows: int = 60, columns: int = 80) -> np.ndarray:
    """A smooth field with noise on it, uint8, inside a black collimator."""
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.uniform(40, 215, (5, 6)), (columns, rows))
    made = np.clip(coarse + rng.normal(0, 12, (rows, columns)), 25, 255).astype(np.uint8)
    made[:6] = 0
    return made


def write_png(path: Path, seed: int = 0, **size: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture(seed, **size))
    return path


def write_dicom(
    path: Path,
    patient_id: str,
    seed: int = 0,
    frames: int = 1,
    pixels: np.ndarray | None = None,
) -> Path:
    """Frames of `picture`, or the pixels (rows, columns) that are given."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, XRayAngiographicImageStorage, generate_uid

    path.parent.mkdir(parents=True, exist_ok=True)
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = XRayAngiographicImageStorage
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    data.StudyInstanceUID, data.SeriesInstanceUID = generate_uid(), generate_uid()
    data.PatientID, data.PatientName, data.Modality = patient_id, "Simulated^One", "XA"
    if pixels is None:
        pixels = np.stack([picture(seed + i) for i in range(frames)])
    else:
        pixels = pixels[None]
    data.Rows, data.Columns = pixels.shape[1:]
    if frames > 1:
        data.NumberOfFrames = frames
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 8 * pixels.itemsize
    data.HighBit, data.PixelRepresentation = data.BitsStored - 1, 0
    data.PixelData = pixels.tobytes()
    data.save_as(path, enforce_file_format=True)
    return path


def png_items(folder: Path, count: int, labels: Sequence[str] = ("EGIS", "Epic")) -> list[Item]:
    return [
        Item(
            write_png(folder / f"{i:02d}.png", i, rows=50 + i, columns=90 - i),
            labels[i % len(labels)],
            pseudonym(str(i // 2)),
        )
        for i in range(count)
    ]
