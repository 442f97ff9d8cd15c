"""What a DICOM file says about showing it: windows, LUTs, spacing, aspect, timing, fidelity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from stentviewer.core.types import Spacing, SpacingKind
from stentviewer.imaging.image import Lut, Window
from stentviewer.imaging.readers import read_radiograph
from stentviewer.imaging.windowing import display_lut
from tests.imaging.conftest import Writer


def item(**elements: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def lut_item(descriptor: list[int], data: bytes) -> Dataset:
    dataset = Dataset()
    dataset.add_new(0x00283002, "SS" if descriptor[1] < 0 else "US", descriptor)
    dataset.add_new(0x00283006, "OW", data)
    return dataset


def test_windows_with_names_and_function(write_dicom: Writer) -> None:
    path = write_dicom(
        WindowCenter=["40", "300.5"],
        WindowWidth=["400", "1500"],
        WindowCenterWidthExplanation=["SOFT", "BONE"],
        VOILUTFunction="SIGMOID",
    )
    assert read_radiograph(path).windows == (
        Window(40, 400, "SIGMOID", "SOFT"),
        Window(300.5, 1500, "SIGMOID", "BONE"),
    )


@pytest.mark.parametrize(
    ("elements", "kept"),
    [
        ({"WindowCenter": "40"}, 0),
        ({"WindowCenter": "40", "WindowWidth": "0"}, 0),
        ({"WindowCenter": "40", "WindowWidth": "-5"}, 0),
        ({"WindowCenter": "40", "WindowWidth": "0.5"}, 0),
        ({"WindowCenter": "40", "WindowWidth": "0.5", "VOILUTFunction": "LINEAR_EXACT"}, 1),
        ({"WindowCenter": ["40", "50"], "WindowWidth": "100"}, 1),
        ({"WindowCenter": "1e300", "WindowWidth": "1e300"}, 0),
    ],
)
def test_windows_that_cannot_be_are_left_out(write_dicom: Writer, elements, kept: int) -> None:
    radiograph = read_radiograph(write_dicom(**elements))
    assert len(radiograph.windows) == kept
    assert radiograph.default_window(0).width > 0


@pytest.mark.parametrize("slope", ["0", "1e30", "-1e-30"])
def test_a_slope_that_cannot_be_is_left_out(write_dicom: Writer, slope: str) -> None:
    radiograph = read_radiograph(write_dicom(RescaleSlope=slope, RescaleIntercept="-5"))
    assert radiograph.rescale == (1.0, 0.0)


def test_mono1_inverts_after_the_window(write_dicom: Writer) -> None:
    path = write_dicom(PhotometricInterpretation="MONOCHROME1", WindowCenter="6", WindowWidth="12")
    radiograph = read_radiograph(path)
    grey = display_lut(radiograph, radiograph.default_window(0)).apply(radiograph.frames[0])
    assert (grey[0, 0], grey[-1, -1]) == (255, 0)


@pytest.mark.parametrize("packed", [np.uint8, "<u2"])
def test_voi_lut_with_a_negative_first_value(write_dicom: Writer, packed: Any) -> None:
    data = np.array([0, 100, 200, 255], packed).tobytes()
    path = write_dicom(
        np.array([[0, 9, 10, 11, 12, 13, 50]], np.uint16),
        RescaleSlope="1",
        RescaleIntercept="-12",
        VOILUTSequence=Sequence([lut_item([4, -2, 8], data)]),
    )
    radiograph = read_radiograph(path)
    assert radiograph.voi_lut is not None
    assert (radiograph.voi_lut.first, radiograph.voi_lut.bits) == (-2, 8)
    shown = display_lut(radiograph, None).apply(radiograph.frames[0])
    assert shown.tolist() == [[0, 0, 0, 100, 200, 255, 255]]


def test_voi_lut_whose_first_value_is_large_and_unsigned(write_dicom: Writer) -> None:
    data = np.array([0, 65535], "<u2").tobytes()
    path = write_dicom(VOILUTSequence=Sequence([lut_item([2, 40000, 16], data)]))
    lut = read_radiograph(path).voi_lut
    assert lut is not None
    assert (lut.first, lut.bits, lut.values.tolist()) == (40000, 16, [0, 65535])


def test_modality_lut_of_65536_entries(write_dicom: Writer) -> None:
    table = np.arange(65536, dtype="<u2")[::-1]
    dataset = lut_item([0, 0, 16], table.tobytes())
    dataset.ModalityLUTType = "US"
    radiograph = read_radiograph(write_dicom(ModalityLUTSequence=Sequence([dataset])))
    assert isinstance(radiograph.rescale, Lut)
    assert radiograph.modality_values(0)[0].tolist() == [65535, 65534, 65533, 65532]


def test_a_lut_cut_short_is_left_out(write_dicom: Writer) -> None:
    path = write_dicom(VOILUTSequence=Sequence([lut_item([400, 0, 16], b"\0" * 6)]))
    assert read_radiograph(path).voi_lut is None


NEAR, FAR = ["0.2", "0.3"], ["0.1", "0.15"]
PATIENT, DETECTOR = SpacingKind.PATIENT, SpacingKind.DETECTOR


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({}, Spacing()),
        ({"ImagerPixelSpacing": NEAR}, Spacing(DETECTOR, (0.2, 0.3))),
        (
            {"ImagerPixelSpacing": NEAR, "EstimatedRadiographicMagnificationFactor": "1.5"},
            Spacing(DETECTOR, (0.2, 0.3)),
        ),
        ({"PixelSpacing": NEAR}, Spacing(DETECTOR, (0.2, 0.3))),
        ({"PixelSpacing": NEAR, "Modality": "CT"}, Spacing(PATIENT, (0.2, 0.3))),
        ({"PixelSpacing": NEAR, "ImagerPixelSpacing": NEAR}, Spacing(DETECTOR, (0.2, 0.3))),
        ({"PixelSpacing": FAR, "ImagerPixelSpacing": NEAR}, Spacing(PATIENT, (0.1, 0.15))),
        (
            {"PixelSpacing": NEAR, "PixelSpacingCalibrationType": "FIDUCIAL"},
            Spacing(PATIENT, (0.2, 0.3)),
        ),
        (
            {
                "PixelSpacing": NEAR,
                "ImagerPixelSpacing": NEAR,
                "PixelSpacingCalibrationType": "GEOMETRY",
            },
            Spacing(PATIENT, (0.2, 0.3)),
        ),
        ({"NominalScannedPixelSpacing": NEAR}, Spacing(DETECTOR, (0.2, 0.3))),
        ({"ImagerPixelSpacing": ["0", "0.3"]}, Spacing()),
        ({"ImagerPixelSpacing": ["-1", "0.3"]}, Spacing()),
        ({"PixelSpacing": "0.3"}, Spacing()),
    ],
)
def test_spacing_and_where_it_holds(write_dicom: Writer, elements, expected: Spacing) -> None:
    assert read_radiograph(write_dicom(**elements)).spacing == expected


@pytest.mark.parametrize(
    ("elements", "aspect"),
    [
        ({}, 1.0),
        ({"PixelAspectRatio": ["3", "2"]}, 1.5),
        ({"PixelAspectRatio": ["0", "2"]}, 1.0),
        ({"PixelAspectRatio": ["3", "2"], "ImagerPixelSpacing": ["0.2", "0.4"]}, 0.5),
    ],
)
def test_pixel_aspect(write_dicom: Writer, elements, aspect: float) -> None:
    assert read_radiograph(write_dicom(**elements)).pixel_aspect == aspect


@pytest.mark.parametrize(
    ("elements", "time"),
    [
        ({}, None),
        ({"FrameTime": "33.3"}, 33.3),
        ({"FrameTimeVector": ["0", "40", "60"]}, 50.0),
        ({"CineRate": "25"}, 40.0),
        ({"RecommendedDisplayFrameRate": "10", "CineRate": "25"}, 100.0),
        ({"FrameTime": "0", "CineRate": "0"}, None),
        ({"FrameTime": "-5"}, None),
    ],
)
def test_frame_time(write_dicom: Writer, elements, time: float | None) -> None:
    path = write_dicom(np.zeros((3, 4, 4), np.uint8), **elements)
    assert read_radiograph(path).frame_time_ms == time


def test_padding_range_of_signed_pixels(write_dicom: Writer) -> None:
    stored = np.full((40, 40), -2000, np.int16)
    stored[10:30, 10:30] = np.arange(400).reshape(20, 20)
    dataset = {"PixelPaddingValue": -2000, "PixelPaddingRangeLimit": -1990}
    radiograph = read_radiograph(write_dicom(stored, **dataset))
    assert radiograph.padding == (-2000, -1990)
    window = radiograph.auto_window(0)
    assert window.centre - window.width / 2 >= 0


def test_enhanced_multi_frame_windows_and_rescale_by_frame(write_dicom: Writer) -> None:
    frames = [
        item(
            FrameVOILUTSequence=Sequence([item(WindowCenter=str(50 * n), WindowWidth="100")]),
            PixelValueTransformationSequence=Sequence(
                [item(RescaleSlope=str(n), RescaleIntercept="-1")]
            ),
        )
        for n in (1, 2)
    ]
    shared = item(PixelMeasuresSequence=Sequence([item(PixelSpacing=["0.5", "0.25"])]))
    path = write_dicom(
        np.full((2, 4, 4), 10, np.uint16),
        Modality="CT",
        PerFrameFunctionalGroupsSequence=Sequence(frames),
        SharedFunctionalGroupsSequence=Sequence([shared]),
    )
    radiograph = read_radiograph(path)
    assert [radiograph.default_window(i) for i in (0, 1)] == [Window(50, 100), Window(100, 100)]
    assert [float(radiograph.modality_values(i)[0, 0]) for i in (0, 1)] == [9.0, 19.0]
    assert radiograph.spacing == Spacing(PATIENT, (0.5, 0.25))
    assert radiograph.pixel_aspect == 2.0
    greys = [
        display_lut(radiograph, radiograph.default_window(i), frame=i).apply(radiograph.frames[i])
        for i in (0, 1)
    ]
    assert [int(grey[0, 0]) for grey in greys] == [23, 0]


def test_lossy_compression_is_said(write_dicom: Writer) -> None:
    path = write_dicom(LossyImageCompression="01", LossyImageCompressionRatio="12.3")
    assert read_radiograph(path).fidelity == ("lossy compression 12:1",)
