"""DICOM files made to order."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

Writer = Callable[..., Path]


@pytest.fixture
def write_dicom(tmp_path: Path) -> Writer:
    """Writes a DICOM file of these pixels with any elements changed or (None) left out."""

    def write(
        pixels: np.ndarray | None = None,
        name: str = "image",
        syntax: str = ExplicitVRLittleEndian,
        encapsulated: bytes | None = None,
        **elements: Any,
    ) -> Path:
        stored = np.arange(12, dtype=np.uint16).reshape(3, 4) if pixels is None else pixels
        dataset = _dataset(stored)
        if encapsulated is not None:
            dataset.add_new(0x7FE00010, "OB", encapsulate([encapsulated]))
            dataset["PixelData"].is_undefined_length = True
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # broken values are what is asked for
            for keyword, value in elements.items():
                if value is None:
                    delattr(dataset, keyword)
                else:
                    setattr(dataset, keyword, value)
            dataset.file_meta = FileMetaDataset()
            dataset.file_meta.TransferSyntaxUID = UID(syntax)
            dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
            dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
            path = tmp_path / name
            little = syntax != ExplicitVRBigEndian
            implicit = syntax == ImplicitVRLittleEndian
            if UID(syntax).is_private:
                dataset.save_as(path, implicit_vr=implicit, little_endian=little)
            else:
                dataset.save_as(path, enforce_file_format=True)
        return path

    return write


def _dataset(stored: np.ndarray) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.12.1"
    dataset.SOPInstanceUID = "1.2.3.4"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", "1.2.3.1"
    dataset.PatientID, dataset.PatientName = "0815", "Doe^Jane"
    dataset.Modality = "XA"
    colour = stored.ndim > 2 and stored.shape[-1] == 3 and stored.dtype == np.uint8
    shape = stored.shape[:-1] if colour else stored.shape
    dataset.Rows, dataset.Columns = shape[-2:]
    if len(shape) == 3:
        dataset.NumberOfFrames = shape[0]
    dataset.SamplesPerPixel = 3 if colour else 1
    dataset.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8 * stored.dtype.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    dataset.add_new(0x7FE00010, "OW", stored.tobytes() + b"\0" * (stored.nbytes % 2))
    return dataset
