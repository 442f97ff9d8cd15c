"""Measuring across all canvases: which tool is used, and what is kept of what it draws.

What is drawn is on the screen at once and kept beside the window, in the order it was drawn; where
that fails the screen goes back to what is kept.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from stentviewer.core.jobs import JobContext
from stentviewer.core.types import Measurement, MeasurementKind, Target
from stentviewer.imaging.measure import drawn_columns, scale_of
from stentviewer.ui.desk import Desk
from stentviewer.ui.measured_canvas import MeasuredCanvas, Row, Targets
from stentviewer.ui.panels.measurements_export import ExportDialog
from stentviewer.ui.viewer.tools import wording
from stentviewer.ui.viewer.tools.calibration import CalibrationDialog

if TYPE_CHECKING:
    from stentviewer.app.measurement_files import Format
    from stentviewer.app.measuring import MeasurementChange
    from stentviewer.ui.viewer.canvas import ImageCanvas

_numbers = itertools.count(1)


class Measuring(QObject):
    """One for a window and all its canvases. `window` is what its dialogs belong to."""

    changed = Signal()  # tool, choice or count: what is possible now
    rowsChanged = Signal(object)  # tuple[Row]: what the front canvas shows
    chosenChanged = Signal(str)  # id on the front canvas, empty for none
    said = Signal(str)  # a sentence for the status bar

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk = desk
        self._window = window
        self._canvases: list[MeasuredCanvas] = []
        self._front: MeasuredCanvas | None = None
        self._kept: dict[int, dict[str, Measurement]] = {}
        self._pending: dict[str, int] = {}  # changes on their way, by measurement
        self._changes = 0
        self._stale: list[MeasuredCanvas] = []  # what the library said of them may be old
        self._known_mm: float | None = None
        self.kind: MeasurementKind | None = None
        desk.changed.connect(self._take_change)
        desk.ready.connect(self._load_all)

    # canvases

    def watch(self, canvas: ImageCanvas, targets: Targets) -> None:
        """Measure on this canvas too. `targets` says what each of its frames is of."""
        one = MeasuredCanvas(canvas, targets, self._desk.bridge, str(next(_numbers)))
        self._canvases.append(one)
        canvas.activated.connect(lambda: self._come_forward(one))
        canvas.destroyed.connect(lambda: self._forget(one))
        one.shownChanged.connect(lambda: self._load(one))
        one.rowsChanged.connect(lambda: self._rows_changed(one))
        sheet = one.sheet
        sheet.drawn.connect(self._keep)
        sheet.chosenChanged.connect(lambda _: self._choice_changed(one))
        sheet.lengthWanted.connect(lambda drawn: self._ask_length(one, drawn))
        sheet.removeWanted.connect(self.remove_chosen)
        sheet.left.connect(self.use_pointer)
        sheet.hint.connect(self.said)
        one.use(self.kind)
        if self._front is None:
            self._come_forward(one)
        self._load(one)

    def _forget(self, one: MeasuredCanvas) -> None:
        self._canvases.remove(one)
        if self._front is one:
            self._front = self._canvases[0] if self._canvases else None

    def _come_forward(self, one: MeasuredCanvas) -> None:
        if one is not self._front:
            self._front = one
            self.rowsChanged.emit(one.rows)
            self.chosenChanged.emit(one.sheet.chosen)
            self.changed.emit()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the front canvas shows, on all its frames."""
        return self._front.rows if self._front is not None else ()

    @property
    def chosen(self) -> str:
        """The id of the measurement chosen on the front canvas, empty for none."""
        return self._front.sheet.chosen if self._front is not None else ""

    # tools, as actions

    def use_pointer(self) -> None:
        """Take hold of what is drawn; beside it the usual gestures go on."""
        self._use(None)

    def use_length(self) -> None:
        self._use(MeasurementKind.LENGTH)

    def use_angle(self) -> None:
        self._use(MeasurementKind.ANGLE)

    def use_ellipse(self) -> None:
        self._use(MeasurementKind.ELLIPSE)

    def use_rectangle(self) -> None:
        self._use(MeasurementKind.RECTANGLE)

    def use_polygon(self) -> None:
        self._use(MeasurementKind.POLYGON)

    def use_freehand(self) -> None:
        self._use(MeasurementKind.FREEHAND)

    def use_probe(self) -> None:
        self._use(MeasurementKind.PROBE)

    def use_stent(self) -> None:
        self._use(MeasurementKind.STENT)

    def calibrate(self) -> None:
        """Draw a line over something of known length."""
        self._use(MeasurementKind.CALIBRATION)

    @property
    def switch(self) -> str:
        """The id of the action whose tool is in use."""
        if self.kind is MeasurementKind.CALIBRATION:
            return "calibrate"
        return f"use_{self.kind.value if self.kind is not None else 'pointer'}"

    def _use(self, kind: MeasurementKind | None) -> None:
        before, self.kind = self.kind, kind
        for one in self._canvases:
            one.use(kind)
        if kind is not before:  # a hint for a tool that is put away goes with it
            self.said.emit(wording.how_to(kind) if kind is not None else "")
        self.changed.emit()

    def escape(self) -> None:
        """Throw away what is being drawn, else leave the tool, else let go of the chosen one."""
        front = self._front
        drawing = next((one for one in self._canvases if one.sheet.draft is not None), front)
        if drawing is not None:
            drawing.tool.escape()
        self.changed.emit()

    # choosing, changing, removing

    def choose(self, key: str) -> None:
        """Choose one on the front canvas and show its frame; empty for none."""
        front = self._front
        if front is None:
            return
        front.sheet.choose(key)
        row = next((row for row in front.rows if row.measurement.id == key), None)
        if row is not None and row.index != front.canvas.wanted_frame:
            front.canvas.set_frame(row.index)

    def remove_chosen(self) -> None:
        """Remove the chosen measurement; it can be taken back."""
        if self.chosen:
            self.remove(self.chosen)

    def remove(self, key: str) -> None:
        """Remove a measurement."""
        measurement = self._find(key)
        session = self._desk.session
        if measurement is not None:
            self._put_away(measurement)
            self._change(
                measurement, lambda: session.measuring.remove(measurement), "measurement removed"
            )

    def set_note(self, key: str, note: str) -> None:
        """Write a note on a measurement."""
        measurement = self._find(key)
        if measurement is not None and measurement.note != note:
            self._keep(replace(measurement, note=note))

    def _find(self, key: str) -> Measurement | None:
        return next((one[key] for one in self._kept.values() if key in one), None)

    # export

    def export_csv(self) -> None:
        """Ask what and where to, then write a table for a spreadsheet."""
        self._ask_export("csv", self.tr("Export measurements as CSV"))

    def export_json(self) -> None:
        """Ask what and where to, then write JSON."""
        self._ask_export("json", self.tr("Export measurements as JSON"))

    def _ask_export(self, form: Format, title: str) -> None:
        dialog = ExportDialog(title, self._window)
        dialog.decided.connect(lambda study, identity: self._ask_file(form, title, study, identity))
        dialog.open()

    def _ask_file(self, form: Format, title: str, study: bool, identity: bool) -> None:
        dialog = QFileDialog(self._window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{form.upper()} (*.{form})")
        dialog.setDefaultSuffix(form)
        dialog.selectFile(f"measurements.{form}")
        dialog.fileSelected.connect(
            lambda name: self.export_to(Path(name), form, study=study, identity=identity)
        )
        dialog.open()

    def export_to(self, path: Path, form: Format, *, study: bool, identity: bool) -> None:
        """Write what the front canvas shows, or its whole study, into a file."""
        if self._front is None or not self._front.image_ids:
            return
        session, ids = self._desk.session, self._front.image_ids

        def work(context: JobContext) -> int:
            from stentviewer.app.measurement_files import export, study_images

            wanted = study_images(session, ids[0]) if study else ids
            return export(session, wanted, path, form, identity=identity, context=context)

        def done(count: int) -> None:
            text = self.tr("Measurements written: {n}, to {path}")
            self.said.emit(text.format(n=count, path=path))

        self._desk.bridge.run(
            work, done, key="export measurements", title=self.tr("Exporting measurements")
        )

    # calibration

    def _ask_length(self, one: MeasuredCanvas, drawn: Measurement) -> None:
        radiograph = one.canvas.radiograph
        if radiograph is None:
            return
        stated = ""
        if radiograph.spacing.mm is not None:
            by_file = scale_of(radiograph).length(
                drawn_columns(drawn, radiograph) * radiograph.spacing.mm[1]
            )
            stated = wording.in_place(by_file.text, by_file.kind)
        dialog = CalibrationDialog(
            drawn_columns(drawn, radiograph), stated, drawn.mm or self._known_mm, self._window
        )

        def given(mm: float) -> None:
            self._known_mm = mm
            one.sheet.finish(replace(drawn, mm=mm))
            self.use_pointer()

        dialog.lengthGiven.connect(given)
        dialog.rejected.connect(lambda: one.sheet.set_draft(None))
        dialog.open()

    # keeping

    def _keep(self, measurement: Measurement) -> None:
        session = self._desk.session
        self._put(measurement)
        self._change(measurement, lambda: session.measuring.measure(measurement), "measured")

    def _change(
        self, measurement: Measurement, work: Callable[[], MeasurementChange], how: str
    ) -> None:
        key = measurement.id
        self._pending[key] = self._pending.get(key, 0) + 1

        def settle() -> None:
            self._changes += 1
            self._pending[key] -= 1
            if not self._pending[key]:
                del self._pending[key]
            if not self._pending:
                stale, self._stale = self._stale, []
                for one in stale:
                    self._load(one)

        def done(change: MeasurementChange) -> None:
            settle()
            self._desk.changed.emit(change, how)

        def failed(error: BaseException) -> bool:
            settle()
            self._load_all()  # back to what is kept
            return isinstance(error, LookupError)  # taken back meanwhile: it is gone as wished

        self._desk.bridge.run(
            lambda _: work(),
            done,
            failed,
            key="change",
            title=self.tr("Saving"),
            ordered=True,
        )

    def _take_change(self, change: object, how: str) -> None:
        from stentviewer.app.measuring import MeasurementChange

        if not isinstance(change, MeasurementChange):
            return
        key = change.measurement.id if change.measurement is not None else change.removed_id
        if key not in self._pending:  # else what is on the screen is newer
            self._apply(change)
        self._changes += 1
        text = {
            "undone": self.tr("Undone: {what}"),
            "redone": self.tr("Redone: {what}"),
            "measurement removed": self.tr("Removed: {what}. Ctrl+Z brings it back."),
        }.get(how)
        if text is not None:
            self.said.emit(text.format(what=wording.kind_name(change.kind)))

    def _apply(self, change: MeasurementChange) -> None:
        if change.measurement is not None:
            self._put(change.measurement)
        else:
            self._kept.get(change.target.image_id, {}).pop(change.removed_id, None)
            self._show_image(change.target)

    def _put(self, measurement: Measurement) -> None:
        self._kept.setdefault(measurement.target.image_id, {})[measurement.id] = measurement
        self._show_image(measurement.target)

    def _put_away(self, measurement: Measurement) -> None:
        self._kept[measurement.target.image_id].pop(measurement.id, None)
        self._show_image(measurement.target)

    # showing

    def _load_all(self) -> None:
        for one in self._canvases:
            self._load(one)

    def _load(self, one: MeasuredCanvas) -> None:
        """Ask for what is kept of the images on a canvas; again if it changed meanwhile."""
        ids, asked = one.image_ids, self._changes
        if not ids or not self._desk.has_session:
            return
        session = self._desk.session

        def take(found: list[Measurement]) -> None:
            if self._pending:
                self._stale.append(one)  # asked again once they are settled
                return
            if asked != self._changes:
                self._load(one)
                return
            for image_id in ids:
                self._kept[image_id] = {}
            for measurement in found:
                self._kept[measurement.target.image_id][measurement.id] = measurement
            for canvas in self._canvases:
                if set(ids) & set(canvas.image_ids):
                    self._show(canvas)

        self._desk.bridge.run(
            lambda _: session.measuring.on(ids),
            take,
            key=f"measurements {id(one)}",
            title=self.tr("Library"),
        )

    def _show_image(self, target: Target) -> None:
        for one in self._canvases:
            if target.image_id in one.image_ids:
                self._show(one)

    def _show(self, one: MeasuredCanvas) -> None:
        kept = [self._kept.get(image_id, {}) for image_id in one.image_ids]
        one.show(measurement for of_image in kept for measurement in of_image.values())

    def _rows_changed(self, one: MeasuredCanvas) -> None:
        if one is self._front:
            self.rowsChanged.emit(one.rows)
            self.changed.emit()

    def _choice_changed(self, one: MeasuredCanvas) -> None:
        if one is self._front:
            self.chosenChanged.emit(one.sheet.chosen)
            self.changed.emit()
