"""A measurement's numbers in words: on the image, in the list, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from stentviewer.core.types import MeasurementKind, SpacingKind
from stentviewer.imaging.measure import Number, Quantity

_RED, _GREEN, _BLUE = Quantity.RED, Quantity.GREEN, Quantity.BLUE


def kind_name(kind: MeasurementKind) -> str:
    """ "Length", "Ellipse"; a word of its own for each tool."""
    translate = QCoreApplication.translate
    return {
        MeasurementKind.LENGTH: translate("Measurements", "Length"),
        MeasurementKind.ANGLE: translate("Measurements", "Angle"),
        MeasurementKind.ELLIPSE: translate("Measurements", "Ellipse"),
        MeasurementKind.RECTANGLE: translate("Measurements", "Rectangle"),
        MeasurementKind.POLYGON: translate("Measurements", "Polygon"),
        MeasurementKind.FREEHAND: translate("Measurements", "Freehand"),
        MeasurementKind.PROBE: translate("Measurements", "Probe"),
        MeasurementKind.STENT: translate("Measurements", "Stent"),
        MeasurementKind.CALIBRATION: translate("Measurements", "Calibration"),
    }[kind]


def how_to(kind: MeasurementKind) -> str:
    """What the hands have to do with the tool that draws this."""
    translate = QCoreApplication.translate
    return {
        MeasurementKind.LENGTH: translate(
            "Measurements", "Drag, or click both ends. Shift keeps to 45°. Esc leaves."
        ),
        MeasurementKind.ANGLE: translate(
            "Measurements", "Click one end, the vertex, the other end. Esc leaves."
        ),
        MeasurementKind.ELLIPSE: translate(
            "Measurements", "Drag from corner to corner. Shift: circle. Esc leaves."
        ),
        MeasurementKind.RECTANGLE: translate(
            "Measurements", "Drag from corner to corner. Shift: square. Esc leaves."
        ),
        MeasurementKind.POLYGON: translate(
            "Measurements", "Click from corner to corner; Enter or a double click ends. Esc leaves."
        ),
        MeasurementKind.FREEHAND: translate("Measurements", "Drag round the region. Esc leaves."),
        MeasurementKind.PROBE: translate(
            "Measurements", "Point for the value; click to keep it. Esc leaves."
        ),
        MeasurementKind.STENT: translate(
            "Measurements",
            "Click along the centre line; Enter or a double click ends. Esc leaves.",
        ),
        MeasurementKind.CALIBRATION: translate(
            "Measurements",
            "Draw a line over something of known length, such as a catheter. Esc leaves.",
        ),
    }[kind]


def lines(numbers: Sequence[Number]) -> list[str]:
    """What stands beside a measurement, the most wanted first; empty where it has no numbers."""
    by = {number.quantity: number for number in numbers}
    found = [
        _length(by),
        _diameters(by),
        _plain(by.get(Quantity.ANGLE)),
        _mean(by),
        _range(by),
        _area(by),
        _plain(by.get(Quantity.VALUE)),
        _colour(by),
        _place(by),
    ]
    return [line for line in found if line]


def in_place(text: str, kind: SpacingKind | None) -> str:
    """A length or area with the plane that it holds in."""
    if kind is SpacingKind.DETECTOR:
        return QCoreApplication.translate("Measurements", "{n}, detector plane").format(n=text)
    if kind is SpacingKind.CALIBRATED:
        return QCoreApplication.translate("Measurements", "{n}, calibrated").format(n=text)
    return text


def _plain(number: Number | None) -> str:
    return number.text if number is not None else ""


def _length(by: dict[Quantity, Number]) -> str:
    length, spacing = by.get(Quantity.LENGTH), by.get(Quantity.SPACING)
    if length is None:
        return ""
    if spacing is not None:
        text = QCoreApplication.translate("Measurements", "known length {n}, {spacing}")
        return text.format(n=length.text, spacing=spacing.text)
    return in_place(length.text, length.kind)


def _diameters(by: dict[Quantity, Number]) -> str:
    mean = by.get(Quantity.MEAN_DIAMETER)
    if mean is None:
        return ""
    text = QCoreApplication.translate("Measurements", "⌀ {low} to {high}, mean {mean}")
    low, high = by[Quantity.LEAST_DIAMETER], by[Quantity.GREATEST_DIAMETER]
    return in_place(text.format(low=low.shown, high=high.shown, mean=mean.text), mean.kind)


def _mean(by: dict[Quantity, Number]) -> str:
    mean = by.get(Quantity.MEAN)
    if mean is None:
        return ""
    text = QCoreApplication.translate("Measurements", "mean {mean} ± {deviation}")
    return text.format(mean=mean.shown, deviation=by[Quantity.DEVIATION].text)


def _range(by: dict[Quantity, Number]) -> str:
    low = by.get(Quantity.MINIMUM)
    if low is None:
        return ""
    text = QCoreApplication.translate("Measurements", "min {low}, max {high}")
    return text.format(low=low.shown, high=by[Quantity.MAXIMUM].text)


def _area(by: dict[Quantity, Number]) -> str:
    area = by.get(Quantity.AREA)
    if area is None:
        return ""
    text = QCoreApplication.translate("Measurements", "area {n}").format(n=area.text)
    return in_place(text, area.kind)


def _colour(by: dict[Quantity, Number]) -> str:
    if _RED not in by:
        return ""
    return f"R {by[_RED].text}  G {by[_GREEN].text}  B {by[_BLUE].text}"


def _place(by: dict[Quantity, Number]) -> str:
    if Quantity.COLUMN not in by:
        return ""
    text = QCoreApplication.translate("Measurements", "column {column}, row {row}")
    return text.format(column=by[Quantity.COLUMN].text, row=by[Quantity.ROW].text)
