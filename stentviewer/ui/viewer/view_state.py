"""What part of an image is seen, how large, and in which window: plain numbers, no widgets.

Image coordinates are continuous: column x in 0…columns, row y in 0…rows, a pixel covers a unit
square. Viewport coordinates are device pixels, so zoom 1 is one stored pixel on one pixel of the
screen, whatever the screen's scaling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stentviewer.imaging.image import VoiLut, Window

MAX_ZOOM = 64.0
_FARTHEST = 0.25  # of the smaller of fit and 1:1
_KEEP_VISIBLE = 48.0  # device pixels of the image that panning leaves in view

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ViewState:
    """One way of looking at one image. Every method returns a new state.

    `pixel_aspect` is row height over column width; `width` and `height` are the viewport in
    device pixels; `zoom` is device pixels per column; `centre` the image point in the middle of
    the viewport; `window` None means the file's own VOI LUT; `fitted` keeps the image fitted
    when the viewport changes.
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

    @property
    def scale(self) -> Point:
        """Device pixels per column and per row."""
        return self.zoom, self.zoom * self.pixel_aspect

    @property
    def fit_zoom(self) -> float:
        """The zoom at which the whole image just fits the viewport."""
        across = self.width / self.columns
        return min(across, self.height / (self.rows * self.pixel_aspect), MAX_ZOOM)

    @property
    def min_zoom(self) -> float:
        return min(self.fit_zoom, 1.0) * _FARTHEST

    def to_viewport(self, point: Point) -> Point:
        """Image point → viewport point, device pixels."""
        sx, sy = self.scale
        return (
            (point[0] - self.centre[0]) * sx + self.width / 2,
            (point[1] - self.centre[1]) * sy + self.height / 2,
        )

    def to_image(self, point: Point) -> Point:
        """Viewport point, device pixels → image point; the inverse of `to_viewport`."""
        sx, sy = self.scale
        return (
            (point[0] - self.width / 2) / sx + self.centre[0],
            (point[1] - self.height / 2) / sy + self.centre[1],
        )

    def visible_rect(self) -> tuple[int, int, int, int]:
        """Where the image lies in the viewport, (x0, y0, x1, y1) in whole device pixels.

        Rounded to the nearest pixel, cut at the viewport, at least one pixel each way.
        """
        left, top = self.to_viewport((0.0, 0.0))
        right, bottom = self.to_viewport((float(self.columns), float(self.rows)))
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
        sx, sy = self.scale
        centre = (self.centre[0] - dx / sx, self.centre[1] - dy / sy)
        return replace(self, centre=centre, fitted=False)._kept_in_view()

    def resized(self, width: int, height: int) -> ViewState:
        """The same look in another viewport: fitted stays fitted, else the centre stays."""
        state = replace(self, width=max(1, width), height=max(1, height))
        return state.fit() if state.fitted else state._kept_in_view()

    def _kept_in_view(self) -> ViewState:
        sx, sy = self.scale
        x = _clamp_centre(self.centre[0], self.columns, sx, self.width)
        y = _clamp_centre(self.centre[1], self.rows, sy, self.height)
        return replace(self, centre=(x, y))


def _span(low: float, high: float, limit: int) -> tuple[int, int]:
    start = min(max(math.floor(low + 0.5), 0), limit - 1)
    stop = min(max(math.floor(high + 0.5), start + 1), limit)
    return start, stop


def _clamp_centre(centre: float, size: int, scale: float, viewport: int) -> float:
    keep = min(_KEEP_VISIBLE, size * scale, float(viewport))
    reach = (viewport / 2 - keep) / scale
    return min(max(centre, -reach), size + reach)


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
