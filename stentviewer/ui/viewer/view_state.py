"""What part of an image is seen, how large, and in which window: plain numbers, no widgets.

Image coordinates are continuous: column x in 0…columns, row y in 0…rows, a pixel covers a unit
square. Viewport coordinates are device pixels, so zoom 1 is one stored pixel on one pixel of the
screen, whatever the screen's scaling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stentviewer.core.types import Box

if TYPE_CHECKING:
    from stentviewer.imaging.image import VoiLut, Window

MAX_ZOOM = 64.0
_FARTHEST = 0.25  # of the smaller of fit and 1:1
_KEEP_VISIBLE = 48.0  # device pixels of the image that panning leaves in view

Point = tuple[float, float]
Rect = tuple[int, int, int, int]  # x0, y0, x1, y1, the last ones excluded


@dataclass(frozen=True, slots=True)
class ViewState:
    """One way of looking at one image. Every method returns a new state.

    `pixel_aspect` is row height over column width; `width` and `height` are the viewport in
    device pixels; `zoom` is device pixels per column; `centre` the image point in the middle of
    the viewport; `window` None means the file's own VOI LUT; `fitted` keeps the image fitted
    when the viewport changes. The picture is first `mirrored` (left for right), then turned
    clockwise by `quarter_turns` (0…3). `colours` is "grey" or a colour table's name.
    """

    columns: int = 1
    rows: int = 1
    pixel_aspect: float = 1.0
    width: int = 1
    height: int = 1
    zoom: float = 1.0
    centre: Point = (0.5, 0.5)
    fitted: bool = True
    window: Window | None = None
    inverted: bool = False
    frame: int = 0
    quarter_turns: int = 0
    mirrored: bool = False
    colours: str = "grey"

    @property
    def scale(self) -> Point:
        """Device pixels per column and per row."""
        return self.zoom, self.zoom * self.pixel_aspect

    @property
    def fit_zoom(self) -> float:
        """The zoom at which the whole image just fits the viewport."""
        width, height = self.columns, self.rows * self.pixel_aspect
        if self.quarter_turns % 2:
            return min(self.width / height, self.height / width, MAX_ZOOM)
        return min(self.width / width, self.height / height, MAX_ZOOM)

    @property
    def min_zoom(self) -> float:
        return min(self.fit_zoom, 1.0) * _FARTHEST

    def to_viewport(self, point: Point) -> Point:
        """Image point → viewport point, device pixels."""
        sx, sy = self.scale
        x, y = (point[0] - self.centre[0]) * sx, (point[1] - self.centre[1]) * sy
        x, y = _turned(-x if self.mirrored else x, y, self.quarter_turns)
        return x + self.width / 2, y + self.height / 2

    def to_image(self, point: Point) -> Point:
        """Viewport point, device pixels → image point; the inverse of `to_viewport`."""
        x, y = self._to_image_way(point[0] - self.width / 2, point[1] - self.height / 2)
        return x + self.centre[0], y + self.centre[1]

    def _to_image_way(self, dx: float, dy: float) -> Point:
        """A way in the viewport, device pixels → the same way in columns and rows."""
        sx, sy = self.scale
        x, y = _turned(dx, dy, -self.quarter_turns)
        return (-x if self.mirrored else x) / sx, y / sy

    def upright(self) -> ViewState:
        """The same view of the picture as it lies on the screen, by one without orientation.

        Its columns and rows are those of the mirrored and turned array.
        """
        columns, rows, zoom, aspect = self.columns, self.rows, self.zoom, self.pixel_aspect
        x, y = self.centre
        x = columns - x if self.mirrored else x
        for _ in range(self.quarter_turns):
            x, y, columns, rows = rows - y, x, rows, columns
        if self.quarter_turns % 2:
            zoom, aspect = zoom * aspect, 1.0 / aspect
        return replace(
            self,
            columns=columns,
            rows=rows,
            zoom=zoom,
            pixel_aspect=aspect,
            centre=(x, y),
            quarter_turns=0,
            mirrored=False,
        )

    def rotated(self, quarter_turns: int) -> ViewState:
        """Turned on the screen, clockwise, about the middle of the viewport."""
        turned = replace(self, quarter_turns=(self.quarter_turns + quarter_turns) % 4)
        return turned.fit() if self.fitted else turned._kept_in_view()

    def flipped(self) -> ViewState:
        """Left for right as seen on the screen, about the middle of the viewport."""
        turns = -self.quarter_turns % 4
        return replace(self, mirrored=not self.mirrored, quarter_turns=turns)._kept_in_view()

    def visible_rect(self) -> Rect:
        """Where the image lies in the viewport, (x0, y0, x1, y1) in whole device pixels.

        Rounded to the nearest pixel, cut at the viewport, at least one pixel each way.
        """
        upright = self.upright()  # as it is drawn: an edge between two pixels goes to one of them
        left, top = upright.to_viewport((0.0, 0.0))
        right, bottom = upright.to_viewport((float(upright.columns), float(upright.rows)))
        x0, x1 = _span(left, right, self.width)
        y0, y1 = _span(top, bottom, self.height)
        return x0, y0, x1, y1

    def fit(self) -> ViewState:
        """The whole image, as large as it goes, in the middle."""
        middle = (self.columns / 2, self.rows / 2)
        return replace(self, zoom=self.fit_zoom, centre=middle, fitted=True)

    def one_to_one(self) -> ViewState:
        """One column on one device pixel, about the same centre."""
        return replace(self, zoom=1.0, fitted=False)._kept_in_view()

    def zoom_at(self, point: Point, factor: float) -> ViewState:
        """Zoom by `factor`, the image point under the viewport point `point` staying there.

        A point beside the image stands for the image's nearest point.
        """
        x, y = self.to_image(point)
        x, y = min(max(x, 0.0), float(self.columns)), min(max(y, 0.0), float(self.rows))
        zoom = min(max(self.zoom * factor, self.min_zoom), MAX_ZOOM)
        ratio = self.zoom / zoom
        centre = (x + (self.centre[0] - x) * ratio, y + (self.centre[1] - y) * ratio)
        return replace(self, zoom=zoom, centre=centre, fitted=False)

    def pan(self, dx: float, dy: float) -> ViewState:
        """Move the image by (dx, dy) device pixels; a piece of it always stays in view."""
        x, y = self._to_image_way(dx, dy)
        centre = (self.centre[0] - x, self.centre[1] - y)
        return replace(self, centre=centre, fitted=False)._kept_in_view()

    def resized(self, width: int, height: int) -> ViewState:
        """The same look in another viewport: fitted stays fitted, else the centre stays."""
        state = replace(self, width=max(1, width), height=max(1, height))
        return state.fit() if state.fitted else state._kept_in_view()

    def _kept_in_view(self) -> ViewState:
        sx, sy = self.scale
        across, down = self.width, self.height
        if self.quarter_turns % 2:
            across, down = down, across
        x = _clamp_centre(self.centre[0], self.columns, sx, across)
        y = _clamp_centre(self.centre[1], self.rows, sy, down)
        return replace(self, centre=(x, y))


def _turned(x: float, y: float, quarter_turns: int) -> Point:
    """A way turned clockwise, y pointing down."""
    for _ in range(quarter_turns % 4):
        x, y = -y, x
    return x, y


def _span(low: float, high: float, limit: int) -> tuple[int, int]:
    start = min(max(math.floor(low + 0.5), 0), limit - 1)
    stop = min(max(math.floor(high + 0.5), start + 1), limit)
    return start, stop


def _clamp_centre(centre: float, size: int, scale: float, viewport: int) -> float:
    keep = min(_KEEP_VISIBLE, size * scale, float(viewport))
    reach = (viewport / 2 - keep) / scale
    return min(max(centre, -reach), size + reach)


def oriented_box(box: Box, quarter_turns: int, mirrored: bool) -> Box:
    """A box in image fractions, in fractions of the mirrored and turned picture."""
    x0, y0, x1, y1 = box.x0, box.y0, box.x1, box.y1
    if mirrored:
        x0, x1 = 1.0 - x1, 1.0 - x0
    for _ in range(quarter_turns % 4):
        x0, y0, x1, y1 = 1.0 - y1, x0, 1.0 - y0, x1
    return Box(x0, y0, x1, y1)


def table_window(table: VoiLut) -> Window:
    """The linear window over the values that a VOI LUT covers, where a drag starts from it."""
    from stentviewer.imaging.image import Window

    count = float(len(table.values))
    return Window(table.first + count / 2, max(count, 1.0))


def dragged_window(start: Window, dx: float, dy: float) -> Window:
    """The window after dragging by (dx, dy) logical pixels: right widens it, down raises it.

    Steps are relative to the window at the start of the drag, so 8-bit pictures and 16-bit
    radiographs feel alike and dragging back undoes the change. LINEAR needs a width of at least
    1 (PS3.3 C.11.2.1.2.1).
    """
    least = 1.0 if start.function == "LINEAR" else start.width * 1e-3
    width = max(least, start.width * math.exp(dx / 250.0))
    return replace(start, centre=start.centre + dy * start.width / 400.0, width=width, name="")
