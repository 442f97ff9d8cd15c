"""Display filters: what a reader may lay over the stored values to see more, marked as such.

The kinds that the review of Kim and others names for preparing medical images (J Korean Soc Radiol,
"How to develop a medical imaging model", Fig. 3): median and Gaussian against noise, histogram
equalisation (Wang 2008) and contrast-limited adaptive histogram equalisation (Reza 2004) for
contrast. It states no sizes; these are the usual ones: 3 × 3, one pixel, clip limit 2, 8 × 8 tiles.
Sharpening is the classical unsharp mask.

A filter never changes what is measured, read or exported: it is applied to a copy for the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import Sentence, sentence

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph, StoredArray, Window

FILTERS: dict[str, Sentence] = {  # name → title
    "median": sentence("Median (less noise)"),
    "gaussian": sentence("Gaussian (smoother)"),
    "sharpen": sentence("Sharpen"),
    "clahe": sentence("Local contrast (CLAHE)"),
    "equalise": sentence("Histogram equalisation"),
}
CONTRAST_FILTERS = frozenset(["clahe", "equalise"])  # they depend on the span

MEDIAN_SIDE = 3  # pixels
GAUSSIAN_SIGMA = 1.0  # pixels
SHARPEN_SIGMA, SHARPEN_AMOUNT = 2.0, 1.0
CLIP_LIMIT, TILES = 2.0, 8  # times the mean count of a grey level; along either side

_NAMES = tuple(FILTERS)
_PERCENTILES = (0.5, 99.5)
_SAMPLES = 2**17

Span = tuple[int, int]


def apply_filter(
    name: str,
    stored: StoredArray,
    *,
    span: Span | None = None,
    padding: Span | None = None,
) -> StoredArray:
    """The filtered copy of a frame, of the same type and shape; "" gives the frame itself.

    `stored` is (rows, columns) of uint8, uint16 or int16, or (rows, columns, 3) uint8 RGB: colour
    is smoothed and sharpened channel by channel, its contrast changed in its luminance alone.
    `span` is the range of stored values (low, high) within which the contrast filters spread
    values; what lies outside stays. Without one it is the frame's own 0.5th to 99.5th percentile.
    `padding` is the range of stored values that mean "no pixel" and stay as they are. Raises
    UserError for a name that is not in FILTERS.
    """
    if not name:
        return stored
    if name not in FILTERS:
        said = sentence(
            "There is no filter “{name}”. Choose one of {names}.", name=name, names=_NAMES
        )
        raise UserError(said)
    if stored.size == 0:
        return stored.copy()
    padded = _is_padding(stored, padding)
    if name in CONTRAST_FILTERS:
        method = _equalised if name == "equalise" else _clahe
        filtered = _spread(method, stored, span, padded)
    else:
        filtered = _smooth(name, stored)
    if padded is not None:
        filtered[padded] = stored[padded]
    return filtered


def span_of(radiograph: Radiograph, frame: int, window: Window | None) -> Span | None:
    """The stored values at the ends of a window; None where they cannot be told."""
    rescale = radiograph.rescale_of(frame)
    if window is None or not isinstance(rescale, tuple):
        return None
    slope, intercept = rescale
    ends = [window.centre + half * window.width / 2 for half in (-1, 1)]
    low, high = sorted((end - intercept) / slope for end in ends)
    limits = np.iinfo(radiograph.stored_dtype)
    first, last = (int(min(max(round(v), limits.min), limits.max)) for v in (low, high))
    return (first, last) if last > first else None


def _is_padding(stored: StoredArray, padding: Span | None) -> npt.NDArray[np.bool_] | None:
    if padding is None or stored.ndim != 2:
        return None
    mask = (stored >= padding[0]) & (stored <= padding[1])
    return mask if bool(mask.any()) and not bool(mask.all()) else None


def _smooth(name: str, stored: StoredArray) -> StoredArray:
    import cv2

    values = _unsigned(stored)
    if name == "median":
        values = cv2.medianBlur(values, MEDIAN_SIDE)
    elif name == "gaussian":
        values = cv2.GaussianBlur(values, (0, 0), GAUSSIAN_SIGMA, borderType=cv2.BORDER_REPLICATE)
    else:
        soft = cv2.GaussianBlur(values, (0, 0), SHARPEN_SIGMA, borderType=cv2.BORDER_REPLICATE)
        values = cv2.addWeighted(values, 1 + SHARPEN_AMOUNT, soft, -SHARPEN_AMOUNT, 0)
    return _back(values, stored)


def _unsigned(stored: StoredArray) -> npt.NDArray[Any]:
    """Values that OpenCV takes: int16 moved up by 32,768; a copy, as the cache is read-only."""
    if stored.dtype != np.int16:
        return stored.copy()
    moved: npt.NDArray[Any] = stored.view(np.uint16) ^ np.uint16(0x8000)
    return moved


def _back(values: npt.NDArray[Any], like: StoredArray) -> StoredArray:
    if like.dtype != np.int16:
        return values.reshape(like.shape)
    return (values ^ np.uint16(0x8000)).view(np.int16).reshape(like.shape)


_Method = Callable[[npt.NDArray[np.uint16], int, "npt.NDArray[np.bool_] | None"], npt.NDArray[Any]]


def _spread(
    method: _Method, stored: StoredArray, span: Span | None, padded: npt.NDArray[np.bool_] | None
) -> StoredArray:
    """A contrast filter within the span, on grey values or on a colour's luminance."""
    if stored.ndim == 3:
        import cv2

        colour = cv2.cvtColor(stored, cv2.COLOR_RGB2YCrCb)
        colour[..., 0] = _spread(method, np.ascontiguousarray(colour[..., 0]), span, None)
        rgb: StoredArray = cv2.cvtColor(colour, cv2.COLOR_YCrCb2RGB)
        return rgb
    low, high = span or _own_span(stored, padded)
    if high <= low:
        return stored.copy()
    above = (np.clip(stored, low, high).astype(np.int32) - low).astype(np.uint16)
    levels = np.asarray(method(above, high - low, padded), np.float32)
    inside = (stored >= low) & (stored <= high)
    spread = np.rint(levels + low).astype(stored.dtype)
    return np.where(inside, spread, stored)


def _own_span(stored: StoredArray, padded: npt.NDArray[np.bool_] | None) -> Span:
    step = max(1, int(np.sqrt(stored.size / _SAMPLES)))
    part = stored[::step, ::step]
    if padded is not None:
        kept = part[~padded[::step, ::step]]
        part = kept if kept.size else part
    low, high = (int(v) for v in np.percentile(part, _PERCENTILES))
    return (low, high) if high > low else (int(stored.min()), int(stored.max()))


def _equalised(
    above: npt.NDArray[np.uint16], reach: int, padded: npt.NDArray[np.bool_] | None
) -> npt.NDArray[Any]:
    """Values 0…reach so that each is as frequent as any other: the table of OpenCV's equalizeHist.

    value → (count up to it - count of the lowest) / (all - count of the lowest) × reach.
    """
    counted = above if padded is None else above[~padded]
    counts = np.bincount(counted.ravel(), minlength=reach + 1)
    below = np.cumsum(counts) - counts[np.flatnonzero(counts)[0]]
    if below[-1] == 0:
        return above
    table = (np.maximum(below, 0) * (reach / below[-1])).astype(np.float32)
    levels: npt.NDArray[Any] = table[above]
    return levels


def _clahe(
    above: npt.NDArray[np.uint16], reach: int, padded: npt.NDArray[np.bool_] | None
) -> npt.NDArray[Any]:
    """OpenCV's CLAHE over 65,536 levels; its limit counts for the levels that there are."""
    import cv2

    del padded  # tiles of nothing but padding stay so: it is put back afterwards
    stretched = np.multiply(above, 65535 / reach, dtype=np.float32)
    limit = CLIP_LIMIT * 65536 / (reach + 1)
    levels = cv2.createCLAHE(limit, (TILES, TILES)).apply((stretched + 0.5).astype(np.uint16))
    back: npt.NDArray[Any] = np.multiply(levels, reach / 65535, dtype=np.float32)
    return back
