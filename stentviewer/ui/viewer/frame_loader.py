"""Frames decoded and filtered beside the window's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stentviewer.ui.viewer.resample import pyramid
from stentviewer.ui.viewer.sampling import StoredArray

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph, Window


_AT_ONCE_PIXELS = 2**20


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """One frame of one radiograph; its own window or the automatic one only where asked for.

    `filter_name` is one of `imaging.filters.FILTERS`, or empty; `filter_window` what its contrast
    is spread over, None for what the frame's own window shows.
    """

    radiograph: Radiograph
    frame: int
    default: bool = False
    auto: bool = False
    filter_name: str = ""
    filter_window: Window | None = None


@dataclass(frozen=True, slots=True)
class LoadedFrame:
    """What a request brought: the frame, a pyramid of it as shown, windows; or the error."""

    request: FrameRequest
    stored: StoredArray | None = None  # never filtered
    levels: tuple[StoredArray, ...] = ()
    default_window: Window | None = None  # None: the file's VOI LUT, or colour
    auto_window: Window | None = None
    error: Exception | None = None


def is_at_hand(request: FrameRequest) -> bool:
    """Whether loading takes a millisecond at most: a small frame in memory, as it is.

    Frames may say so by `is_ready(index)`, as the slices of a volume do.
    """
    if request.default or request.auto or request.filter_name:
        return False
    header = request.radiograph.header
    is_ready = getattr(request.radiograph.frames, "is_ready", None)
    small = header.rows * header.columns <= _AT_ONCE_PIXELS
    return small and is_ready is not None and bool(is_ready(request.frame))


def load_frame(request: FrameRequest) -> LoadedFrame:
    """Decode the frame and prepare what painting needs. Errors come back in the result."""
    radiograph, frame = request.radiograph, request.frame
    try:
        stored = radiograph.frames[frame]
        auto = default = None
        if stored.ndim == 2:
            if request.default and radiograph.voi_lut is None:
                default = radiograph.default_window(frame)
            auto = radiograph.auto_window(frame) if request.auto else None
        levels = pyramid(_filtered(stored, request))
        return LoadedFrame(request, stored, levels, default, auto)
    except Exception as error:  # told or raised again by the window's thread
        return LoadedFrame(request, error=error)


def _filtered(stored: StoredArray, request: FrameRequest) -> StoredArray:
    """The frame through the display filter, its contrast spread over what a window shows.

    That is the window there was when the filter was chosen, so that the frame does not have to be
    filtered again as the window moves.
    """
    if not request.filter_name:
        return stored
    from stentviewer.imaging.filters import apply_filter, span_of

    radiograph, frame = request.radiograph, request.frame
    window = request.filter_window
    if window is None and stored.ndim == 2 and radiograph.voi_lut is None:
        window = radiograph.default_window(frame)
    span = span_of(radiograph, frame, window)
    return apply_filter(request.filter_name, stored, span=span, padding=radiograph.padding)
