"""A whole simulated picture: patient, stents and devices put together and exposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.anatomy import background, draw_body
from stentviewer.simulate.devices import devices
from stentviewer.simulate.projection import Beam, expose, thickness_map, volumes
from stentviewer.simulate.stents import STENT_MAKERS, StentModel, build_stent
from stentviewer.simulate.tube import bile_duct_curve, narrowed_radius, tube_from_curve
from stentviewer.simulate.view import (
    Kind,
    Photometric,
    Tone,
    View,
    at_side,
    draw_view,
    process,
    quantise,
    suggested_window,
    tone_of,
)

Array = NDArray[np.float64]
Map = NDArray[np.float32]

_ANATOMY_SIDE: Final = 768  # px; finer than anatomy's sharpest edge after the detector's blur
# Frames of each maker in the study the project grows from (432 in all).
CLASS_PROPORTIONS: Final = (62, 51, 75, 109, 135)


@dataclass(frozen=True, eq=False)
class PlacedStent:
    """One stent in a picture and the truth about it.

    box is (x0, y0, x1, y1) and centre_line (n, 2) is (x, y), both as fractions of width and
    height; diameter_mm and length_mm are the stent's own, not magnified.
    """

    maker: str
    box: tuple[float, float, float, float]
    centre_line: Array
    diameter_mm: float
    length_mm: float


@dataclass(frozen=True, eq=False)
class SimulatedStentImage:
    """A simulated picture with its truth.

    pixels (rows, columns) are stored values of bits_stored bits; spacing_mm is the pixel pitch
    on the detector. polarity says how the picture looks on a screen. open_box (x0, y0, x1, y1) is
    what the collimator leaves free, as fractions of width and height.
    """

    pixels: NDArray[np.uint16]
    spacing_mm: float
    photometric: Photometric
    kind: Kind
    polarity: str
    bits_stored: int
    window_centre: float
    window_width: float
    magnification: float
    source_mm: float
    energy_kev: float
    stents: tuple[PlacedStent, ...]
    open_box: tuple[float, float, float, float]
    seed: int
    index: int

    def as_8_bit(self) -> NDArray[np.uint8]:
        """The picture as a screen shows it through its window, (rows, columns)."""
        low = self.window_centre - self.window_width / 2
        shown = np.clip((self.pixels - low) / self.window_width, 0, 1)
        if self.photometric == "MONOCHROME1":
            shown = 1 - shown
        return np.asarray(np.rint(255 * shown), np.uint8)


@dataclass(frozen=True)
class SceneSeeds:
    """One stream of random numbers for each thing, so that none depends on another.

    Which maker is drawn changes nothing but the stent: view, anatomy and devices stay.
    """

    view: np.random.SeedSequence
    anatomy: np.random.SeedSequence
    devices: np.random.SeedSequence
    stents: np.random.SeedSequence
    noise: np.random.SeedSequence

    @classmethod
    def of(cls, seed: int, index: int) -> SceneSeeds:
        """The streams of picture number index of a seed."""
        return cls(*np.random.SeedSequence([seed, index]).spawn(5))


def child(parent: np.random.SeedSequence, number: int) -> np.random.SeedSequence:
    """The same child whenever asked; SeedSequence.spawn would give another one each time."""
    return np.random.SeedSequence(parent.entropy, spawn_key=(*parent.spawn_key, number))


def generator(sequence: np.random.SeedSequence) -> np.random.Generator:
    """A generator over PCG64, which does not change between NumPy versions.

    What is drawn from it is promised the same within one version only (NumPy's NEP 19).
    """
    return np.random.Generator(np.random.PCG64(sequence))


@dataclass(frozen=True, eq=False)
class Scene:
    """What the beam passes through, before it is exposed."""

    view: View
    still: Map
    moving: Map
    stents: tuple[PlacedStent, ...]


def draw_maker(seed: int, index: int) -> str:
    """The maker of picture number index of a seed, in the published study's proportions."""
    rng = generator(np.random.SeedSequence([seed, index, 7]))
    share = np.array(CLASS_PROPORTIONS) / sum(CLASS_PROPORTIONS)
    return STENT_MAKERS[int(rng.choice(len(STENT_MAKERS), p=share))]


def build_scene(
    seeds: SceneSeeds, makers: Sequence[str], kind: Kind | None = None, view: View | None = None
) -> Scene:
    """Put a patient, stents of the given makers and devices into a beam, drawn unless given."""
    import cv2

    view = view or draw_view(generator(seeds.view), kind)
    rng = generator(seeds.anatomy)
    body = draw_body(rng)
    target = np.array([body.spine_x - rng.uniform(15, 75), rng.uniform(-70, 60)])
    rows, cols = view.beam.shape
    still = background(rng, body, view.sheet(_ANATOMY_SIDE), view.beam.energy_kev)
    if still.shape != (rows, cols):
        still = cv2.resize(still, (cols, rows), interpolation=cv2.INTER_CUBIC)
    rng = generator(seeds.devices)
    moving = devices(rng, view.sheet(), view.beam.energy_kev, target)
    placed = []
    for number, maker in enumerate(makers):
        rng = generator(child(seeds.stents, number))
        model = _place(rng, maker, view, target + number * rng.normal(0, 16, 2))
        moving += thickness_map((*model.strands, *model.specks), view.beam, weigh=True)
        placed.append(_truth(model, view.beam))
    return Scene(view, still, moving, tuple(placed))


def _place(rng: np.random.Generator, maker: str, view: View, target: Array) -> StentModel:
    """A stent of random size and course near target (mm), kept inside the open picture."""
    diameter = rng.uniform(8.0, 10.0)
    curve = bile_duct_curve(rng, rng.uniform(40.0, 100.0))
    tube = tube_from_curve(curve, np.full(len(curve), diameter / 2))
    tube = tube_from_curve(curve, narrowed_radius(rng, tube.arc_mm, diameter))
    rows, cols = view.beam.shape
    x0, y0, x1, y1 = view.shutter.box
    scale = view.beam.spacing_mm / view.magnification
    low = scale * (np.array([x0 * cols, y0 * rows]) - (cols / 2, rows / 2))
    high = scale * (np.array([x1 * cols, y1 * rows]) - (cols / 2, rows / 2))
    reach = np.abs(curve[:, :2]).max(axis=0) + 0.7 * diameter
    at = np.clip(
        target,
        np.minimum(low + reach, (low + high) / 2),
        np.maximum(high - reach, (low + high) / 2),
    )
    tube = tube.moved(np.array([at[0], at[1], view.body_height_mm + rng.normal(0, 15)]))
    return build_stent(maker, tube, rng)


def _truth(model: StentModel, beam: Beam) -> PlacedStent:
    rows, cols = beam.shape
    size = np.array([cols, rows])
    points = np.concatenate(
        [volumes(strand)[0] for strand in model.strands]
        + [specks.points for specks in model.specks]
    )
    pixels, _ = beam.to_pixels(points)
    low = np.clip((pixels.min(axis=0) - 0.5) / size, 0, 1)
    high = np.clip((pixels.max(axis=0) + 1.5) / size, 0, 1)
    line, _ = beam.to_pixels(model.tube.centre[::8])
    return PlacedStent(
        model.maker,
        (float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        (line + 0.5) / size,
        float(2 * np.median(model.tube.radius_mm)),
        model.tube.length_mm,
    )


def expose_scene(
    scene: Scene,
    noise: np.random.SeedSequence,
    shift_mm: tuple[float, float] = (0.0, 0.0),
    tone: Tone | None = None,
) -> tuple[NDArray[np.uint16], Tone]:
    """Stored values of one exposure and its grey scale.

    shift_mm moves stents and devices (x, y) against the rest, in the body's plane; tone keeps
    the grey scale of an earlier frame.
    """
    import cv2

    view = scene.view
    moving = scene.moving
    if shift_mm != (0.0, 0.0):
        scale = view.magnification / view.beam.spacing_mm
        matrix = np.array([[1, 0, shift_mm[0] * scale], [0, 1, shift_mm[1] * scale]])
        moving = cv2.warpAffine(moving, matrix, moving.shape[::-1], flags=cv2.INTER_LINEAR)
    exponent = scene.still + moving
    exponent -= float(exponent[::8, ::8].min())
    measured = expose(exponent, view.detector, view.beam.spacing_mm, generator(noise))
    picture = process(measured, view)
    used = tone or tone_of(picture, view)
    return quantise(picture, view, used), used


def as_image(
    scene: Scene, pixels: NDArray[np.uint16], seed: int, index: int
) -> SimulatedStentImage:
    """A scene's exposure with everything that is known about it."""
    view = scene.view
    centre, width = suggested_window(view)
    return SimulatedStentImage(
        pixels=pixels,
        spacing_mm=view.beam.spacing_mm,
        photometric=view.photometric,
        kind=view.kind,
        polarity="bone dark" if view.kind == "fluoroscopy" else "bone bright",
        bits_stored=view.bits,
        window_centre=centre,
        window_width=width,
        magnification=view.magnification,
        source_mm=view.beam.source_mm,
        energy_kev=view.beam.energy_kev,
        stents=scene.stents,
        open_box=view.shutter.box,
        seed=seed,
        index=index,
    )


def simulate_stent_image(
    seed: int,
    index: int,
    maker: str | None = None,
    *,
    more_makers: Sequence[str] = (),
    kind: Kind | None = None,
    side: int | None = None,
) -> SimulatedStentImage:
    """Picture number index of a seed; the same arguments give the same pixels.

    maker None draws one of STENT_MAKERS in the published study's proportions; more_makers adds
    further stents near the first; side makes a small picture (`view.at_side`). Raises KeyError
    for a maker that is not simulated.
    """
    seeds = SceneSeeds.of(seed, index)
    makers = (maker if maker is not None else draw_maker(seed, index), *more_makers)
    view = draw_view(generator(seeds.view), kind)
    scene = build_scene(seeds, makers, view=view if side is None else at_side(view, side))
    pixels, _ = expose_scene(scene, seeds.noise)
    return as_image(scene, pixels, seed, index)
