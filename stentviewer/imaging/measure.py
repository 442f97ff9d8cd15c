"""The numbers of what a reader drew: lengths, angles, regions, a point, a stent.

Lengths follow the image's spacing and say in which plane it holds: in the patient, at the detector,
or by a known length that a reader drew. Without any they count columns, a row counting as much as
it is high; there is never a made-up millimetre. Values are modality values (HU for CT).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import FloatArray, Measurement, MeasurementKind, Spacing, SpacingKind
from stentviewer.imaging import region
from stentviewer.imaging.centre_line import centre_line

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph, StoredArray
    from stentviewer.imaging.region import Region

GREY = "grey values"  # the unit of values that have none
_LONG_ARM = 100.0  # columns: a click that is a pixel off turns a shorter arm by over half a degree


class Quantity(StrEnum):
    """What a number says."""

    LENGTH = "length"
    ANGLE = "angle"
    AREA = "area"
    MEAN = "mean"
    DEVIATION = "standard deviation"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    PIXELS = "pixels"
    VALUE = "value"
    RED = "red"
    GREEN = "green"
    BLUE = "blue"
    COLUMN = "column"
    ROW = "row"
    LEAST_DIAMETER = "least diameter"
    MEAN_DIAMETER = "mean diameter"
    GREATEST_DIAMETER = "greatest diameter"
    SPACING = "spacing"


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a measurement.

    `unit` is "mm", "px", "mm²", "px²", "°", "HU", "grey values", "mm/px" or empty; `kind` says
    where a length or area holds, None for what needs no spacing; `digits` are the decimals worth
    showing.
    """

    quantity: Quantity
    value: float
    unit: str = ""
    kind: SpacingKind | None = None
    digits: int = 0

    @property
    def shown(self) -> str:
        """The number alone, as many digits as are worth showing."""
        shown = f"{self.value:.{self.digits}f}"
        return shown.lstrip("-") if float(shown) == 0 else shown

    @property
    def text(self) -> str:
        """The number with its unit: "23.4 mm", "-41 HU", "37°"; grey values stand alone."""
        if not self.unit or self.unit == GREY:
            return self.shown
        return f"{self.shown}{self.unit}" if self.unit == "°" else f"{self.shown} {self.unit}"


@dataclass(frozen=True, slots=True)
class Scale:
    """How much a column and a row are, in mm or in columns."""

    column: float
    row: float
    kind: SpacingKind

    @property
    def unit(self) -> str:
        return "px" if self.kind is SpacingKind.NONE else "mm"

    def length(self, value: float, quantity: Quantity = Quantity.LENGTH) -> Number:
        """A length in this scale."""
        return Number(quantity, value, self.unit, self.kind, 0 if self.unit == "px" else 1)

    def area(self, pixels: float) -> Number:
        """The area of so many pixels."""
        value = pixels * self.column * self.row
        digits = 0 if self.unit == "px" or value >= 100 else 1
        return Number(Quantity.AREA, value, f"{self.unit}²", self.kind, digits)

    def points(self, measurement: Measurement) -> npt.NDArray[np.float64]:
        """The measurement's points (n, 2) in this scale."""
        return np.asarray(measurement.points, np.float64) * (self.column, self.row)


def scale_of(radiograph: Radiograph, spacing: Spacing | None = None) -> Scale:
    """The scale of a radiograph, or of it with another spacing (`calibrated_spacing`)."""
    used = spacing or radiograph.spacing
    if used.mm is None or used.kind is SpacingKind.NONE:
        return Scale(1.0, radiograph.pixel_aspect, SpacingKind.NONE)
    return Scale(used.mm[1], used.mm[0], used.kind)


def calibrated_spacing(measurements: Iterable[Measurement], radiograph: Radiograph) -> Spacing:
    """The spacing by the latest calibration among an image's measurements, else the file's own.

    mm a column = known length / length drawn in columns; a row by the pixels' aspect.
    """
    drawn = [one for one in measurements if _mm_per_column(one, radiograph) is not None]
    if not drawn:
        return radiograph.spacing
    column = _mm_per_column(max(drawn, key=lambda one: one.at), radiograph)
    assert column is not None
    return Spacing(SpacingKind.CALIBRATED, (column * _aspect(radiograph), column))


def _mm_per_column(measurement: Measurement, radiograph: Radiograph) -> float | None:
    """None where it is no calibration or one that cannot be."""
    if measurement.kind is not MeasurementKind.CALIBRATION or len(measurement.points) != 2:
        return None
    columns = drawn_columns(measurement, radiograph)
    known = measurement.mm
    if known is None or not 0.0 < known < math.inf or columns < 1.0:
        return None
    return known / columns


def drawn_columns(measurement: Measurement, radiograph: Radiograph) -> float:
    """How long the way through its points is on the image, in columns."""
    points = Scale(1.0, _aspect(radiograph), SpacingKind.NONE).points(measurement)
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def _aspect(radiograph: Radiograph) -> float:
    mm = radiograph.spacing.mm
    return mm[0] / mm[1] if mm is not None else radiograph.pixel_aspect


def measure(
    measurement: Measurement,
    radiograph: Radiograph,
    frame: int,
    *,
    spacing: Spacing | None = None,
    stored: StoredArray | None = None,
    values: bool = True,
) -> tuple[Number, ...]:
    """The numbers of a measurement on one frame; empty while it has too few points.

    `spacing` replaces the file's, `stored` are the frame's stored values where they are at hand;
    without `values` no pixel is looked at. Pixels that mean "no pixel" and what lies beside the
    image are left out; a region without pixels has an area and no values. The standard deviation
    is that of the pixels themselves (n, not n - 1). Raises KnownError where the frame is damaged.
    """
    scale = scale_of(radiograph, spacing)
    kind, count = measurement.kind, len(measurement.points)
    if kind is MeasurementKind.PROBE:
        return _probe(measurement, radiograph, frame, stored) if count and values else ()
    if count < 2:
        return ()
    if kind is MeasurementKind.LENGTH:
        way = np.diff(scale.points(measurement), axis=0)
        return (scale.length(float(np.linalg.norm(way, axis=1).sum())),)
    if kind is MeasurementKind.ANGLE:
        return _angle(measurement, radiograph)
    if kind is MeasurementKind.STENT:
        return _stent(measurement, scale)
    if kind is MeasurementKind.CALIBRATION:
        return _calibration(measurement, radiograph)
    area = scale.area(_area_in_pixels(measurement))
    if not values:
        return (area,)
    frame_values = stored if stored is not None else radiograph.frames[frame]
    return (*_statistics(_region(measurement, radiograph), radiograph, frame, frame_values), area)


def looked_at(measurement: Measurement) -> float:
    """About how many pixels its values take, 0 for what has none: how long `measure` may last."""
    if measurement.kind not in REGIONS or not measurement.points:
        return 0.0
    (x0, y0), (x1, y1) = np.min(measurement.points, axis=0), np.max(measurement.points, axis=0)
    return float((x1 - x0) * (y1 - y0))


def _angle(measurement: Measurement, radiograph: Radiograph) -> tuple[Number, ...]:
    if len(measurement.points) < 3:
        return ()
    square = Scale(1.0, _aspect(radiograph), SpacingKind.NONE)
    end, vertex, other = square.points(measurement)[:3]
    one, two = end - vertex, other - vertex
    shorter = min(float(np.linalg.norm(one)), float(np.linalg.norm(two)))
    if not shorter:
        return ()
    cross, dot = one[0] * two[1] - one[1] * two[0], float(one @ two)
    degrees = math.degrees(math.atan2(abs(cross), dot))
    return (Number(Quantity.ANGLE, degrees, "°", digits=1 if shorter >= _LONG_ARM else 0),)


def _stent(measurement: Measurement, scale: Scale) -> tuple[Number, ...]:
    """Length of the smooth centre line; the drawn diameters' least, mean and greatest."""
    numbers = [scale.length(centre_line(scale.points(measurement)).length)]
    if measurement.widths:
        widths = [width * scale.column for width in measurement.widths]
        mean = sum(widths) / len(widths)
        numbers += [
            scale.length(min(widths), Quantity.LEAST_DIAMETER),
            scale.length(mean, Quantity.MEAN_DIAMETER),
            scale.length(max(widths), Quantity.GREATEST_DIAMETER),
        ]
    return tuple(numbers)


def _calibration(measurement: Measurement, radiograph: Radiograph) -> tuple[Number, ...]:
    column = _mm_per_column(measurement, radiograph)
    if column is None or measurement.mm is None:
        columns = drawn_columns(measurement, radiograph)
        return (Number(Quantity.LENGTH, columns, "px", SpacingKind.NONE),)
    known = Number(Quantity.LENGTH, measurement.mm, "mm", SpacingKind.CALIBRATED, 1)
    return known, Number(Quantity.SPACING, column, "mm/px", SpacingKind.CALIBRATED, 3)


REGIONS = frozenset(
    {
        MeasurementKind.ELLIPSE,
        MeasurementKind.RECTANGLE,
        MeasurementKind.POLYGON,
        MeasurementKind.FREEHAND,
    }
)


def _area_in_pixels(measurement: Measurement) -> float:
    if measurement.kind in (MeasurementKind.POLYGON, MeasurementKind.FREEHAND):
        return region.polygon_area(measurement.points)
    (x0, y0), (x1, y1) = measurement.points[:2]
    frame = abs((x1 - x0) * (y1 - y0))
    return frame * math.pi / 4 if measurement.kind is MeasurementKind.ELLIPSE else frame


def _region(measurement: Measurement, radiograph: Radiograph) -> Region:
    points, header = measurement.points, radiograph.header
    if measurement.kind is MeasurementKind.ELLIPSE:
        return region.ellipse(points[0], points[1], header.columns, header.rows)
    if measurement.kind is MeasurementKind.RECTANGLE:
        return region.rectangle(points[0], points[1], header.columns, header.rows)
    return region.polygon(points, header.columns, header.rows)


def _statistics(
    where: Region, radiograph: Radiograph, frame: int, stored: StoredArray
) -> tuple[Number, ...]:
    part = stored[where.box]
    inside = part[_seen(part, radiograph, where.mask)]
    if not len(inside):
        return ()
    if inside.ndim == 2:  # colour: a column of RGB pixels is an image of its own
        inside = inside[None]
    values = radiograph.to_modality(inside, frame).ravel()
    low, high = float(values.min()), float(values.max())
    mean = float(values.mean(dtype=np.float64))
    deviation = float(values.std(dtype=np.float64))
    digits = 1 if max(abs(low), abs(high)) >= 10 else 3
    ends = 0 if low.is_integer() and high.is_integer() else digits
    unit = value_unit(radiograph)
    return (
        Number(Quantity.MEAN, mean, unit, digits=digits),
        Number(Quantity.DEVIATION, deviation, unit, digits=digits),
        Number(Quantity.MINIMUM, low, unit, digits=ends),
        Number(Quantity.MAXIMUM, high, unit, digits=ends),
        Number(Quantity.PIXELS, values.size),
    )


def _seen(
    stored: StoredArray, radiograph: Radiograph, mask: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Without the pixels that are none."""
    if radiograph.padding is None or stored.ndim == 3:
        return mask
    low, high = radiograph.padding
    return mask & ((stored < low) | (stored > high))


def _probe(
    measurement: Measurement, radiograph: Radiograph, frame: int, stored: StoredArray | None
) -> tuple[Number, ...]:
    """The pixel under the point: its value and its column and row, counted from 0."""
    x, y = (math.floor(part) for part in measurement.points[0])
    if not (0 <= x < radiograph.header.columns and 0 <= y < radiograph.header.rows):
        return ()
    pixel = (radiograph.frames[frame] if stored is None else stored)[y : y + 1, x : x + 1]
    where = (Number(Quantity.COLUMN, x), Number(Quantity.ROW, y))
    if pixel.ndim == 3:
        names = (Quantity.RED, Quantity.GREEN, Quantity.BLUE)
        parts = zip(names, pixel[0, 0], strict=True)
        return (*(Number(name, float(part)) for name, part in parts), *where)
    if not _seen(pixel, radiograph, np.ones((1, 1), np.bool_)).any():
        return where
    value: FloatArray = radiograph.to_modality(pixel, frame)
    number = float(value[0, 0])
    digits = 0 if number.is_integer() else (1 if abs(number) >= 10 else 3)
    return (Number(Quantity.VALUE, number, value_unit(radiograph), digits=digits), *where)


def value_unit(radiograph: Radiograph) -> str:
    """HU where the file's values are; others have no unit."""
    return radiograph.value_unit or GREY
