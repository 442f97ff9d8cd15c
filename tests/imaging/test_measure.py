"""The numbers of what was drawn, against closed forms."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.types import (
    Identity,
    ImageHeader,
    Measurement,
    MeasurementKind,
    Spacing,
    SpacingKind,
    Target,
)
from stentviewer.imaging.image import DecodedFrames, Radiograph
from stentviewer.imaging.measure import (
    GREY,
    Number,
    Quantity,
    calibrated_spacing,
    looked_at,
    measure,
)
from stentviewer.imaging.readers import read_radiograph

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
Kind = MeasurementKind


def radiograph(pixels: np.ndarray | None = None, **fields: Any) -> Radiograph:
    stored = np.zeros((400, 600), np.uint16) if pixels is None else pixels
    rows, columns = stored.shape[:2]
    header = ImageHeader(Path("a.dcm"), Identity(), rows, columns, 1, "DICOM", True)
    return Radiograph(header, DecodedFrames(1, lambda _: stored), **fields)


def drawn(kind: Kind, *points: tuple[float, float], **fields: Any) -> Measurement:
    return Measurement("m", Target(1), kind, points, "kim", NOON, **fields)


def numbers(measurement: Measurement, image: Radiograph, **more: Any) -> dict[Quantity, Number]:
    return {one.quantity: one for one in measure(measurement, image, 0, **more)}


def length(image: Radiograph, *points: tuple[float, float], **more: Any) -> Number:
    return numbers(drawn(Kind.LENGTH, *points), image, **more)[Quantity.LENGTH]


PATIENT = Spacing(SpacingKind.PATIENT, (0.2, 0.2))
DETECTOR = Spacing(SpacingKind.DETECTOR, (0.308, 0.308))


def test_a_line_of_known_length_at_each_kind_of_spacing() -> None:
    ends = (10.0, 20.0), (310.0, 420.0)  # 300 columns, 400 rows: 500 of square pixels
    at_patient = length(radiograph(spacing=PATIENT), *ends)
    assert at_patient == Number(Quantity.LENGTH, pytest.approx(100.0), "mm", SpacingKind.PATIENT, 1)
    assert at_patient.text == "100.0 mm"
    at_detector = length(radiograph(spacing=DETECTOR), *ends)
    assert at_detector.value == pytest.approx(154.0)
    assert (at_detector.unit, at_detector.kind) == ("mm", SpacingKind.DETECTOR)
    without = length(radiograph(), *ends)
    assert without == Number(Quantity.LENGTH, pytest.approx(500.0), "px", SpacingKind.NONE, 0)
    assert without.text == "500 px"


def test_pixels_that_are_not_square() -> None:
    ends = (0.0, 0.0), (300.0, 200.0)
    tall = Spacing(SpacingKind.PATIENT, (0.4, 0.2))
    assert length(radiograph(spacing=tall, pixel_aspect=2.0), *ends).value == pytest.approx(100.0)
    unspaced = length(radiograph(pixel_aspect=2.0), *ends)
    assert (unspaced.value, unspaced.unit) == (pytest.approx(500.0), "px")
    box = drawn(Kind.RECTANGLE, (0.0, 0.0), (10.0, 10.0))
    assert numbers(box, radiograph(pixel_aspect=2.0))[Quantity.AREA].value == pytest.approx(200.0)
    right = drawn(Kind.ANGLE, (100.0, 0.0), (0.0, 0.0), (100.0, 50.0))
    angle = numbers(right, radiograph(pixel_aspect=2.0))[Quantity.ANGLE]
    assert angle.value == pytest.approx(45.0)


@pytest.mark.parametrize("degrees", [0.0, 12.5, 45.0, 90.0, 133.0, 180.0])
def test_an_angle(degrees: float) -> None:
    turn = math.radians(degrees + 31)
    other = (300 + 150 * math.cos(turn), 200 + 150 * math.sin(turn))
    start = math.radians(31)
    end = (300 + 200 * math.cos(start), 200 + 200 * math.sin(start))
    measured = drawn(Kind.ANGLE, end, (300.0, 200.0), other)
    found = numbers(measured, radiograph(spacing=PATIENT))[Quantity.ANGLE]
    assert found.value == pytest.approx(degrees, abs=1e-9)
    assert found.kind is None
    assert found.text == f"{degrees:.1f}°"


def test_a_short_arm_claims_no_tenths_of_a_degree() -> None:
    short = drawn(Kind.ANGLE, (30.0, 0.0), (0.0, 0.0), (0.0, 200.0))
    assert numbers(short, radiograph())[Quantity.ANGLE].text == "90°"
    none = drawn(Kind.ANGLE, (0.0, 0.0), (0.0, 0.0), (0.0, 200.0))
    assert measure(none, radiograph(), 0) == ()


def disc(radius: float, inside: int, outside: int) -> np.ndarray:
    y, x = np.mgrid[0:400, 0:600] + 0.5
    return np.where((x - 300) ** 2 + (y - 200) ** 2 <= radius**2, inside, outside).astype(np.uint16)


def test_a_disc_of_known_mean_and_area() -> None:
    image = radiograph(disc(60, 1000, 200), spacing=PATIENT)
    inner = numbers(drawn(Kind.ELLIPSE, (240.0, 140.0), (360.0, 260.0)), image)
    assert inner[Quantity.MEAN].value == 1000.0
    assert inner[Quantity.DEVIATION].value == 0.0
    assert inner[Quantity.AREA].value == pytest.approx(math.pi * (60 * 0.2) ** 2)
    assert inner[Quantity.AREA].text == "452 mm²"
    assert inner[Quantity.PIXELS].value == pytest.approx(math.pi * 60**2, rel=2e-3)
    outer = numbers(drawn(Kind.ELLIPSE, (180.0, 80.0), (420.0, 320.0)), image)
    assert outer[Quantity.MEAN].value == pytest.approx(200 + 800 / 4, rel=2e-3)
    assert outer[Quantity.DEVIATION].value == pytest.approx(800 * math.sqrt(3) / 4, rel=2e-3)
    assert (outer[Quantity.MINIMUM].text, outer[Quantity.MAXIMUM].text) == ("200", "1000")
    assert outer[Quantity.MEAN].unit == GREY


@pytest.mark.parametrize(
    ("kind", "corners"),
    [
        (Kind.RECTANGLE, ((20.0, 30.0), (70.0, 55.0))),
        (Kind.POLYGON, ((20.0, 30.0), (70.0, 30.0), (70.0, 55.0), (20.0, 55.0))),
        (Kind.FREEHAND, ((70.0, 55.0), (20.0, 55.0), (20.0, 30.0), (70.0, 30.0))),
    ],
)
def test_statistics_of_a_box_are_numpys(kind: Kind, corners: Any) -> None:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 4096, (400, 600)).astype(np.uint16)
    image = radiograph(pixels, rescale=(0.5, -1024.0), value_unit="HU")
    found = numbers(drawn(kind, *corners), image)
    part = pixels[30:55, 20:70] * 0.5 - 1024.0
    assert found[Quantity.MEAN].value == pytest.approx(part.mean())
    assert found[Quantity.DEVIATION].value == pytest.approx(part.std())
    assert found[Quantity.MINIMUM].value == part.min()
    assert found[Quantity.MAXIMUM].value == part.max()
    assert found[Quantity.PIXELS].value == 50 * 25
    assert found[Quantity.AREA] == Number(Quantity.AREA, 1250.0, "px²", SpacingKind.NONE)
    assert found[Quantity.MEAN].text == f"{part.mean():.1f} HU"


def test_only_pixels_that_are_some_count() -> None:
    pixels = np.full((40, 60), 100, np.int16)
    pixels[:, 30:] = -2000
    image = radiograph(pixels, signed=True, padding=(-2000, -2000))
    box = drawn(Kind.RECTANGLE, (20.0, 10.0), (40.0, 20.0))
    assert numbers(box, image)[Quantity.MEAN].value == 100.0
    assert numbers(box, image)[Quantity.PIXELS].value == 100
    beyond = drawn(Kind.RECTANGLE, (50.0, 30.0), (90.0, 60.0))  # beyond the lower right corner
    assert set(numbers(beyond, image)) == {Quantity.AREA}
    over_the_edge = drawn(Kind.ELLIPSE, (-10.0, -10.0), (10.0, 10.0))
    assert numbers(over_the_edge, image)[Quantity.MEAN].value == 100.0


def test_colour_has_the_mean_of_its_luminance() -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[..., 1] = 100
    image = radiograph(pixels)
    box = drawn(Kind.RECTANGLE, (20.0, 10.0), (40.0, 20.0))
    assert numbers(box, image)[Quantity.MEAN].value == pytest.approx(58.7)
    probe = numbers(drawn(Kind.PROBE, (3.0, 3.0)), image)
    assert [probe[name].text for name in (Quantity.RED, Quantity.GREEN, Quantity.BLUE)] == [
        "0",
        "100",
        "0",
    ]


def test_a_probe_says_the_value_of_the_pixel_under_it() -> None:
    pixels = np.arange(2400, dtype=np.uint16).reshape(40, 60)
    image = radiograph(pixels, rescale=(1.0, -1000.0), value_unit="HU")
    found = numbers(drawn(Kind.PROBE, (7.99, 3.01)), image)
    assert found[Quantity.VALUE].text == f"{3 * 60 + 7 - 1000} HU"
    assert (found[Quantity.COLUMN].value, found[Quantity.ROW].value) == (7, 3)
    assert measure(drawn(Kind.PROBE, (60.0, 3.0)), image, 0) == ()
    padded = replace(image, padding=(0, 300))
    assert set(numbers(drawn(Kind.PROBE, (7.0, 3.0)), padded)) == {Quantity.COLUMN, Quantity.ROW}


def test_a_stent_on_an_arc() -> None:
    turn = np.radians(np.linspace(0, 90, 7))
    clicks = [(300 + 200 * math.cos(t), 100 + 200 * math.sin(t)) for t in turn]
    bent = drawn(Kind.STENT, *clicks, widths=(40.0, 36.0, 30.0, 28.0, 30.0, 36.0, 40.0))
    found = numbers(bent, radiograph(spacing=PATIENT))
    assert found[Quantity.LENGTH].value == pytest.approx(math.pi / 2 * 200 * 0.2, rel=5e-4)
    assert found[Quantity.LEAST_DIAMETER].text == "5.6 mm"
    assert found[Quantity.MEAN_DIAMETER].value == pytest.approx(240 / 7 * 0.2)
    assert found[Quantity.GREATEST_DIAMETER].text == "8.0 mm"
    squashed = [(x, y / 2) for x, y in clicks]  # the same stent in pixels twice as high
    same = drawn(Kind.STENT, *squashed)
    tall = radiograph(spacing=Spacing(SpacingKind.PATIENT, (0.4, 0.2)), pixel_aspect=2.0)
    assert numbers(same, tall)[Quantity.LENGTH].value == pytest.approx(found[Quantity.LENGTH].value)
    assert Quantity.MEAN_DIAMETER not in numbers(same, tall)


def calibration(mm: float, *points: tuple[float, float], minutes: int = 0) -> Measurement:
    line = drawn(Kind.CALIBRATION, *points, mm=mm)
    return replace(line, at=NOON + timedelta(minutes=minutes))


def test_a_known_length_gives_the_image_its_spacing() -> None:
    image = radiograph(spacing=DETECTOR)
    assert calibrated_spacing([], image) == DETECTOR
    known = calibration(10.0, (0.0, 0.0), (30.0, 40.0))
    by_known = calibrated_spacing([known], image)
    assert by_known == Spacing(SpacingKind.CALIBRATED, (0.2, 0.2))
    found = length(image, (0.0, 0.0), (0.0, 300.0), spacing=by_known)
    assert (found.value, found.kind) == (pytest.approx(60.0), SpacingKind.CALIBRATED)
    later = calibration(20.0, (0.0, 0.0), (30.0, 40.0), minutes=1)
    assert calibrated_spacing([later, known], image).mm == (0.4, 0.4)
    shown = numbers(known, image)
    assert shown[Quantity.LENGTH].text == "10.0 mm"
    assert shown[Quantity.SPACING].text == "0.200 mm/px"


def test_a_calibration_of_pixels_that_are_not_square() -> None:
    image = radiograph(pixel_aspect=2.0)
    down = calibration(10.0, (0.0, 0.0), (0.0, 50.0))  # 50 rows are as long as 100 columns
    spacing = calibrated_spacing([down], image)
    assert spacing.mm == pytest.approx((0.2, 0.1))
    assert length(image, (0.0, 0.0), (100.0, 0.0), spacing=spacing).value == pytest.approx(10.0)


@pytest.mark.parametrize("mm", [None, 0.0, -3.0, math.nan, math.inf])
def test_a_calibration_that_says_nothing_makes_no_millimetres(mm: float | None) -> None:
    image = radiograph()
    nonsense = drawn(Kind.CALIBRATION, (0.0, 0.0), (30.0, 40.0), mm=mm)
    assert calibrated_spacing([nonsense], image) == Spacing()
    assert numbers(nonsense, image)[Quantity.LENGTH].unit == "px"
    dot = drawn(Kind.CALIBRATION, (5.0, 5.0), (5.0, 5.5), mm=10.0)
    assert calibrated_spacing([dot], image) == Spacing()


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_not_drawn_yet_has_no_numbers(kind: Kind) -> None:
    assert measure(drawn(kind), radiograph(), 0) == ()


@given(st.sampled_from([Kind.LENGTH, Kind.RECTANGLE, Kind.ELLIPSE, Kind.POLYGON]), st.data())
def test_no_pixel_is_looked_at_where_values_are_not_wanted(kind: Kind, data: st.DataObject) -> None:
    number = st.floats(-50, 700)
    points = data.draw(st.lists(st.tuples(number, number), min_size=3, max_size=6))

    def never(_: int) -> np.ndarray:
        raise AssertionError

    header = radiograph().header
    blind = Radiograph(header, DecodedFrames(1, never))
    measured = drawn(kind, *points)
    sizes = measure(measured, blind, 0, values=False)
    assert {one.quantity for one in sizes} <= {Quantity.LENGTH, Quantity.AREA}
    assert looked_at(measured) >= 0


def test_only_hounsfield_units_are_called_so(write_dicom: Any) -> None:
    ct = "1.2.840.10008.5.1.4.1.1.2"
    screenshot = "1.2.840.10008.5.1.4.1.1.7"
    axial, scout = ["ORIGINAL", "PRIMARY", "AXIAL"], ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    for elements, unit in (
        ({"SOPClassUID": ct, "ImageType": axial}, "HU"),
        ({"SOPClassUID": ct, "ImageType": scout}, ""),
        ({"SOPClassUID": ct, "ImageType": scout, "RescaleType": "HU"}, "HU"),
        ({"SOPClassUID": ct, "ImageType": axial, "RescaleType": "MGML"}, ""),
        ({"SOPClassUID": screenshot, "Modality": "CT"}, ""),
    ):
        assert read_radiograph(write_dicom(**elements)).value_unit == unit
