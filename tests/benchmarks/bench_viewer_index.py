"""Indexing a folder of 5,000 CT slices, database and hashes included, beside pydicom's reader.

The slices are simulated, 512² at 16 bits, with as many elements as a scanner writes (its private
ones among them); four series of 1,250. Ours is `Session.add` of the folder into an empty library:
every file is hashed whole, its header read, its patient, study and series found, and all of it
committed. The peer reads the headers alone, in one process: `pydicom.dcmread(stop_before_pixels)`
and the values of the elements that we keep. The files are in the system's cache for both; set
STENTVIEWER_BENCH_FILES to use fewer, and TMPDIR to a disk with 3 GB free.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.benchmarks.figure import Figure

_FILES = int(os.environ.get("STENTVIEWER_BENCH_FILES", "5000"))
_SERIES, _SIDE, _RUNS = 4, 512, 3
_CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
_EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
_BAR = 1.5


def figures() -> Iterator[Figure]:
    """Files a second."""
    with tempfile.TemporaryDirectory(prefix="stentviewer-bench-") as place:
        folder = Path(place) / "ct"
        paths = _write(folder)
        _ours(folder, Path(place) / "warm", paths[:100])
        ours, peer = [], []
        for run in range(_RUNS):
            peer.append(_peer(paths))
            ours.append(_ours(folder, Path(place) / f"library{run}", paths))
        mine, other = statistics.median(ours), statistics.median(peer)
    yield Figure(
        name=f"index {_FILES:,} CT slices of {_SIDE}² with SHA-256 and database (files/s; peer: "
        "pydicom.dcmread(stop_before_pixels) and the values, one process)",
        ours=mine,
        peer=other,
        ratio=mine / other,
        bar=f"≥ {_BAR} ×",
        ok=mine >= _BAR * other,
    )


def _ours(folder: Path, library_folder: Path, paths: list[Path]) -> float:
    from stentviewer.app.session import Session
    from stentviewer.library.repository import Library

    catalog: Any = SimpleNamespace()
    with Library.open(library_folder, "bench") as library:
        session = Session(library, catalog, "bench")
        start = time.perf_counter()
        result = session.add([folder] if len(paths) == _FILES else paths)
        seconds = time.perf_counter() - start
    if (result.new, result.problems) != (len(paths), ()):
        raise RuntimeError(f"{result.new} of {len(paths)} files were added: {result.problems[:3]}")
    return len(paths) / seconds


def _peer(paths: list[Path]) -> float:
    import pydicom

    from stentviewer.imaging.dicom_file import IDENTITY_TAGS

    start = time.perf_counter()
    for path in paths:
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        for keyword in IDENTITY_TAGS:
            dataset.get(keyword)
    return len(paths) / (time.perf_counter() - start)


def _write(folder: Path) -> list[Path]:
    """The slices, in one folder a series; only position, number, UID and pixels differ in one."""
    rng = np.random.default_rng(11)
    noise = rng.integers(-60, 60, (_SIDE, _SIDE), np.int16)
    paths = []
    for series in range(_SERIES):
        (folder / f"series{series}").mkdir(parents=True)
        header = _header(series)
        for number in range(1, _FILES // _SERIES + 1):
            header.InstanceNumber = number
            header.SOPInstanceUID = f"{header.SeriesInstanceUID}.{number}"
            header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
            header.ImagePositionPatient = [-250.0, -250.0, -1.25 * number]
            header.SliceLocation = f"{-1.25 * number:.2f}"
            header.ContentTime = f"0916{number // 60 % 60:02d}.{number % 60:02d}"
            header.PixelData = np.roll(noise, number, axis=0).tobytes()
            path = folder / f"series{series}" / f"IM{number:05d}"
            header.save_as(path, enforce_file_format=True)
            paths.append(path)
    return paths


def _header(series: int) -> Any:
    """What a scanner writes before the pixels: some 80 public elements and 70 private ones."""
    from pydicom.dataset import Dataset, FileMetaDataset

    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 192"
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.SOPClassUID = _CT_STORAGE
    for name in ("InstanceCreation", "Study", "Series", "Acquisition", "Content"):
        setattr(data, f"{name}Date", "20261014")
        setattr(data, f"{name}Time", f"09{series:02d}12.25")
    for keyword, value in _TEXTS.items():
        setattr(data, keyword, value)
    root = "1.2.826.0.1.3680043.10.1.2026.77"
    data.StudyInstanceUID, data.SeriesInstanceUID = root, f"{root}.{series}"
    data.FrameOfReferenceUID = f"{root}.99"
    data.SeriesNumber, data.AcquisitionNumber = series + 1, 1
    data.ReferencedStudySequence = [_reference(root, n) for n in range(2)]
    data.ProcedureCodeSequence = [_code()]
    data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    data.PixelSpacing = [0.976562, 0.976562]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows = data.Columns = _SIDE
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
    data.WindowCenter, data.WindowWidth = "40", "400"
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = "-1024", "1", "HU"
    for group, creator in ((0x0009, "SIM_IDEN"), (0x0019, "SIM_ACQU"), (0x0043, "SIM_PARM")):
        block = data.private_block(group, creator, create=True)
        for offset in range(24):
            value, vr = ((f"{offset}.5", "DS"), (offset, "SS"), ("SOFT", "LO"))[offset % 3]
            block.add_new(offset, vr, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = _EXPLICIT_LITTLE
    data.file_meta.MediaStorageSOPClassUID = _CT_STORAGE
    return data


_TEXTS = {
    "AccessionNumber": "A20261014",
    "Modality": "CT",
    "Manufacturer": "stentviewer simulator",
    "ManufacturerModelName": "SIM 64",
    "InstitutionName": "Simulated hospital",
    "InstitutionalDepartmentName": "Radiology",
    "ReferringPhysicianName": "Simulated^Doctor",
    "PhysiciansOfRecord": "Simulated^Doctor",
    "OperatorsName": "Simulated^Operator",
    "StationName": "CT01",
    "DeviceSerialNumber": "0001",
    "SoftwareVersions": "1.0",
    "StudyDescription": "SIMULATED CT abdomen",
    "SeriesDescription": "SIMULATED portal venous",
    "ProtocolName": "Abdomen",
    "PatientName": "Simulated^Patient=模擬^患者=모의^환자",
    "PatientID": "SIM-CT-1",
    "PatientBirthDate": "19560203",
    "PatientSex": "O",
    "PatientAge": "070Y",
    "PatientWeight": "70",
    "PatientSize": "1.70",
    "PatientPosition": "HFS",
    "PatientIdentityRemoved": "YES",
    "BodyPartExamined": "ABDOMEN",
    "ContrastBolusAgent": "simulated",
    "ContrastBolusRoute": "IV",
    "ScanOptions": "HELICAL MODE",
    "SliceThickness": "1.25",
    "SpacingBetweenSlices": "1.25",
    "KVP": "120",
    "DataCollectionDiameter": "500",
    "ReconstructionDiameter": "500",
    "DistanceSourceToDetector": "949.1",
    "DistanceSourceToPatient": "541",
    "GantryDetectorTilt": "0",
    "TableHeight": "142.1",
    "RotationDirection": "CW",
    "ExposureTime": "500",
    "XRayTubeCurrent": "300",
    "Exposure": "150",
    "FilterType": "BODY FILTER",
    "GeneratorPower": "36000",
    "FocalSpots": "0.7",
    "ConvolutionKernel": "STANDARD",
    "ExposureModulationType": "XYZ",
    "CTDIvol": 9.1,
    "StudyID": "77",
    "PositionReferenceIndicator": "XY",
    "PerformedProcedureStepID": "P77",
    "PerformedProcedureStepDescription": "CT abdomen",
    "PerformedProcedureStepStartDate": "20261014",
    "PerformedProcedureStepStartTime": "091200",
}


def _reference(root: str, number: int) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = _CT_STORAGE, f"{root}.8.{number}"
    return item


def _code() -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = "RPID145", "RADLEX"
    item.CodeMeaning = "CT abdomen"
    return item
