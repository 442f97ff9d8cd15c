"""A whole simulated picture: patient, stents and devices put together and exposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.anatomy import background, draw_body
from stentviewer.simulate.arrange import Arrangement, Number, draw_arrangement, lay
from stentviewer.simulate.backgrounds import from_file
from stentviewer.simulate.devices import devices
from stentviewer.simulate.ducts import filled_duct
from stentviewer.simulate.materials import attenuation_per_mm
from stentviewer.simulate.projection import Beam, expose, thickness_map, volumes
from stentviewer.simulate.realism import band_pass
from stentviewer.simulate.stents import STENT_MAKERS, StentModel, build_stent
from stentviewer.simulate.tube import Tube
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
# A stent fainter than this gets heavier wire, up to this much of it: a stent that is not to be
# seen at all teaches nothing and tests nothing.
_LEAST_VISIBLE: Final = 0.7
_HEAVIEST: Final = 2.5
# Frames of each maker in the study the project grows from (432 in all).
CLASS_PROPORTIONS: Final = (62, 51, 75, 109, 135)


@dataclass(frozen=True, eq=False)
class PlacedStent:
    """One stent in a picture and the truth about it.

    box is (x0, y0, x1, y1) and centre_line (n, 2) is (x, y), both as fractions of width and
    height; diameter_mm and length_mm are the stent's own, not magnified; diameter_px is its width
    in pixels of the picture; visibility how far it stands out (`visibility`).
    """

    maker: str
    box: tuple[float, float, float, float]
    centre_line: Array
    diameter_mm: float
    length_mm: float
    diameter_px: float
    visibility: float = 1.0


@dataclass(frozen=True, eq=False)
class SimulatedStentImage:
    """A simulated picture with its truth.

    pixels (rows, columns) are stored values of bits_stored bits; spacing_mm is the pixel pitch
    on the detector. polarity says how the picture looks on a screen. open_box (x0, y0, x1, y1) is
    what the collimator leaves free, as fractions of width and height; arrangement is how the
    stents lie to each other.
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
    arrangement: Arrangement = "one"

    @property
    def number(self) -> Number:
        """Whether there is no stent, one, or several."""
        numbers: tuple[Number, ...] = ("none", "one", "several")
        return numbers[min(len(self.stents), 2)]

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
    seeds: SceneSeeds,
    makers: Sequence[str],
    kind: Kind | None = None,
    view: View | None = None,
    arrangement: Arrangement | None = None,
    backgrounds: Sequence[Path] = (),
) -> Scene:
    """Put a patient, stents of the given makers and devices into a beam, drawn unless given.

    Without an arrangement each stent has its own course near the first. makers beyond what the
    arrangement holds are not drawn; the last one is repeated where it holds more. backgrounds
    are files that stand in for the simulated anatomy in two of three pictures.
    """
    import cv2

    view = view or draw_view(generator(seeds.view), kind)
    rng = generator(seeds.anatomy)
    body = draw_body(rng)
    target = np.array([body.spine_x - rng.uniform(-10, 85), rng.uniform(-75, 65)])
    rows, cols = view.beam.shape
    files = generator(child(seeds.anatomy, 1))
    if backgrounds and files.random() < 2 / 3:
        still = from_file(files, backgrounds, view)
    else:
        still = background(rng, body, view.sheet(_ANATOMY_SIDE), view.beam.energy_kev)
    if still.shape != (rows, cols):
        still = cv2.resize(still, (cols, rows), interpolation=cv2.INTER_CUBIC)
    rng = generator(seeds.devices)
    moving = devices(rng, view.sheet(), view.beam.energy_kev, target)
    tubes = _tubes(seeds, view, target, len(makers), arrangement)
    moving += _contrast_along(generator(child(seeds.devices, 1)), tubes[0], view)
    moving = smeared(moving, view)
    without = still + moving
    placed = []
    for number, maker in enumerate(_names(makers, tubes, arrangement)):
        rng = generator(child(child(seeds.stents, number), 1))
        model = build_stent(maker, tubes[number], rng)
        own = thickness_map((*model.strands, *model.specks), view.beam, weigh=True)
        own = smeared(own, view)
        truth = _truth(model, view.beam)
        seen = visibility(own, without, view, truth.box)
        heavier = float(np.clip(_LEAST_VISIBLE / max(seen, 1e-6), 1.0, _HEAVIEST))
        moving += np.float32(heavier) * own
        placed.append(replace(truth, visibility=heavier * seen))
    return Scene(view, still, moving, tuple(placed))


def visibility(own: Map, without: Map, view: View, box: tuple[float, float, float, float]) -> float:
    """How far a stent stands out of what lies behind it and of the noise.

    own and without are exponents (rows, columns) of the stent alone and of all else; both are
    compared as `realism.band_pass` sees them, at the detector's blur and inside the box.
    """
    import cv2

    rows, cols = own.shape
    edge = 12
    x0, x1 = max(int(box[0] * cols) - edge, 0), min(int(box[2] * cols) + edge, cols)
    y0, y1 = max(int(box[1] * rows) - edge, 0), min(int(box[3] * rows) + edge, rows)
    if x1 - x0 < 4 or y1 - y0 < 4:
        return 0.0
    blur = view.detector.blur_px
    parts = (cv2.GaussianBlur(part[y0:y1, x0:x1], (0, 0), blur) for part in (own, without))
    stent, behind = (band_pass(np.asarray(part, np.float32)) for part in parts)
    shade = 1 + view.detector.scatter_ratio  # scatter veils both; the noise it does not
    noise = 0.5 * shade / float(np.sqrt(view.detector.photons))
    return float(np.percentile(stent, 90) / np.hypot(np.median(behind), noise))


def _names(
    makers: Sequence[str], tubes: Sequence[Tube], arrangement: Arrangement | None
) -> list[str]:
    if arrangement is None:
        return list(makers)
    if arrangement == "none" or not makers:
        return []
    return [makers[min(number, len(makers) - 1)] for number in range(len(tubes))]


def _tubes(
    seeds: SceneSeeds,
    view: View,
    target: Array,
    count: int,
    arrangement: Arrangement | None,
) -> list[Tube]:
    """Where stents lie; at least one tube, the duct itself, also where there is no stent."""
    if arrangement is not None:
        return lay(generator(child(seeds.stents, 0)), arrangement, view, target)
    tubes: list[Tube] = []
    for number in range(max(count, 1)):
        rng = generator(child(seeds.stents, number))
        near = target + number * rng.normal(0, 16, 2)
        tubes += lay(rng, "one", view, near)
    return tubes


def _contrast_along(rng: np.random.Generator, tube: Tube, view: View) -> Map:
    """Beer-Lambert's exponent of contrast agent in the duct, in some pictures."""
    scale = view.beam.magnification(tube.centre[:, 2]) / view.magnification
    course = tube.centre[:, :2] * scale[:, None]
    amount = filled_duct(rng, view.sheet(), course, float(np.median(tube.radius_mm)))
    return amount * np.float32(1e-3 * attenuation_per_mm("iodine", view.beam.energy_kev))


def smeared(moving: Map, view: View) -> Map:
    """What breathing moves, (rows, columns), as it blurs during the exposure."""
    import cv2

    way = np.array(view.motion_mm) * view.magnification / view.beam.spacing_mm
    steps = int(np.ceil(np.hypot(*way)))
    if steps < 1:
        return moving
    half = int(np.ceil(np.abs(way).max() / 2)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for part in np.linspace(-0.5, 0.5, 8 * steps + 1):
        x, y = half + part * way
        low = np.array([int(x), int(y)])
        fx, fy = x - low[0], y - low[1]
        kernel[low[1], low[0]] += (1 - fx) * (1 - fy)
        kernel[low[1], low[0] + 1] += fx * (1 - fy)
        kernel[low[1] + 1, low[0]] += (1 - fx) * fy
        kernel[low[1] + 1, low[0] + 1] += fx * fy
    return np.asarray(cv2.filter2D(moving, -1, kernel / kernel.sum()), np.float32)


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
    scale = beam.magnification(model.tube.centre[:, 2])
    return PlacedStent(
        model.maker,
        (float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        (line + 0.5) / size,
        float(2 * np.median(model.tube.radius_mm)),
        model.tube.length_mm,
        float(2 * np.median(model.tube.radius_mm * scale)) / beam.spacing_mm,
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
    scene: Scene,
    pixels: NDArray[np.uint16],
    seed: int,
    index: int,
    arrangement: Arrangement = "one",
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
        arrangement=arrangement,
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


# Shares of none, one and several: what a set to learn and to test reading from holds.
READING_MIX: Final = (0.25, 0.45, 0.30)


def simulate_reading_image(
    seed: int,
    index: int,
    *,
    mix: tuple[float, float, float] = READING_MIX,
    arrangement: Arrangement | None = None,
    makers: Sequence[str] = STENT_MAKERS,
    kind: Kind | None = None,
    side: int | None = None,
    backgrounds: Sequence[Path] = (),
) -> SimulatedStentImage:
    """Picture number index of a seed with no stent, one, or several.

    mix are the shares of none, one and several unless the arrangement is given; makers are drawn
    evenly, and half of the pictures with several have them all of one maker. What else the
    picture shows does not depend on how many stents there are or whose. backgrounds are real
    radiographs, or folders of CT slices, that stand in for the anatomy in two of three pictures
    (`backgrounds.find_backgrounds`). Raises KeyError for a maker that is not simulated.
    """
    rng = generator(np.random.SeedSequence([seed, index, 19]))
    drawn = draw_arrangement(rng, mix)
    chosen = arrangement or drawn
    names = [makers[int(k)] for k in rng.integers(len(makers), size=3)]
    if rng.random() < 0.5:
        names = names[:1]
    seeds = SceneSeeds.of(seed, index)
    view = draw_view(generator(seeds.view), kind)
    view = view if side is None else at_side(view, side)
    scene = build_scene(seeds, names, view=view, arrangement=chosen, backgrounds=backgrounds)
    pixels, _ = expose_scene(scene, seeds.noise)
    return as_image(scene, pixels, seed, index, chosen)
