"""How a simulated picture is taken and rendered: detector, collimator, grey scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.projection import Beam, Detector
from stentviewer.simulate.sheet import Sheet

Array = NDArray[np.float64]
Map = NDArray[np.float32]
Kind = Literal["fluoroscopy", "radiograph"]
Photometric = Literal["MONOCHROME1", "MONOCHROME2"]

# Rows and columns; the square ones are the commonest of image intensifiers and flat panels.
_SIZES: Final = (
    (1024, 1024),
    (1024, 1024),
    (1024, 1024),
    (960, 960),
    (1024, 1280),
    (1280, 1024),
    (900, 1200),
    (1200, 1440),
    (1536, 1536),
)
_SMALLEST_FIELD_MM: Final = 110.0
_COARSEST_MM: Final = 0.8
SMALLEST_SIDE: Final = 64  # scatter and flattening are computed 16 times coarser


@dataclass(frozen=True)
class Shutter:
    """The open part of the picture, as fractions (x0, y0, x1, y1), and how the bars look."""

    box: tuple[float, float, float, float]
    turn: float
    round: bool

    def opening(self, shape: tuple[int, int], edge_px: float = 0.8) -> Map | None:
        """Coverage 0 (bar) to 1 (open), (rows, columns); None where nothing is covered."""
        import cv2

        if self.box == (0.0, 0.0, 1.0, 1.0) and not self.round:
            return None
        rows, cols = shape
        x0, y0, x1, y1 = self.box
        mask = np.zeros(shape, np.uint8)
        middle = np.array([cols / 2, rows / 2])
        if self.round:
            centre = (int(16 * middle[0]), int(16 * middle[1]))
            cv2.circle(mask, centre, int(16 * 0.5 * min(rows, cols)), (255,), -1, cv2.LINE_AA, 4)
        else:
            reach = 0.02  # beyond the picture, so that a turned edge leaves no gap
            corners = np.array(
                [
                    [x0 if x0 > 0 else -reach, y0 if y0 > 0 else -reach],
                    [x1 if x1 < 1 else 1 + reach, y0 if y0 > 0 else -reach],
                    [x1 if x1 < 1 else 1 + reach, y1 if y1 < 1 else 1 + reach],
                    [x0 if x0 > 0 else -reach, y1 if y1 < 1 else 1 + reach],
                ]
            )
            turn = np.array(
                [[np.cos(self.turn), np.sin(self.turn)], [-np.sin(self.turn), np.cos(self.turn)]]
            )
            pixels = (corners * (cols, rows) - middle) @ turn + middle
            cv2.fillPoly(mask, [np.round(16 * pixels).astype(np.int32)], (255,), cv2.LINE_AA, 4)
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), edge_px), np.float32) / np.float32(255)


@dataclass(frozen=True)
class Finish:
    """What console, archive and figure do to a picture after the detector.

    flatten_mm is the reach of what flattening removes and sharpen_px that of edge emphasis;
    clipped: shares of the open picture below and above the grey scale; headroom: how much
    further the scale goes on either side, in shares of it; middle is the grey, 0 to 1, that its
    median gets as far as a gamma of 0.45 to 1.8 brings it there; reduced: the picture was kept
    that much smaller once (1 = never); jpeg: quality of a compression it went through (0 = none);
    edge_px: softness of the bars' edges; frame: a thin line around the whole picture, as figures
    have, in shares of white.
    """

    flatten_mm: float = 25.0
    sharpen_px: float = 2.0
    clipped: tuple[float, float] = (0.005, 0.005)
    headroom: tuple[float, float] = (0.0, 0.0)
    middle: float = 0.45
    reduced: float = 1.0
    jpeg: int = 0
    edge_px: float = 0.8
    frame: float = 0.0


@dataclass(frozen=True)
class View:
    """Everything about a picture that is not in the patient.

    motion_mm is how far (x, y) what breathing moves goes during the exposure, in its own plane.
    """

    kind: Kind
    beam: Beam
    magnification: float
    detector: Detector
    shutter: Shutter
    photometric: Photometric
    bits: int
    logarithmic: bool
    flatten: float
    sharpen: float
    range_used: tuple[float, float]
    finish: Finish = Finish()
    motion_mm: tuple[float, float] = (0.0, 0.0)

    @property
    def body_height_mm(self) -> float:
        """Height of the stent's plane above the detector, mm."""
        return self.beam.source_mm * (1.0 - 1.0 / self.magnification)

    def sheet(self, longest: int | None = None) -> Sheet:
        """A grid for drawing in the body's plane, as fine as the picture or longest px a side."""
        rows, cols = self.beam.shape
        shrink = 1.0 if longest is None else max(max(rows, cols) / longest, 1.0)
        scale = self.magnification / self.beam.spacing_mm / shrink
        return Sheet((round(rows / shrink), round(cols / shrink)), scale)


def draw_view(rng: np.random.Generator, kind: Kind | None = None) -> View:
    """A random picture geometry, detector and grey scale; seven in ten are fluoroscopy."""
    fluoroscopy = rng.random() < 0.7
    if kind is not None:
        fluoroscopy = kind == "fluoroscopy"
    rows, cols = _SIZES[int(rng.integers(len(_SIZES)))]
    field = rng.uniform(250, 430)
    beam = Beam(
        (rows, cols),
        round(field / max(rows, cols), 4),
        round(rng.uniform(1000, 1250), 0),
        round(rng.uniform(52, 70), 1),
    )
    detector = Detector(
        scatter_ratio=rng.uniform(0.25, 1.3),
        blur_px=float(np.clip(rng.uniform(0.17, 0.53) / beam.spacing_mm, 0.45, 1.8)),
        photons=10 ** (rng.uniform(3.2, 4.7) if fluoroscopy else rng.uniform(3.7, 4.9)),
        grain_px=rng.uniform(0.0, 1.3),
        floor=rng.uniform(2, 8),
        full=rng.uniform(1.8, 8.0),
    )
    return View(
        kind="fluoroscopy" if fluoroscopy else "radiograph",
        beam=beam,
        magnification=rng.uniform(1.1, 1.4),
        detector=detector,
        shutter=_shutter(rng),
        photometric="MONOCHROME1"
        if rng.random() < (0.1 if fluoroscopy else 0.4)
        else "MONOCHROME2",
        bits=int(rng.choice([8, 10, 12] if fluoroscopy else [8, 12, 14])),
        logarithmic=not fluoroscopy or rng.random() < 0.7,
        flatten=rng.uniform(0.25, 0.95),
        sharpen=rng.uniform(0.0, 0.9),
        range_used=(rng.uniform(0.0, 0.2), rng.uniform(0.7, 1.0)),
        finish=_finish(rng),
        motion_mm=_motion(rng),
    )


def _motion(rng: np.random.Generator) -> tuple[float, float]:
    """Breathing goes mostly up and down, 10 to 20 mm/s, during 10 to 150 ms."""
    way = rng.uniform(0.1, 1.2) if rng.random() < 0.8 else rng.uniform(1.0, 2.0)
    return float(rng.normal(0, 0.3) * way), float(way)


def _finish(rng: np.random.Generator) -> Finish:
    figure = rng.random() < 0.4  # went through a presentation or a paper
    return Finish(
        flatten_mm=float(10 ** rng.uniform(0.8, 1.6)),
        sharpen_px=rng.uniform(0.8, 4.0),
        clipped=(10 ** rng.uniform(-3, -1.8), 10 ** rng.uniform(-3, -1.2)),
        headroom=(rng.uniform(0.0, 0.6), rng.uniform(0.0, 0.4)),
        middle=rng.uniform(0.22, 0.68),
        reduced=rng.uniform(0.55, 0.95) if figure else 1.0,
        jpeg=int(rng.integers(40, 96)) if figure or rng.random() < 0.2 else 0,
        edge_px=rng.uniform(0.5, 5.0),
        frame=rng.uniform(0.2, 1.0) if figure and rng.random() < 0.5 else 0.0,
    )


def at_side(view: View, side: int) -> View:
    """The same view in a picture whose longer side is side pixels, for quick runs and tests.

    A small picture shows less of the patient (never under 110 mm of the detector), so that a
    design can still be told: pixels grow to about 0.8 mm, not to as many as would fit the field.
    """
    rows, cols = view.beam.shape
    longest = max(rows, cols)
    shape = (round(rows * side / longest), round(cols * side / longest))
    field = view.beam.spacing_mm * longest
    field = min(field, max(_SMALLEST_FIELD_MM, _COARSEST_MM * side))
    spacing = round(field / side, 4)
    blur = max(view.detector.blur_px * view.beam.spacing_mm / spacing, 0.45)
    return replace(
        view,
        beam=replace(view.beam, shape=shape, spacing_mm=spacing),
        detector=replace(view.detector, blur_px=blur),
        finish=replace(view.finish, reduced=1.0),
    )


def _shutter(rng: np.random.Generator) -> Shutter:
    kind = rng.choice(["none", "bands", "sides", "all", "round"], p=[0.3, 0.32, 0.12, 0.2, 0.06])
    left = top = 0.0
    right = bottom = 1.0
    if kind in ("bands", "all"):
        top, bottom = rng.uniform(0.02, 0.14), 1 - rng.uniform(0.02, 0.14)
    if kind in ("sides", "all"):
        left, right = rng.uniform(0.02, 0.12), 1 - rng.uniform(0.02, 0.12)
    turn = float(rng.normal(0, 0.006)) if rng.random() < 0.4 else 0.0
    return Shutter((left, top, right, bottom), turn, bool(kind == "round"))


@dataclass(frozen=True)
class Tone:
    """Values of the processed picture that become the ends of the grey scale, and its bend."""

    low: float
    high: float
    gamma: float


def process(measured: Map, view: View) -> Map:
    """What a vendor's software makes of intensity: logarithm, flattening, edge emphasis.

    Bone is darker than soft tissue in the result, which has no unit.
    """
    import cv2

    picture = np.log(measured) if view.logarithmic else np.power(measured, 0.6)
    rows, cols = picture.shape
    small = cv2.resize(picture, (cols // 16, rows // 16), interpolation=cv2.INTER_AREA)
    reach = view.finish.flatten_mm / (16 * view.beam.spacing_mm)
    wide = cv2.GaussianBlur(small, (0, 0), max(reach, 0.8))
    wide = cv2.resize(wide, (cols, rows), interpolation=cv2.INTER_CUBIC)
    out = picture - np.float32(view.flatten) * wide
    if view.sharpen > 0:
        narrow = cv2.GaussianBlur(picture, (0, 0), view.finish.sharpen_px)
        out += np.float32(view.sharpen) * (picture - narrow)
    return np.asarray(out, np.float32)


def tone_of(picture: Map, view: View) -> Tone:
    """The grey scale that shows the uncovered picture between the shares the console clips."""
    opening = view.shutter.opening(view.beam.shape)
    seen = picture if opening is None else picture[opening > 0.99]
    dark, bright = view.finish.clipped
    low, high = np.quantile(seen.ravel()[::7], (dark, 1 - bright))
    low, high = float(low), float(max(high, low + 1e-3))
    below, above = view.finish.headroom
    low, high = low - below * (high - low), high + above * (high - low)
    median = float(np.clip((np.median(seen.ravel()[::7]) - low) / (high - low), 0.02, 0.98))
    gamma = float(np.clip(np.log(view.finish.middle) / np.log(median), 0.45, 1.8))
    return Tone(low, high, gamma)


def quantise(picture: Map, view: View, tone: Tone) -> NDArray[np.uint16]:
    """Stored values (rows, columns), the bars black on a screen whatever the polarity."""
    finish = view.finish
    top = (1 << view.bits) - 1
    low, high = view.range_used
    if view.kind == "radiograph":
        low, high = 1 - high, 1 - low
    shown = np.clip((picture - tone.low) / np.float32(tone.high - tone.low), 0, 1)
    np.power(shown, np.float32(tone.gamma), out=shown)
    if view.kind == "radiograph":
        shown = 1 - shown
    opening = view.shutter.opening(view.beam.shape, finish.edge_px)
    shown = np.float32(low) + np.float32(high - low) * shown
    if opening is not None:
        shown *= opening
    shown = _archived(shown, finish)
    if view.photometric == "MONOCHROME1":
        shown = 1 - shown
    return np.asarray(np.clip(np.rint(shown * np.float32(top)), 0, top), np.uint16)


def _archived(shown: Map, finish: Finish) -> Map:
    """A picture 0 to 1 after it was reduced, framed, and compressed."""
    import cv2

    rows, cols = shown.shape
    if finish.reduced < 1:
        size = (round(cols * finish.reduced), round(rows * finish.reduced))
        small = cv2.resize(shown, size, interpolation=cv2.INTER_AREA)
        shown = np.asarray(cv2.resize(small, (cols, rows), interpolation=cv2.INTER_CUBIC))
    if finish.frame:
        shown[[0, -1]] = finish.frame
        shown[:, [0, -1]] = finish.frame
    if finish.jpeg:
        grey = np.clip(np.rint(255 * shown), 0, 255).astype(np.uint8)
        coded = cv2.imencode(".jpg", grey, (cv2.IMWRITE_JPEG_QUALITY, finish.jpeg))[1]
        again = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.float32)
        shown = again / np.float32(255)
    return np.asarray(shown, np.float32)


def suggested_window(view: View) -> tuple[float, float]:
    """Window centre and width, in stored values, that a modality would write for this picture."""
    top = (1 << view.bits) - 1
    low, high = view.range_used
    if (view.kind == "radiograph") != (view.photometric == "MONOCHROME1"):
        low, high = 1 - high, 1 - low
    return round(0.5 * (low + high) * top, 1), round((high - low) * top, 1)
