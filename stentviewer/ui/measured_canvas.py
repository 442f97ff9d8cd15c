"""One canvas with its measurements: which belong to what it shows, and all their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from stentviewer.core.errors import StentviewerError
from stentviewer.core.types import Measurement, MeasurementKind, Spacing, Target
from stentviewer.imaging.measure import Number, calibrated_spacing, measure
from stentviewer.ui.bridge import Bridge
from stentviewer.ui.viewer.tools.drawing import tool_for
from stentviewer.ui.viewer.tools.pointer import PointerTool
from stentviewer.ui.viewer.tools.sheet import Drawn, Sheet, as_drawn

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph
    from stentviewer.ui.viewer.canvas import ImageCanvas

Targets = Callable[[int], Target | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement on what a canvas shows; `index` is the frame of the radiograph it is on."""

    measurement: Measurement
    numbers: tuple[Number, ...]
    index: int


class MeasuredCanvas(QObject):
    """Keeps the sheet over a canvas at what the canvas shows."""

    rowsChanged = Signal()
    shownChanged = Signal()  # another image: its measurements are wanted

    def __init__(self, canvas: ImageCanvas, targets: Targets, bridge: Bridge, key: str) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self.sheet = Sheet(canvas)
        self.tool: PointerTool = PointerTool(self.sheet)
        self.rows: tuple[Row, ...] = ()
        self._targets = targets
        self._bridge = bridge
        self._key = f"numbers {key}"
        self._frames: dict[Target, int] = {}
        self._kept: tuple[Measurement, ...] = ()
        self._known: dict[tuple[Drawn, Spacing], tuple[Number, ...]] = {}
        canvas.set_tool(self.tool)
        canvas.radiographChanged.connect(self._take_radiograph)
        canvas.frameChanged.connect(self._show_frame)
        canvas.toolChanged.connect(self._tool_was_changed)
        self._take_radiograph(canvas.radiograph)

    # tools

    def use(self, kind: MeasurementKind | None) -> None:
        """Draw this kind from now on; None is the pointer."""
        before, self.tool = self.tool, tool_for(kind, self.sheet)
        before.put_away()
        self.canvas.set_tool(self.tool)

    def _tool_was_changed(self) -> None:
        if self.canvas.tool is not self.tool:  # somebody else's is used for a while
            self.tool.put_away()

    # what is shown

    @property
    def image_ids(self) -> tuple[int, ...]:
        """The images that it shows frames of."""
        return tuple(dict.fromkeys(target.image_id for target in self._frames))

    def index_of(self, target: Target) -> int | None:
        """The frame that shows this; None where none does."""
        return self._frames.get(target)

    def _take_radiograph(self, radiograph: Radiograph | None) -> None:
        self.tool.put_away()
        self._frames, self._known, self._kept = {}, {}, ()
        if radiograph is not None:
            for index in range(radiograph.header.frames):
                target = self._targets(index)
                if target is not None:
                    self._frames.setdefault(target, index)
        self.sheet.choose("")
        self.show([])
        self.shownChanged.emit()

    def show(self, kept: Iterable[Measurement]) -> None:
        """These are kept of the images it shows; what is of another plane is left out."""
        self._kept = tuple(one for one in kept if one.target in self._frames)
        if self.sheet.chosen and all(one.id != self.sheet.chosen for one in self._kept):
            self.sheet.choose("")
        self._show_frame(self.canvas.frame)
        self._count()

    def _show_frame(self, frame: int) -> None:
        sheet, radiograph = self.sheet, self.canvas.radiograph
        target = self._targets(frame) if radiograph is not None and frame >= 0 else None
        if target != sheet.target:
            self.tool.put_away()
        spacing = self._spacing(target)
        self.canvas.set_spacing(spacing if radiograph is not None else None)
        sheet.show(target, [one for one in self._kept if one.target == target], spacing)
        drawn = [as_drawn(one) for one in sheet.measurements]
        sheet.take_numbers(
            {one: self._known[one, spacing] for one in drawn if (one, spacing) in self._known}
        )

    def _spacing(self, target: Target | None) -> Spacing:
        """By a known length drawn on any frame of the image, else the file's."""
        radiograph = self.canvas.radiograph
        if radiograph is None or target is None:
            return radiograph.spacing if radiograph is not None else Spacing()
        place = target.image_id, target.plane
        same = [one for one in self._kept if (one.target.image_id, one.target.plane) == place]
        return calibrated_spacing(same, radiograph)

    # numbers

    def _count(self) -> None:
        """Sizes at once; the values of pixels, whose frames may have to be decoded, beside it."""
        radiograph = self.canvas.radiograph
        if radiograph is None:
            self._take_rows(())
            return
        rows, missing = [], []
        for one in self._kept:
            spacing, index = self._spacing(one.target), self._frames[one.target]
            numbers = self._known.get((as_drawn(one), spacing))
            if numbers is None:
                missing.append((one, index, spacing))
                numbers = measure(one, radiograph, index, spacing=spacing, values=False)
            rows.append(Row(one, numbers, index))
        self._take_rows(rows)
        if missing:
            self._ask_numbers(radiograph, missing)

    def _ask_numbers(
        self, radiograph: Radiograph, missing: list[tuple[Measurement, int, Spacing]]
    ) -> None:
        def take(found: list[tuple[Number, ...]]) -> None:
            if radiograph is self.canvas.radiograph:
                for (one, _, spacing), numbers in zip(missing, found, strict=True):
                    self._known[as_drawn(one), spacing] = numbers
                self.show(self._kept)

        self._bridge.run(
            lambda _: [_numbers(one, radiograph, index, by) for one, index, by in missing],
            take,
            key=self._key,
            title=self.tr("Measuring"),
        )

    def _take_rows(self, rows: Sequence[Row]) -> None:
        self.rows = tuple(rows)
        self.rowsChanged.emit()


def _numbers(
    one: Measurement, radiograph: Radiograph, index: int, spacing: Spacing
) -> tuple[Number, ...]:
    """Of a frame that cannot be decoded, sizes alone: the viewer says why where it is shown."""
    try:
        return measure(one, radiograph, index, spacing=spacing)
    except StentviewerError:
        return measure(one, radiograph, index, spacing=spacing, values=False)
