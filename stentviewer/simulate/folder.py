"""Simulated pictures as files: a folder with its truth, and the bundled example patient."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from stentviewer.core.errors import UserError
from stentviewer.simulate.dicom import Place, SimulatedPatient, write_dicom
from stentviewer.simulate.field import (
    PlacedStent,
    SceneSeeds,
    SimulatedStentImage,
    as_image,
    build_scene,
    child,
    expose_scene,
    generator,
    simulate_reading_image,
    simulate_stent_image,
)
from stentviewer.simulate.stents import STENT_MAKERS
from stentviewer.simulate.study_set import check_designs
from stentviewer.simulate.view import Kind, Shutter, View, draw_view

TRUTH_COLUMNS: Final = (
    "file",
    "maker",
    "x0",
    "y0",
    "x1",
    "y1",
    "kind",
    "photometric",
    "diameter_mm",
    "length_mm",
    "spacing_mm",
    "seed",
    "index",
)
EXAMPLE_SEED: Final = 2030
_CINE_FRAMES: Final = 10


def _no_progress(_done: int, _total: int) -> None:
    return None


def simulate_to_folder(
    kind: str,
    count: int,
    seed: int,
    out_dir: Path,
    progress: Callable[[int, int], None] = _no_progress,
    maker: str | None = None,
    mix: tuple[float, float, float] = (0.0, 1.0, 0.0),
    backgrounds: Sequence[Path] = (),
) -> Iterator[Path]:
    """Write count DICOM files and truth.csv; yields each file's path once it is there.

    kind is "stents", all of one maker or else in the published study's proportions. mix are the
    shares of none, one and several stents a picture; with any but one, or with backgrounds
    (`backgrounds.find_backgrounds`), makers are drawn evenly. truth.csv has a row for each stent,
    and one without a maker for a picture without; its boxes are fractions of width and height.
    Raises UserError for another kind or an unknown maker, OSError where the folder cannot be
    written.
    """
    if kind != "stents":
        raise UserError(f"{kind!r} cannot be simulated; choose stents.")
    check_designs([maker] if maker else [])
    out_dir.mkdir(parents=True, exist_ok=True)
    with (out_dir / "truth.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(TRUTH_COLUMNS)
        for index in range(count):
            if backgrounds or mix[0] or mix[2]:
                makers = (maker,) if maker else STENT_MAKERS
                image = simulate_reading_image(
                    seed, index, mix=mix, makers=makers, backgrounds=backgrounds
                )
            else:
                image = simulate_stent_image(seed, index, maker)
            path = write_dicom(image, out_dir / f"stent-{seed}-{index:05d}.dcm")
            for stent in image.stents or (None,):
                table.writerow(_truth_row(path.name, image, stent))
            file.flush()
            progress(index + 1, count)
            yield path


def _truth_row(name: str, image: SimulatedStentImage, stent: PlacedStent | None) -> list[str | int]:
    """One row of TRUTH_COLUMNS; blank where there is no stent."""
    return [
        name,
        stent.maker if stent else "",
        *((f"{v:.4f}" for v in stent.box) if stent else ("",) * 4),
        image.kind,
        image.photometric,
        f"{stent.diameter_mm:.2f}" if stent else "",
        f"{stent.length_mm:.1f}" if stent else "",
        f"{image.spacing_mm:.4f}",
        image.seed,
        image.index,
    ]


EXAMPLE_PATIENT: Final = SimulatedPatient(
    "SIM-EXAMPLE", "Kim^Minjun=金^民俊=김^민준", "19580412", "M"
)


def write_example_patient(out_dir: Path) -> list[Path]:
    """One simulated patient with two studies: four images, one of them a cine; a few seconds.

    The same stent is seen three months apart in fluoroscopy and, in the later study, on a
    radiograph. Returns the files in the order of the record.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    earlier = Place(1, "20260302", "101500", "PTBD with stent placement")
    current = Place(2, "20260608", "142000", "Cholangiography before reintervention")
    fluoroscopy = _example_view("fluoroscopy", 41)
    radiograph = _example_view("radiograph", 42)
    return [
        _still(out_dir / "1-earlier-xa.dcm", earlier, fluoroscopy, 1),
        _still(out_dir / "2-current-xa.dcm", current, fluoroscopy, 2),
        _cine(out_dir / "3-current-cine.dcm", replace(current, series=2), fluoroscopy, 3),
        _still(out_dir / "4-current-cr.dcm", replace(current, series=3), radiograph, 4),
    ]


def _example_view(kind: Kind, number: int) -> View:
    """A well exposed picture of common size: the example is to show the program, not hard cases."""
    view = draw_view(generator(np.random.SeedSequence([EXAMPLE_SEED, number])), kind)
    bands = (0.0, 0.06, 1.0, 0.94) if kind == "fluoroscopy" else (0.0, 0.0, 1.0, 1.0)
    return replace(
        view,
        beam=replace(view.beam, shape=(1024, 1024), spacing_mm=0.32, energy_kev=52.0),
        shutter=Shutter(bands, 0.0, False),
        photometric="MONOCHROME2",
        logarithmic=True,
        magnification=1.25,
        flatten=0.5,
        sharpen=0.4,
        detector=replace(view.detector, scatter_ratio=0.4, blur_px=0.55, photons=9000.0, full=4.0),
    )


def _example_seeds(number: int) -> SceneSeeds:
    """Anatomy and stent are the patient's; devices and noise are the exposure's."""
    patient = SceneSeeds.of(EXAMPLE_SEED, 0)
    exposure = SceneSeeds.of(EXAMPLE_SEED, number)
    return replace(exposure, anatomy=patient.anatomy, stents=patient.stents)


def _still(path: Path, place: Place, view: View, number: int) -> Path:
    seeds = _example_seeds(number)
    scene = build_scene(seeds, ("NITI-S",), view=view)
    pixels, _ = expose_scene(scene, seeds.noise)
    return write_dicom(as_image(scene, pixels, EXAMPLE_SEED, number), path, EXAMPLE_PATIENT, place)


def _cine(path: Path, place: Place, view: View, number: int) -> Path:
    """Ten frames in which breathing moves stent and devices by up to 3 mm."""
    seeds = _example_seeds(number)
    scene = build_scene(seeds, ("NITI-S",), view=view)
    frames, tone = [], None
    for k in range(_CINE_FRAMES):
        breath = float(np.sin(2 * np.pi * k / _CINE_FRAMES))
        shift = (0.5 * breath, 3.0 * breath)
        pixels, tone = expose_scene(scene, child(seeds.noise, k), shift, tone)
        frames.append(pixels)
    image = as_image(scene, frames[0], EXAMPLE_SEED, number)
    return write_dicom(image, path, EXAMPLE_PATIENT, place, np.stack(frames))
