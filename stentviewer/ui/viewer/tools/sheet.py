"""What lies over the image on one canvas: its measurements, the one being drawn, the chosen one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPointF, QSizeF, Qt, Signal
from PySide6.QtGui import QPainter, QPixmap

from stentviewer.core.types import Measurement, MeasurementKind, Spacing, Target
from stentviewer.imaging.measure import Number, looked_at, measure
from stentviewer.imaging.stent_edges import propose_widths
from stentviewer.ui.viewer.tools import geometry, painting
from stentviewer.ui.viewer.tools.geometry import Point
from stentviewer.ui.viewer.tools.screen import Screen

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas

_HANDLE_REACH = 8.0  # logical pixels
_LINE_REACH = 6.0
_AT_ONCE = 500_000  # pixels whose values are looked at on the window's thread: some milliseconds


Drawn = tuple[object, ...]


def as_drawn(measurement: Measurement) -> Drawn:
    """What its numbers depend on: not who drew it, and when, or its note."""
    return (
        measurement.target,
        measurement.kind,
        measurement.points,
        measurement.widths,
        measurement.mm,
    )


@dataclass(frozen=True, slots=True)
class Grip:
    """What the pointer is over: a measurement, and one of its handles or the whole of it."""

    measurement: Measurement
    handle: int


class Sheet(QObject):
    """A layer of a canvas, and what the tools on it draw with."""

    drawn = Signal(object)  # Measurement, new or changed: to be kept
    chosenChanged = Signal(str)  # its id, empty for none
    lengthWanted = Signal(object)  # Measurement: a calibration drawn or to be changed
    removeWanted = Signal()  # the chosen one
    left = Signal()  # the tool is to be put away
    hint = Signal(str)  # a sentence for the status bar

    def __init__(self, canvas: ImageCanvas) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self.target: Target | None = None
        self.spacing = Spacing()
        self.chosen = ""
        self.hovered: Grip | None = None
        self.draft: Measurement | None = None  # being drawn, or a kept one as it is dragged
        self.is_open = False  # the draft's outline is not closed yet
        self._shown: tuple[Measurement, ...] = ()
        self._numbers: dict[Drawn, tuple[Number, ...]] = {}
        self._picture: QPixmap | None = None
        self._painted: tuple[object, ...] | None = None  # what the picture is of
        canvas.add_layer(self)

    # what is shown

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """Those of the frame on the screen."""
        return self._shown

    def show(
        self, target: Target | None, measurements: Sequence[Measurement], spacing: Spacing
    ) -> None:
        """Show these, which are on the frame of this target."""
        if (target, spacing) != (self.target, self.spacing):
            self._numbers.clear()
            self.hovered = None
        self.target, self.spacing, self._shown = target, spacing, tuple(measurements)
        self.canvas.update()

    def take_numbers(self, found: dict[Drawn, tuple[Number, ...]]) -> None:
        """Numbers computed elsewhere, for the target and spacing shown now."""
        self._numbers |= found
        self.canvas.update()

    def numbers(self, measurement: Measurement) -> tuple[Number, ...]:
        """Of a large region only its size, until its values have been computed elsewhere."""
        radiograph, stored = self.canvas.radiograph, self.canvas.stored
        if radiograph is None:
            return ()
        known = self._numbers.get(as_drawn(measurement))
        if known is None:
            small = stored is not None and looked_at(measurement) <= _AT_ONCE
            known = measure(
                measurement,
                radiograph,
                self.canvas.frame,
                spacing=self.spacing,
                stored=stored,
                values=small,
            )
            if measurement is not self.draft:
                self._numbers[as_drawn(measurement)] = known
        return known

    @property
    def aspect(self) -> float:
        """A pixel's height over its width."""
        radiograph = self.canvas.radiograph
        return radiograph.pixel_aspect if radiograph is not None else 1.0

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        radiograph = self.canvas.radiograph
        return (radiograph.header.columns, radiograph.header.rows) if radiograph else (1, 1)

    def clamped(self, point: Point) -> Point:
        """The nearest point of the image."""
        return geometry.clamped(point, *self.size)

    # drawing

    def new(self, kind: MeasurementKind, points: Sequence[Point]) -> Measurement | None:
        """Something to draw on the frame on the screen, with the draft's id while there is one."""
        if self.target is None:
            return None
        key = self.draft.id if self.draft is not None else uuid.uuid4().hex
        return Measurement(key, self.target, kind, tuple(points), "", datetime.now(UTC))

    def set_draft(self, draft: Measurement | None, *, is_open: bool = False) -> None:
        """Show what is being drawn."""
        self.draft, self.is_open = draft, is_open
        self.canvas.update()

    def finish(self, measurement: Measurement) -> None:
        """It has been drawn: keep it and choose it."""
        self.set_draft(None)
        self.choose(measurement.id)
        self.drawn.emit(measurement)

    def with_diameters(self, stent: Measurement) -> Measurement:
        """The stent with the diameters that its edges suggest; as it is where none stand out."""
        stored = self.canvas.stored
        widths = (
            propose_widths(stent.points, stored, self.spacing, self.aspect)
            if stored is not None
            else ()
        )
        self.hint.emit(
            self.tr(
                "The diameters follow the stent's edges. Drag the round handles to correct them."
            )
            if widths
            else self.tr("No edges stand out. Drag a round handle to set the diameter.")
        )
        return replace(stent, widths=widths)

    # choosing

    def choose(self, key: str) -> None:
        """Give a measurement its handles; empty for none."""
        if key != self.chosen:
            self.chosen = key
            self.canvas.update()
            self.chosenChanged.emit(key)

    def hover(self, grip: Grip | None) -> None:
        """The pointer is over this."""
        if grip != self.hovered:
            self.hovered = grip
            self.canvas.update()

    def grip_at(self, at: QPointF, *, only_chosen_handles: bool = False) -> Grip | None:
        """What lies under a point of the widget: the chosen one's handles come first."""
        screen = Screen.of(self.canvas)
        place = (at.x(), at.y())
        ordered = list(reversed(self._shown))  # the last lies on top
        ordered.sort(key=lambda one: one.id != self.chosen)
        for one in ordered:
            if only_chosen_handles and one.id != self.chosen:
                continue
            (grips,) = screen.lines((np.reshape(self._grips(one), (-1, 2)),))
            ways = np.hypot(*(grips - place).T)
            if len(ways) and ways.min() <= _HANDLE_REACH:
                return Grip(one, int(ways.argmin()))
        if only_chosen_handles:
            return None
        for one in ordered:
            lines = screen.lines(geometry.polylines(one, self.aspect))
            if geometry.distance(lines, place) <= _LINE_REACH:
                return Grip(one, geometry.WHOLE)
        return None

    def _grips(self, measurement: Measurement) -> tuple[Point, ...]:
        """Of one that is not chosen only the handles that lie on its lines."""
        points = geometry.handles(measurement, self.aspect)
        if measurement.id == self.chosen:
            return points
        if measurement.kind is MeasurementKind.ELLIPSE:
            return ()
        if measurement.kind is MeasurementKind.STENT and not measurement.widths:
            return points[: len(measurement.points)]
        return points

    # painting

    def paint(self, painter: QPainter, canvas: ImageCanvas) -> None:
        """All of it, labels last, the chosen one's on top.

        What lies still is kept as a picture when it is painted again, so that windowing costs no
        more with many measurements on the screen.
        """
        items = self._items()
        painted = self._as_painted(painter, items)
        if not items or self.draft is not None or painted != self._painted:
            self._picture, self._painted = None, painted
            painting.paint(painter, canvas, self.aspect, items)
        else:
            self._picture = self._picture or self._still(painter, items)
            painter.drawPixmap(0, 0, self._picture)

    def _items(self) -> list[painting.Item]:
        draft = self.draft
        drawn = [one for one in self._shown if draft is None or one.id != draft.id]
        drawn.sort(key=lambda one: one.id == self.chosen)
        hovered = self.hovered.measurement.id if self.hovered is not None else ""
        items = [
            painting.Item(one, self.numbers(one), one.id == self.chosen, one.id == hovered)
            for one in drawn
        ]
        if draft is not None:
            chosen, numbers = draft.id == self.chosen, self.numbers(draft)
            items.append(painting.Item(draft, numbers, chosen, True, is_open=self.is_open))
        return items

    def _as_painted(self, painter: QPainter, items: list[painting.Item]) -> tuple[object, ...]:
        """All that the picture depends on."""
        canvas = self.canvas
        view = replace(canvas.state, window=None, inverted=False)
        size = canvas.width(), canvas.height(), canvas.devicePixelRatioF()
        return view, size, painter.font(), tuple(items)

    def _still(self, painter: QPainter, items: list[painting.Item]) -> QPixmap:
        canvas, ratio = self.canvas, self.canvas.devicePixelRatioF()
        picture = QPixmap((QSizeF(canvas.size()) * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        with QPainter(picture) as inside:
            inside.setFont(painter.font())
            painting.paint(inside, canvas, self.aspect, items)
        return picture
