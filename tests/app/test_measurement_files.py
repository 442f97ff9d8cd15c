"""Measurements that leave the program: their units, whose they are, and no surprise in Excel."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stentviewer.app.measurement_files import as_csv, as_json, export, measured
from stentviewer.app.measuring import Measuring
from stentviewer.app.opened import Opened
from stentviewer.core.errors import KnownError
from stentviewer.core.types import Measurement, MeasurementKind, Plane, Spacing, SpacingKind, Target
from stentviewer.core.undo import UndoStack
from stentviewer.imaging.image import DecodedFrames, Radiograph
from stentviewer.library.repository import Library
from tests.library.make import KIM, digest, header

Kind = MeasurementKind
SPACING = Spacing(SpacingKind.DETECTOR, (0.2, 0.2))


def drawn(key: str, kind: Kind, *points: tuple[float, float], **fields: Any) -> Measurement:
    target = fields.pop("target", Target(1, 1))
    return Measurement(key, target, kind, points, "", datetime(2026, 1, 1, tzinfo=UTC), **fields)


class World:
    """A session of two images at 0.2 mm, of a sagittal plane, and of one file that is gone."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.measuring = Measuring(library, UndoStack())
        self.opened: list[Any] = []

    def content_of(self, image_id: int) -> Any:
        from stentviewer.app.hanging import Content

        return Content(image_id, 7)

    def open(self, content: Any) -> Opened:
        self.opened.append(content)
        if content.image_id == 2:
            raise KnownError("The file “hong_gildong.dcm” is no longer where it was.")
        frames = DecodedFrames(3, lambda n: np.full((512, 640), 100 * n, np.int16))
        record = self.library.image(1)
        return Opened((record,), Radiograph(record.header, frames, spacing=SPACING))


@pytest.fixture
def world(tmp_path: Path, empty_library: Path) -> Iterator[World]:
    shutil.copytree(empty_library, tmp_path / "library")
    korean = replace(KIM, patient_name="=홍^길동", sop_uid="1.2.9")
    with Library.open(tmp_path / "library", "dr.kim") as library:
        library.add(header(tmp_path / "1.dcm", korean), digest("1"))
        library.add(header(tmp_path / "2.dcm"), digest("2"))
        yield World(library)


@pytest.fixture
def session(world: World) -> Any:
    world.measuring.measure(drawn("a", Kind.LENGTH, (0.0, 0.0), (30.0, 40.0), note="-Kim's duct"))
    world.measuring.measure(drawn("b", Kind.RECTANGLE, (10.0, 10.0), (20.0, 20.0)))
    return world


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_one_line_a_number_with_unit_and_where_it_holds(session: Any) -> None:
    rows = lines(as_csv(measured(session, [1])))
    assert rows[0] == {
        "image": "1",
        "modality": "XA",
        "frame": "2",
        "plane": "",
        "measurement": "a",
        "kind": "length",
        "quantity": "length",
        "value": "10.0",
        "unit": "mm",
        "spacing": "detector plane",
        "reader": "dr.kim",
        "time": rows[0]["time"],
        "problem": "",
    }
    assert datetime.fromisoformat(rows[0]["time"]).tzinfo is not None
    found = {row["quantity"]: (row["value"], row["unit"]) for row in rows[1:]}
    assert found == {
        "mean": ("100.0", "grey values"),
        "standard deviation": ("0.0", "grey values"),
        "minimum": ("100", "grey values"),
        "maximum": ("100", "grey values"),
        "pixels": ("100", ""),
        "area": ("4.0", "mm²"),
    }


def test_nobody_is_named_unless_it_is_asked_for(session: Any) -> None:
    session.measuring.measure(
        drawn("c", Kind.LENGTH, (0.0, 0.0), (1.0, 1.0), target=Target(2), note="Hong")
    )
    rows = measured(session, [1, 2])
    for text in (as_csv(rows), as_json(rows)):
        for word in ("홍", "00123", "1.2.3", "1.2.9", "2026-11-20", "Hong", "hong", "Kim's"):
            assert word not in text
        assert "could not be opened" in text
    named = lines(as_csv(rows, identity=True))
    assert named[0]["patient_id"] == "00123"
    assert named[0]["study_date"] == "2026-11-20"
    assert "hong_gildong.dcm" in named[-1]["problem"]
    assert named[-1]["value"] == ""
    whole = json.loads(as_json(rows, identity=True))
    assert whole["measurements"][0]["note"] == "-Kim's duct"


def test_no_text_is_a_formula_and_every_number_stays_one(session: Any) -> None:
    session.library.reader = "@lee"
    session.measuring.measure(drawn("d", Kind.PROBE, (1.0, 1.0), target=Target(1, 0)))
    rows = measured(session, [1])
    below = replace(
        rows[-1], numbers=tuple(replace(one, value=-1000.0) for one in rows[-1].numbers)
    )
    named = lines(as_csv([*rows[:-1], below], identity=True))
    assert named[0]["patient_name"] == "'=홍^길동"
    assert named[0]["note"] == "'-Kim's duct"
    assert named[-1]["reader"] == "'@lee"
    assert named[-1]["value"] == "-1000"


def test_json_says_what_it_is_for_and_keeps_what_was_drawn(session: Any) -> None:
    session.measuring.measure(drawn("s", Kind.STENT, (0.0, 0.0), (50.0, 0.0), widths=(20.0, 25.0)))
    document = json.loads(as_json(measured(session, [1])))
    assert document["use"] == "For research use, not for primary diagnosis"
    length, _, stent = document["measurements"]
    assert length["points"] == [[0.0, 0.0], [30.0, 40.0]]
    assert length["spacing"] == {"kind": "detector plane", "row_mm_column_mm": [0.2, 0.2]}
    assert length["numbers"][0] == {
        "quantity": "length",
        "value": pytest.approx(10.0),
        "unit": "mm",
        "holds": "detector plane",
    }
    assert stent["diameters_columns"] == [20.0, 25.0]
    assert "problem" not in stent


def test_a_calibration_counts_for_every_frame_of_its_image(session: Any) -> None:
    session.measuring.measure(
        drawn("k", Kind.CALIBRATION, (0.0, 0.0), (0.0, 50.0), mm=5.0, target=Target(1, 0))
    )
    rows = {
        (row["measurement"], row["quantity"]): row for row in lines(as_csv(measured(session, [1])))
    }
    assert rows["a", "length"]["value"] == "5.0"
    assert rows["a", "length"]["spacing"] == "calibrated"
    assert rows["k", "spacing"]["value"] == "0.1"


def test_a_reformat_is_measured_on_its_plane(session: Any) -> None:
    target = Target(1, 2, Plane.SAGITTAL)
    session.measuring.measure(drawn("r", Kind.PROBE, (5.0, 5.0), target=target))
    rows = measured(session, [1])
    assert session.opened[-1].plane is Plane.SAGITTAL
    assert session.opened[-1].series_id == 7
    assert rows[-1].numbers[0].value == 200


def test_a_file_for_excel_and_one_that_is_replaced_whole(session: Any, tmp_path: Path) -> None:
    path = tmp_path / "measurements.csv"
    path.write_text("older")
    assert export(session, [1], path, "csv", identity=True) == 2
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert "홍" in data.decode("utf-8-sig")
    assert export(session, [1], tmp_path / "m.json", "json") == 2
    assert json.loads((tmp_path / "m.json").read_text("utf-8"))["measurements"]
    assert not list(tmp_path.glob(".*"))


def test_a_folder_that_is_not_there_is_a_sentence(session: Any, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="could not be written"):
        export(session, [1], tmp_path / "gone" / "m.csv", "csv")


def test_an_export_can_be_cancelled(session: Any, tmp_path: Path) -> None:
    from stentviewer.core.errors import Cancelled
    from stentviewer.core.jobs import JobContext

    context = JobContext()
    context.cancelled.set()
    with pytest.raises(Cancelled):
        export(session, [1], tmp_path / "m.csv", "csv", context=context)
    assert not (tmp_path / "m.csv").exists()
