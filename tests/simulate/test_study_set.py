"""A simulated study: patients with several pictures, the same for the same seed, gone on with."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pydicom
import pytest
from typer.testing import CliRunner

from stentviewer.cli import app
from stentviewer.core.errors import Cancelled, UserError
from stentviewer.simulate import (
    FURTHER_DESIGNS,
    STENT_MAKERS,
    STUDY_COUNTS,
    share_out,
    simulate_stent_image,
    simulate_study_set,
)
from stentviewer.simulate.stents import build_stent, wire_area
from stentviewer.simulate.study_set import plan_study
from stentviewer.simulate.tube import tube_from_curve

SMALL = {"Coil": 5, "Epic": 4}


def rows_of(table):
    with table.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_published_counts_are_met_to_the_picture() -> None:
    pictures = plan_study(1, STUDY_COUNTS)
    assert Counter(p.maker for p in pictures) == STUDY_COUNTS
    assert sum(STUDY_COUNTS.values()) == 432
    of_patient = defaultdict(list)
    for picture in pictures:
        of_patient[picture.patient].append(picture)
    assert {len(own) for own in of_patient.values()} == {1, 2, 3, 4}
    assert all(len({p.maker for p in own}) == 1 for own in of_patient.values())
    assert len({p.file for p in pictures}) == 432


def test_neither_order_nor_name_of_a_file_tells_the_design() -> None:
    makers = [p.maker for p in plan_study(1, STUDY_COUNTS)]
    runs = 1 + sum(a != b for a, b in pairwise(makers))
    assert runs > 100  # sorted by design there would be 5
    assert all(re.fullmatch(r"patient-\d{3}-\d\.dcm", p.file) for p in plan_study(1, SMALL))


def test_patients_that_are_held_back_are_whole() -> None:
    pictures = plan_study(3, STUDY_COUNTS, test_share=0.2)
    roles = defaultdict(set)
    for picture in pictures:
        roles[picture.patient].add(picture.role)
    assert all(len(own) == 1 for own in roles.values())
    assert {p.maker for p in pictures if p.role == "test"} == set(STENT_MAKERS)
    assert 0.1 < np.mean([p.role == "test" for p in pictures]) < 0.25


def test_a_patient_is_one_body_with_one_stent_seen_several_times(tmp_path) -> None:
    rows = rows_of(simulate_study_set(tmp_path, 4, SMALL, side=96, workers=1))
    assert Counter(row["label"] for row in rows) == SMALL
    sets = [pydicom.dcmread(tmp_path / row["file"]) for row in rows]
    assert [s.PatientID for s in sets] == [row["patient"] for row in rows]
    assert len({s.SOPInstanceUID for s in sets}) == len(sets)
    assert all("SIMULATED" in s.ImageComments for s in sets)
    assert all(max(s.pixel_array.shape) == 96 for s in sets)
    several = [p for p, n in Counter(row["patient"] for row in rows).items() if n > 1]
    own = [s for s in sets if s.PatientID == several[0]]
    assert len({s.StudyInstanceUID for s in own}) == len(own)
    assert own[0].pixel_array.shape != own[1].pixel_array.shape or not np.array_equal(
        own[0].pixel_array, own[1].pixel_array
    )


def test_an_interrupted_study_goes_on_and_ends_the_same(tmp_path) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        simulate_study_set(tmp_path / "a", 4, SMALL, side=64, workers=1, progress=stop)
    made = sorted((tmp_path / "a").glob("*.dcm"))
    assert len(made) == 3
    times = [path.stat().st_mtime_ns for path in made]
    steps: list[tuple[int, int]] = []
    simulate_study_set(
        tmp_path / "a", 4, SMALL, side=64, workers=1, progress=lambda *s: steps.append(s)
    )
    assert steps[0] == (4, 9)
    assert steps[-1] == (9, 9)
    assert [path.stat().st_mtime_ns for path in made] == times
    simulate_study_set(tmp_path / "b", 4, SMALL, side=64, workers=2)
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_a_folder_with_another_study_is_left_alone(tmp_path) -> None:
    simulate_study_set(tmp_path, 4, {"Epic": 1}, side=64, workers=1)
    with pytest.raises(UserError, match="another simulated study"):
        simulate_study_set(tmp_path, 5, {"Epic": 1}, side=64, workers=1)


def test_what_cannot_be_simulated_is_said(tmp_path) -> None:
    with pytest.raises(UserError, match=r"“Acme” is not simulated.*Coil"):
        simulate_study_set(tmp_path, 1, {"Acme": 1})
    with pytest.raises(UserError, match="64 pixels"):
        simulate_study_set(tmp_path, 1, {"Epic": 1}, side=20)


def test_pictures_are_shared_out_as_published() -> None:
    assert share_out(432) == STUDY_COUNTS
    assert sum(share_out(7).values()) == 7
    assert share_out(1) == {"NITI-S": 1}


@pytest.mark.parametrize("design", FURTHER_DESIGNS)
def test_further_designs_stay_on_their_tube(design) -> None:
    rng = np.random.default_rng(5)
    curve = np.stack([np.zeros(141), np.linspace(0, 70, 141), np.zeros(141)], axis=1)
    model = build_stent(design, tube_from_curve(curve, np.full(141, 4.5)), rng)
    radius = float(np.median(model.tube.radius_mm))
    points = np.concatenate([strand.points for strand in model.strands])
    from_axis = np.hypot(points[:, 0], points[:, 2])
    assert 0 <= points[:, 1].min() <= points[:, 1].max() <= 70.01
    assert 0.88 * radius < from_axis.min() <= from_axis.max() < 1.1 * radius
    wires = [strand for strand in model.strands if strand.material != "platinum"]
    assert all(strand.area_mm2 <= wire_area(0.31) for strand in wires)
    assert design not in STENT_MAKERS


def test_a_small_picture_shows_the_same_patient_closer() -> None:
    whole, small = (simulate_stent_image(9, 1, "Epic", side=side) for side in (None, 128))
    assert max(small.pixels.shape) == 128
    assert small.stents[0].length_mm == whole.stents[0].length_mm
    assert small.spacing_mm * 128 == pytest.approx(110, abs=0.1)
    x0, y0, x1, y1 = small.stents[0].box
    assert (x1 - x0) * (y1 - y0) > 0.05


def test_the_command_writes_a_study_of_one_design(tmp_path) -> None:
    words = ["simulate", "stents", "--count", "3", "--maker", "Coil", "--patients"]
    done = CliRunner().invoke(app, [*words, "--side", "64", "--out", str(tmp_path / "coil")])
    assert done.exit_code == 0, done.output
    assert [row["label"] for row in rows_of(tmp_path / "coil" / "selection.csv")] == ["Coil"] * 3


def test_the_command_writes_single_pictures_of_one_design(tmp_path) -> None:
    words = ["simulate", "stents", "--count", "1", "--maker", "Coil", "--out", str(tmp_path)]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert [row["maker"] for row in rows_of(tmp_path / "truth.csv")] == ["Coil"]
