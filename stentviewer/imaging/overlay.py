"""Pictures made of a radiograph: grey, grey with heat over it, thumbnails, captions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from stentviewer.core.errors import UserError
from stentviewer.core.paths import korean_font
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray, HeatMap
from stentviewer.imaging.image import Radiograph, Window
from stentviewer.imaging.memory import MOST_PIXELS
from stentviewer.imaging.windowing import display_lut

PictureArray = npt.NDArray[np.uint8]

_DARK, _LIGHT, _LINE = (18, 20, 24), (225, 228, 232), (77, 208, 225)
_TILE = 1024  # pixels; heat is drawn over large pictures piece by piece
TABLES = ("inferno", "viridis", "cividis")  # for heat: perceptually even; jet is not
_PALETTES = {  # DICOM's, by their UID; of the picture only
    "hot iron": "1.2.840.10008.1.5.1",
    "PET": "1.2.840.10008.1.5.2",
    "hot metal blue": "1.2.840.10008.1.5.3",
    "PET 20 step": "1.2.840.10008.1.5.4",
}
COLOUR_TABLES = ("grey", *TABLES, "magma", "plasma", *_PALETTES)


def render_grey(
    radiograph: Radiograph,
    frame: int,
    window: Window | None = None,
    invert: bool = False,
    max_side: int | None = None,
) -> PictureArray:
    """The frame as it is shown, grey uint8 (rows, columns), pixels square.

    Without a window in the file's own way. `max_side` bounds the longer side; a picture is never
    enlarged but along the shorter side of a pixel that is not square.
    """
    import cv2

    stored = radiograph.frames[frame]
    rows, columns = stored.shape[:2]
    height, width = _square_size(rows, columns, radiograph.pixel_aspect)
    if max_side is not None and max(height, width) > max_side:
        scale = max_side / max(height, width)
        height, width = max(1, round(height * scale)), max(1, round(width * scale))
    if (height, width) != (rows, columns):  # stored values are resampled, the table comes last
        shrinks = height <= rows and width <= columns
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        stored = cv2.resize(stored, (width, height), interpolation=method)
    shown = window
    if shown is None and (radiograph.voi_lut is None or radiograph.windows_of(frame)):
        shown = radiograph.default_window(frame) if stored.ndim == 2 else None
    grey = display_lut(radiograph, shown, invert, frame=frame).apply(stored)
    if grey.ndim == 3:
        grey = cv2.cvtColor(grey, cv2.COLOR_RGB2GRAY)
    return grey


def _square_size(rows: int, columns: int, pixel_aspect: float) -> tuple[int, int]:
    """Rows and columns once pixels are square; the finer direction keeps its count.

    Where that were more pixels than any image may have, both shrink.
    """
    height, width = rows * max(pixel_aspect, 1.0), columns / min(pixel_aspect, 1.0)
    if (height, width) != (rows, columns) and height * width > MOST_PIXELS:
        scale = math.sqrt(MOST_PIXELS / (height * width))
        height, width = height * scale, width * scale
    return max(1, round(height)), max(1, round(width))


def render_overlay(
    grey: PictureArray, heat: HeatMap | None, strength: float = 0.5, table: str = "inferno"
) -> PictureArray:
    """Heat over a grey picture (rows, columns), uint8 RGB (rows, columns, 3).

    The heat covers the more the hotter it is: where it is 0 the picture is as it was, where it is
    1 it shows through by 1 - `strength`. Without heat the picture in three equal channels.
    """
    colour = np.repeat(grey[..., None], 3, axis=2)
    if heat is None:
        return colour
    shape = (grey.shape[0], grey.shape[1])
    for down in _tiles(shape[0]):
        for across in _tiles(shape[1]):  # whole, the largest image would take gigabytes
            part = colour[down, across]
            rgba = heat_rgba(heat, strength, table, shape, (down, across))
            alpha = rgba[..., 3:].astype(np.float32) / 255
            mixed = part * (1 - alpha) + rgba[..., :3] * alpha
            part[:] = np.floor(mixed + 0.5).astype(np.uint8)
    return colour


def _tiles(length: int) -> Iterator[slice]:
    for start in range(0, length, _TILE):
        yield slice(start, min(start + _TILE, length))


def heat_rgba(
    heat: HeatMap, strength: float, table: str, shape: tuple[int, int], part: tuple[slice, slice]
) -> PictureArray:
    """Heat as uint8 RGBA (rows, columns, 4) for a part, rows and columns, of an image of `shape`.

    Alpha is heat times strength (both 0…1); outside the heat's extent it is 0. Sampled
    bilinearly at pixel centres, held constant from the centres of the outer cells outwards.
    """
    import cv2

    cells_down, cells_across = heat.values.shape
    box = heat.extent
    across = (np.arange(part[1].start, part[1].stop) + 0.5) / shape[1]
    down = (np.arange(part[0].start, part[0].stop) + 0.5) / shape[0]
    out_shape = (len(down), len(across))
    x = ((across - box.x0) / (box.x1 - box.x0) * cells_across - 0.5).astype(np.float32)
    y = ((down - box.y0) / (box.y1 - box.y0) * cells_down - 0.5).astype(np.float32)
    values: FloatArray = cv2.remap(
        heat.values.astype(np.float32),
        np.broadcast_to(x, out_shape).copy(),
        np.broadcast_to(y[:, None], out_shape).copy(),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    inside = ((across >= box.x0) & (across <= box.x1)) & ((down >= box.y0) & (down <= box.y1))[
        :, None
    ]
    values = np.clip(np.where(inside, values, 0), 0, 1)
    index = np.floor(values * 255 + 0.5).astype(np.uint8)
    alpha = np.floor(values * np.clip(strength, 0, 1) * 255 + 0.5).astype(np.uint8)
    return np.dstack([colour_table(table)[index], alpha])


@lru_cache(maxsize=16)
def colour_table(name: str) -> PictureArray:
    """A colour table, uint8 RGB (256, 3). Raises UserError for a name not in COLOUR_TABLES.

    Those of TABLES and "grey" are perceptually even; the others are DICOM's well-known palettes
    (PS3.6 Annex B), for pictures alone, never for heat.
    """
    if name not in COLOUR_TABLES:
        said = sentence(
            "There is no colour table “{name}”. Choose one of {names}.",
            name=name,
            names=COLOUR_TABLES,
        )
        raise UserError(said)
    table = _palette(_PALETTES[name]) if name in _PALETTES else _even_table(name)
    table.flags.writeable = False
    return table


def _even_table(name: str) -> PictureArray:
    import cv2

    ramp = np.arange(256, dtype=np.uint8)[:, None]
    if name == "grey":
        return np.repeat(ramp, 3, axis=1)
    coloured = cv2.applyColorMap(ramp, getattr(cv2, f"COLORMAP_{name.upper()}"))
    return np.ascontiguousarray(coloured[:, 0, ::-1])


def _palette(uid: str) -> PictureArray:
    from pydicom.pixels import apply_color_lut

    ramp = np.arange(256, dtype=np.uint8)
    return np.ascontiguousarray(apply_color_lut(ramp, palette=uid), np.uint8)


def thumbnail_png(radiograph: Radiograph, side: int = 128) -> bytes:
    """The first frame as PNG, its longer side `side` pixels at most."""
    import cv2

    _, encoded = cv2.imencode(".png", render_grey(radiograph, 0, max_side=side))
    return bytes(encoded)


def draw_outlines(
    picture: PictureArray, outlines: Sequence[tuple[int, Sequence[tuple[float, float]]]]
) -> PictureArray:
    """The picture, uint8 RGB, with a line around each stent and its number at the stent's end.

    An outline's corners are (x, y) in fractions of the picture, the first two at one end. The
    number stands beyond that end, inside the picture.
    """
    from PIL import Image, ImageDraw

    rows, columns = picture.shape[:2]
    size = max(11, round(math.sqrt(rows * columns) / 40))
    wide = max(1, size // 9)
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    drawn = [
        (number, [(x * columns, y * rows) for x, y in corners]) for number, corners in outlines
    ]
    for colour, width in ((_DARK, 3 * wide), (_LINE, wide)):
        for _, points in drawn:
            draw.line([*points, points[0]], fill=colour, width=width, joint="curve")
    for number, points in drawn:
        x, y = beyond_end(points, size)
        x, y = min(max(x, size), columns - size), min(max(y, size), rows - size)
        circle = (x - size * 0.8, y - size * 0.8, x + size * 0.8, y + size * 0.8)
        draw.ellipse(circle, fill=_DARK, outline=_LINE, width=wide)
        draw.text((x, y), str(number), font=_font(size), fill=_LIGHT, anchor="mm")
    return np.asarray(image, np.uint8)


def beyond_end(points: Sequence[tuple[float, float]], by: float) -> tuple[float, float]:
    """The place `by` pixels beyond the first end of an outline, on its axis."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    dx, dy = x - (x2 + x3) / 2, y - (y2 + y3) / 2
    length = math.hypot(dx, dy) or 1.0
    return x + dx / length * by, y + dy / length * by


def draw_caption(picture: PictureArray, *lines: str) -> PictureArray:
    """The picture, uint8 RGB (rows, columns, 3), with lines of text under it on a dark strip.

    Lines wrap between words where the picture is too narrow for them.
    """
    from PIL import Image, ImageDraw

    rows, columns = picture.shape[:2]
    size = max(11, round(math.sqrt(rows * columns) / 50))
    font = _font(size)
    margin = size // 2
    wrapped = [part for line in lines for part in _wrap(line, font, columns - 2 * margin)]
    step = round(size * 1.5)
    strip = Image.new("RGB", (columns, step * len(wrapped) + margin), _DARK)
    draw = ImageDraw.Draw(strip)
    for number, line in enumerate(wrapped):
        draw.text((margin, margin // 2 + number * step), line, font=font, fill=_LIGHT)
    return np.vstack([picture, np.asarray(strip, np.uint8)])


def _font(size: int) -> Any:
    """A face with Korean letters where the program brings one, else Pillow's own."""
    from PIL import ImageFont

    path = korean_font()
    return ImageFont.truetype(str(path), size) if path else ImageFont.load_default(size)


def _wrap(line: str, font: Any, width: int) -> list[str]:
    """The line broken between words so that each part fits; a word too long stays whole."""
    parts: list[str] = []
    for word in line.split(" "):
        joined = f"{parts[-1]} {word}" if parts else word
        if parts and font.getlength(joined) <= width:
            parts[-1] = joined
        else:
            parts.append(word)
    return parts
