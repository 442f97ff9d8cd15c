"""Small radiographs written to disk and read by the program's own reader."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian, XRayAngiographicImageStorage, generate_uid

from stentviewer.imaging.readers import read_radiograph
from stentviewer.ui.viewer.canvas import ImageCanvas


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Whatever a test started has come to its end by itself."""
    yield
    for thread in threading.enumerate():
        if thread.name == "frame-loader":
            thread.join(5.0)
            assert not thread.is_alive()


def save_dicom(path: Path, pixels: np.ndarray, **tags: Any) -> Path:
    """An XA image (rows, columns) or cine (frames, rows, columns) of unsigned 16-bit values."""
    ds = pydicom.Dataset()
    ds.file_meta = pydicom.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = XRayAngiographicImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid(entropy_srcs=["i"])
    ds.StudyInstanceUID = generate_uid(entropy_srcs=["s"])
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=["e"])
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName, ds.PatientID = "Hong^Gildong=洪^吉洞=홍^길동", "P-17"
    ds.Modality, ds.StudyDate, ds.SeriesDescription = "XA", "20261120", "ERCP"
    ds.Rows, ds.Columns = pixels.shape[-2:]
    if pixels.ndim == 3:
        ds.NumberOfFrames = len(pixels)
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    ds.WindowCenter, ds.WindowWidth = 500, 1000
    for name, value in tags.items():
        setattr(ds, name, value)
    ds.PixelData = pixels.astype(np.uint16).tobytes()
    ds.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def ramp() -> np.ndarray:
    """(40, 60) values 0…1000, brighter to the right."""
    return np.tile(np.linspace(0, 1000, 60), (40, 1)).astype(np.uint16)


@pytest.fixture
def still(tmp_path: Path, ramp: np.ndarray) -> Any:
    """One frame, spacing 0.25 mm at the detector."""
    return read_radiograph(
        save_dicom(tmp_path / "still.dcm", ramp, ImagerPixelSpacing=[0.25, 0.25])
    )


@pytest.fixture
def cine(tmp_path: Path) -> Any:
    """Five frames of 32 × 32, each of one value: 0, 200, … 800; 40 ms a frame."""
    frames = np.stack([np.full((32, 32), 200 * n) for n in range(5)])
    return read_radiograph(save_dicom(tmp_path / "cine.dcm", frames, FrameTime=40))


@pytest.fixture
def dicom(tmp_path: Path) -> Callable[..., Any]:
    """Write pixels with tags and read them."""

    def make(pixels: np.ndarray, **tags: Any) -> Any:
        return read_radiograph(save_dicom(tmp_path / "made.dcm", pixels, **tags))

    return make


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[np.ndarray], Any]:
    """Write a PNG and read it."""

    def make(pixels: np.ndarray) -> Any:
        path = tmp_path / "picture.png"
        assert cv2.imwrite(str(path), pixels)
        return read_radiograph(path)

    return make


@pytest.fixture
def canvas(qtbot: Any) -> ImageCanvas:
    widget = ImageCanvas()
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    widget.show()
    return widget


@pytest.fixture
def show(qtbot: Any, canvas: ImageCanvas) -> Callable[..., ImageCanvas]:
    def shown(radiograph: Any, frame: int = 0) -> ImageCanvas:
        with qtbot.waitSignal(canvas.frameChanged):
            canvas.set_radiograph(radiograph, frame)
        return canvas

    return shown
