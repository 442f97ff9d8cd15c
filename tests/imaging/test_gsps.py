"""Presentation states: what is read of them, what they mean for a frame, what they may not do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stentviewer.core.errors import KnownError
from stentviewer.imaging.gsps import GSPS, Area, read_gsps
from stentviewer.imaging.image import Radiograph, Window
from stentviewer.imaging.readers import read_radiograph
from tests.imaging.gsps_files import graphic, item, reference, write_gsps

Writer = Callable[..., Path]
UID = "1.2.3.4"  # of the images that write_dicom makes


@pytest.fixture
def image(write_dicom: Writer) -> Radiograph:
    return read_radiograph(write_dicom(np.zeros((3, 40, 60), np.uint16)))


@pytest.fixture
def state(tmp_path: Path) -> Callable[..., GSPS]:
    return lambda *uids, **elements: read_gsps(
        write_gsps(tmp_path / "state", *(uids or (UID,)), **elements)
    )


def test_it_says_what_it_is_and_of_which_frames(state: Any, image: Radiograph) -> None:
    made = state()
    assert (made.label, made.description, made.creator) == ("MARKS", "Stent ends", "Kim Minji")
    assert made.created == "20261120"
    assert made.is_of(UID, 0)
    assert not made.is_of("1.2.3.5", 0)
    assert made.presented(image, 2) is not None
    of_frames = state(
        ReferencedSeriesSequence=[
            item(SeriesInstanceUID="1.2", ReferencedImageSequence=[reference(UID, 1, 3)])
        ]
    )
    assert [of_frames.is_of(UID, frame) for frame in range(3)] == [True, False, True]
    assert of_frames.presented(image, 1) is None


def test_a_state_of_no_image_is_of_none(state: Any, image: Radiograph) -> None:
    for series in ([item(SeriesInstanceUID="1.2")], None):
        assert state(ReferencedSeriesSequence=series).presented(image, 0) is None


def test_a_slice_of_a_stack_is_found_by_its_own_uid(state: Any, image: Radiograph) -> None:
    made = state("9.9")
    assert made.presented(image, 2) is None
    assert made.presented(image, 2, of=("9.9", 0)) is not None


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", ["N", "Y"])
def test_turning_is_the_standards(state: Any, degrees: int, flip: str) -> None:
    """The standard turns clockwise and flips then; ours mirrors first: the same picture."""
    made = state(ImageRotation=degrees, ImageHorizontalFlip=flip)
    picture = np.arange(6).reshape(2, 3)
    standards = np.rot90(picture, -degrees // 90)
    standards = np.fliplr(standards) if flip == "Y" else standards
    ours = np.fliplr(picture) if made.mirrored else picture
    assert np.array_equal(np.rot90(ours, -made.quarter_turns), standards)


def test_a_window_is_of_the_images_it_names(state: Any, image: Radiograph) -> None:
    made = state(
        SoftcopyVOILUTSequence=[
            item(WindowCenter=500, WindowWidth=50, ReferencedImageSequence=[reference("7.7")]),
            item(WindowCenter=40, WindowWidth=400, ReferencedImageSequence=[reference(UID, 2)]),
            item(WindowCenter=1, WindowWidth=2, VOILUTFunction="SIGMOID"),
        ]
    )
    second, first = made.presented(image, 1), made.presented(image, 0)
    assert second is not None
    assert first is not None
    assert second.window == Window(40, 400)
    assert first.window == Window(1, 2, "SIGMOID")


def test_its_rescale_is_carried_over_to_the_images_values(state: Any, image: Radiograph) -> None:
    """Slope 2, intercept 100 in the state, 1 and -1024 in the image: stored 50 is 200 and -974."""
    ct = replace(image, rescale=(1.0, -1024.0))
    voi = [item(WindowCenter=200, WindowWidth=80)]
    made = state(RescaleSlope=2, RescaleIntercept=100, SoftcopyVOILUTSequence=voi)
    shown = made.presented(ct, 0)
    assert shown is not None
    assert shown.window == Window(-974, 40)
    same = state(RescaleSlope=1, RescaleIntercept=-1024, SoftcopyVOILUTSequence=voi)
    shown = same.presented(ct, 0)
    assert shown is not None
    assert shown.window == Window(200, 80)
    falling = state(RescaleSlope=-1, RescaleIntercept=0, SoftcopyVOILUTSequence=voi)
    shown = falling.presented(ct, 0)
    assert shown is not None
    assert shown.window is None
    assert "not applied" in shown.notes[-1]


def test_a_voi_lut_is_read(state: Any, image: Radiograph) -> None:
    table = item(LUTDescriptor=[256, 0, 8], LUTData=bytes(range(256)), LUTExplanation="SOFT")
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "OW"
    shown = state(SoftcopyVOILUTSequence=[item(VOILUTSequence=[table])]).presented(image, 0)
    assert shown is not None
    assert shown.lut is not None
    assert (shown.lut.name, shown.lut.bits, shown.window) == ("SOFT", 8, None)
    assert shown.lut(np.array([17]))[0] == 17


def test_the_displayed_area_counts_pixels_from_one(state: Any, image: Radiograph) -> None:
    def area(**elements: Any) -> Area | None:
        shown = state(DisplayedAreaSelectionSequence=[item(**elements)]).presented(image, 0)
        assert shown is not None
        return shown.area

    corners: dict[str, Any] = {
        "DisplayedAreaTopLeftHandCorner": [11, 6],
        "DisplayedAreaBottomRightHandCorner": [30, 25],
    }
    assert area(**corners, PresentationSizeMode="SCALE TO FIT") == Area(10, 5, 30, 25)
    swapped = dict(zip(corners, reversed(corners.values()), strict=True))  # as turned states do
    assert area(**swapped) == Area(10, 5, 30, 25)
    magnified = area(
        **corners, PresentationSizeMode="MAGNIFY", PresentationPixelMagnificationRatio=2.5
    )
    assert magnified == Area(10, 5, 30, 25, "MAGNIFY", 2.5)
    assert area(DisplayedAreaTopLeftHandCorner=[1, 1]) is None


def test_every_kind_of_figure_comes_back_as_drawn(state: Any, image: Radiograph) -> None:
    figures = {
        "POINT": [3.5, 4.5],
        "POLYLINE": [0.0, 0.0, 10.0, 0.0, 10.0, 10.0, 0.0, 0.0],
        "INTERPOLATED": [0.0, 0.0, 5.0, 9.0, 10.0, 0.0],
        "CIRCLE": [20.0, 20.0, 25.0, 20.0],
        "ELLIPSE": [10.0, 20.0, 50.0, 20.0, 30.0, 15.0, 30.0, 25.0],
    }
    annotation = item(
        GraphicLayer="A",
        GraphicObjectSequence=[graphic(kind, points) for kind, points in figures.items()]
        + [graphic("POLYLINE", [0.1, 0.1, 0.9, 0.9], "DISPLAY", "Y")],
    )
    shown = state(GraphicAnnotationSequence=[annotation]).presented(image, 0)
    assert shown is not None
    assert shown.notes == ()
    for found, (kind, points) in zip(shown.graphics, figures.items(), strict=False):
        assert (found.kind, found.units, found.filled, found.layer) == (kind, "PIXEL", False, "A")
        assert [part for point in found.points for part in point] == points
    last = shown.graphics[-1]
    assert (last.units, last.filled) == ("DISPLAY", True)
    assert last.points[1] == pytest.approx((0.9, 0.9), abs=1e-6)


def test_texts_keep_their_lines_and_places(state: Any, image: Radiograph) -> None:
    words = item(
        BoundingBoxAnnotationUnits="DISPLAY",
        AnchorPointAnnotationUnits="PIXEL",
        UnformattedTextValue="NITI-S\r\n10 × 80\tmm\u202e",
        BoundingBoxTopLeftHandCorner=[0.1, 0.1],
        BoundingBoxBottomRightHandCorner=[0.4, 0.2],
        BoundingBoxTextHorizontalJustification="CENTER",
        AnchorPoint=[30, 20],
        AnchorPointVisibility="Y",
    )
    broken = item(BoundingBoxAnnotationUnits="PIXEL", UnformattedTextValue="nowhere")
    annotation = item(GraphicLayer="A", TextObjectSequence=[words, broken])
    shown = state(GraphicAnnotationSequence=[annotation]).presented(image, 0)
    assert shown is not None
    (found,) = shown.texts
    assert found.text == "NITI-S\n10 × 80 mm"
    assert found.box is not None
    assert found.box[1] == pytest.approx((0.4, 0.2), abs=1e-6)
    assert (found.box_units, found.justification) == ("DISPLAY", "CENTER")
    assert (found.anchor, found.anchor_visible) == ((30, 20), True)
    assert "A text" in shown.notes[0]


def test_layers_are_ordered_and_coloured(state: Any, image: Radiograph) -> None:
    white = [65535, 32896, 32896]
    layers = [
        item(GraphicLayer="B", GraphicLayerOrder=2, GraphicLayerDescription="upper"),
        item(
            GraphicLayer="A",
            GraphicLayerOrder=1,
            GraphicLayerRecommendedDisplayGrayscaleValue=65535,
            GraphicLayerRecommendedDisplayCIELabValue=white,
        ),
    ]
    shown = state(GraphicLayerSequence=layers).presented(image, 0)
    assert shown is not None
    assert [layer.name for layer in shown.layers] == ["A", "B"]
    assert shown.layers[0].grey == 1.0
    assert shown.layers[0].lab == pytest.approx((100, 0, 0), abs=0.01)
    assert (shown.layers[1].grey, shown.layers[1].lab) == (None, None)


def test_shutters_are_in_image_coordinates(state: Any) -> None:
    made = state(
        ShutterShape=["RECTANGULAR", "CIRCULAR", "POLYGONAL"],
        ShutterLeftVerticalEdge=11,
        ShutterRightVerticalEdge=50,
        ShutterUpperHorizontalEdge=6,
        ShutterLowerHorizontalEdge=30,
        CenterOfCircularShutter=[20, 31],
        RadiusOfCircularShutter=15,
        VerticesOfThePolygonalShutter=[1, 1, 1, 60, 40, 30],
        ShutterPresentationValue=65535,
    )
    rectangle, circle, polygon = made.shutters
    assert rectangle.points == ((10, 5), (50, 30))
    assert (circle.points, circle.radius) == (((30.5, 19.5),), 15)
    assert polygon.points == ((0.5, 0.5), (59.5, 0.5), (29.5, 39.5))
    assert rectangle.grey == 1.0
    assert made.notes == ()


def test_what_cannot_be_shown_is_said(state: Any) -> None:
    made = state(
        ImageRotation=45,
        PresentationLUTSequence=[item(LUTExplanation="x")],
        MaskSubtractionSequence=[item(MaskOperation="AVG_SUB")],
        ShutterShape="BITMAP",
        GraphicAnnotationSequence=[
            item(
                GraphicLayer="A",
                GraphicObjectSequence=[
                    graphic("SPIRAL", [1, 1, 2, 2]),
                    graphic("CIRCLE", [1, 1]),
                    graphic("POINT", [1e30, 0]),
                    graphic("POLYLINE", [1, 1, 2, 2], "MATRIX"),
                ],
                CompoundGraphicSequence=[item(CompoundGraphicType="RULER")],
            )
        ],
    )
    said = " ".join(made.notes)
    for word in ("45°", "presentation LUT", "mask", "BITMAP", "SPIRAL", "CIRCLE", "POINT", "ulers"):
        assert word in said, word
    assert made.quarter_turns == 0
    assert made.marks.graphics == ()


def test_references_that_are_all_broken_are_for_nothing(state: Any, image: Radiograph) -> None:
    annotation = item(
        GraphicLayer="A",
        ReferencedImageSequence=[item(ReferencedSOPClassUID="1.2.3")],
        GraphicObjectSequence=[graphic("POINT", [1, 1])],
    )
    shown = state(GraphicAnnotationSequence=[annotation]).presented(image, 0)
    assert shown is not None
    assert shown.graphics == ()


def test_no_more_is_kept_than_a_screen_could_hold(state: Any) -> None:
    many = [graphic("POINT", [1, 1]) for _ in range(5_100)]
    made = state(GraphicAnnotationSequence=[item(GraphicLayer="A", GraphicObjectSequence=many)])
    assert len(made.marks.graphics) == 5_000
    assert len([note for note in made.notes if "more marks" in note]) == 1


def test_what_is_no_presentation_state_is_refused(tmp_path: Path, write_dicom: Writer) -> None:
    with pytest.raises(KnownError, match="not a presentation state"):
        read_gsps(write_dicom())
    with pytest.raises(KnownError, match="cannot be read"):
        read_gsps(tmp_path / "none")
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(2**26 + 1)
    with pytest.raises(KnownError, match="too large"):
        read_gsps(large)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(st.data())
def test_a_file_with_bytes_turned_over_is_read_or_refused_with_a_sentence(
    tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / "turned"
    annotation = item(
        GraphicLayer="A", GraphicObjectSequence=[graphic("CIRCLE", [20.0, 20.0, 25.0, 20.0])]
    )
    write_gsps(path, UID, GraphicAnnotationSequence=[annotation], ImageRotation=90)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(132, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        made = read_gsps(path)
    except KnownError:
        return
    assert made.quarter_turns in range(4)
