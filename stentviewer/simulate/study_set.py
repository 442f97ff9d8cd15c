"""A simulated study: patients with several pictures each, written as DICOM with their labels.

All pictures of a patient show the same body and the same stent from another exposure: another
view, other devices, other noise. That is what makes folds that cut through a patient dishonest.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Final, Literal

import numpy as np

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.simulate.dicom import Place, SimulatedPatient, write_dicom
from stentviewer.simulate.field import (
    CLASS_PROPORTIONS,
    SceneSeeds,
    as_image,
    build_scene,
    expose_scene,
    generator,
)
from stentviewer.simulate.stents import FURTHER_DESIGNS, STENT_MAKERS
from stentviewer.simulate.view import SMALLEST_SIDE, at_side, draw_view

STUDY_COUNTS: Final[Mapping[str, int]] = dict(zip(STENT_MAKERS, CLASS_PROPORTIONS, strict=True))
# The columns of learning.selection, which is above this layer.
TABLE_COLUMNS: Final = ("file", "frame", "label", "patient", "role", "masks")
_PER_PROCESS: Final = 8  # fewer pictures than this are not worth starting a process for
_PATIENT, _VISIT = 13, 17  # set a patient's random streams apart from any picture's


@dataclass(frozen=True, slots=True)
class StudyPicture:
    """One picture of a study: patient and picture count from 0 over the whole study."""

    number: int
    patient: int
    visit: int
    maker: str
    role: Literal["train", "test"]

    @property
    def file(self) -> str:
        """A name that tells patient and picture, and not the stent."""
        return f"patient-{self.patient:03d}-{self.visit + 1}.dcm"


@dataclass(frozen=True, slots=True)
class _Order:
    """What a worker is given: where, of which seed, how large, and which picture."""

    out: Path
    seed: int
    side: int | None
    picture: StudyPicture


def _no_progress(_done: int, _total: int) -> None:
    return None


def check_designs(names: Iterable[str]) -> None:
    """Raises UserError for a design that is not simulated, naming those that are."""
    known = (*STENT_MAKERS, *FURTHER_DESIGNS)
    for name in names:
        if name not in known:
            raise UserError(
                sentence(
                    "“{name}” is not simulated. Choose one of: {known}.", name=name, known=known
                )
            )


def share_out(count: int) -> dict[str, int]:
    """count pictures among STENT_MAKERS in the published proportions, as near as whole ones go."""
    exact = np.array(CLASS_PROPORTIONS) * count / sum(CLASS_PROPORTIONS)
    each = np.floor(exact).astype(int)
    each[np.argsort(each - exact, kind="stable")[: count - each.sum()]] += 1
    return {name: int(n) for name, n in zip(STENT_MAKERS, each, strict=True) if n}


def plan_study(
    seed: int,
    counts: Mapping[str, int],
    frames_per_patient: int = 4,
    test_share: float = 0.0,
) -> list[StudyPicture]:
    """Which pictures a study has: patients of 1 to frames_per_patient pictures, in random order.

    test_share of each design's patients, rounded down, have the role "test" with all pictures.
    """
    rng = generator(np.random.SeedSequence([seed, len(counts), _PATIENT]))
    patients: list[tuple[str, int, Literal["train", "test"]]] = []
    for maker, count in counts.items():
        sizes: list[int] = []
        while sum(sizes) < count:
            size = int(rng.integers(1, frames_per_patient + 1))
            sizes.append(min(size, count - sum(sizes)))
        held = int(test_share * len(sizes))
        patients += [(maker, size, "test" if k < held else "train") for k, size in enumerate(sizes)]
    pictures: list[StudyPicture] = []
    for number, at in enumerate(rng.permutation(len(patients))):
        maker, size, role = patients[at]
        for visit in range(size):
            pictures.append(StudyPicture(len(pictures), number, visit, maker, role))
    return pictures


def simulate_study_set(
    out: Path,
    seed: int,
    counts: Mapping[str, int] = STUDY_COUNTS,
    *,
    frames_per_patient: int = 4,
    side: int | None = None,
    test_share: float = 0.0,
    workers: int | None = None,
    progress: Callable[[int, int], None] = _no_progress,
) -> Path:
    """Write a study as DICOM files and return its table, selection.csv.

    counts: pictures of each design of STENT_MAKERS and FURTHER_DESIGNS. side makes small pictures
    (`view.at_side`; at least 64). Pictures that are there are kept, so an interrupted call goes
    on; workers 1 makes them in this process, None takes what the machine has. Raises UserError for
    an unknown design, too small a side or a folder that holds another study, OSError where the
    folder cannot be written; whatever progress raises ends it, with what was written kept.
    """
    check_designs(counts)
    if side is not None and side < SMALLEST_SIDE:
        raise UserError(
            sentence("Simulated pictures have at least {n} pixels a side.", n=SMALLEST_SIDE)
        )
    pictures = plan_study(seed, counts, frames_per_patient, test_share)
    out.mkdir(parents=True, exist_ok=True)
    _own(
        out,
        {
            "seed": seed,
            "counts": dict(counts),
            "frames_per_patient": frames_per_patient,
            "side": side,
            "test_share": test_share,
        },
    )
    _write_missing(
        [_Order(out, seed, side, p) for p in pictures if not (out / p.file).exists()],
        workers,
        lambda done, left: progress(len(pictures) - left + done, len(pictures)),
    )
    return _write_table(out / "selection.csv", seed, pictures)


def _own(out: Path, study: dict[str, object]) -> None:
    """Note what study a folder holds; raises UserError where it holds another one."""
    note = out / "study.json"
    if note.exists():
        try:
            same = json.loads(note.read_text(encoding="utf-8")) == study
        except ValueError:
            same = False
        if not same:
            raise UserError(
                sentence(
                    "{folder} holds another simulated study. Choose another folder.",
                    folder=str(out),
                )
            )
        return
    partial = note.with_suffix(".partial")
    partial.write_text(json.dumps(study, indent=2), encoding="utf-8")
    partial.replace(note)


def _write_missing(
    orders: list[_Order], workers: int | None, progress: Callable[[int, int], None]
) -> None:
    total = len(orders)
    wanted = workers or min(os.cpu_count() or 1, total // _PER_PROCESS)
    if wanted < 2:
        for done, order in enumerate(orders, start=1):
            _write(order)
            progress(done, total)
        return
    pool: Executor = ProcessPoolExecutor(wanted, get_context("spawn"), initializer=_one_thread)
    try:
        for done, made in enumerate(as_completed([pool.submit(_write, o) for o in orders]), 1):
            made.result()
            progress(done, total)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)


def patient_id(seed: int, patient: int) -> str:
    """The PatientID of a study's patient."""
    return f"SIM-{seed}-P{patient:03d}"


def _write(order: _Order) -> None:
    """One picture: body and stent are the patient's; view, devices and noise the exposure's."""
    picture, seed = order.picture, order.seed
    patient = SceneSeeds(*np.random.SeedSequence([seed, picture.patient, _PATIENT]).spawn(5))
    exposure = SceneSeeds(*np.random.SeedSequence([seed, picture.number, _VISIT]).spawn(5))
    seeds = replace(exposure, anatomy=patient.anatomy, stents=patient.stents)
    view = draw_view(generator(seeds.view))
    if order.side is not None:
        view = at_side(view, order.side)
    scene = build_scene(seeds, (picture.maker,), view=view)
    pixels, _ = expose_scene(scene, seeds.noise)
    who = SimulatedPatient(
        patient_id(seed, picture.patient), f"Simulated^Study{picture.patient:03d}"
    )
    where = Place(picture.visit + 1, f"2026{1 + 3 * (picture.visit % 4):02d}05")
    partial = (order.out / picture.file).with_suffix(".partial")
    write_dicom(as_image(scene, pixels, seed, picture.number), partial, who, where)
    partial.replace(order.out / picture.file)


def _write_table(path: Path, seed: int, pictures: list[StudyPicture]) -> Path:
    partial = path.with_suffix(".partial")
    with partial.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(TABLE_COLUMNS)
        for p in pictures:
            table.writerow([p.file, 0, p.maker, patient_id(seed, p.patient), p.role, ""])
    partial.replace(path)
    return path
