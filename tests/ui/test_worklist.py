"""The tree of patients, with names as long as they come, and a filter that answers at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QAction
from PySide6.QtTest import QAbstractItemModelTester

from stentviewer.core.types import Identity, ImageHeader, Label, LabelAction
from stentviewer.library.records import ImageRecord, PatientRecord, SeriesRecord, StudyRecord
from stentviewer.ui.worklist.model import Badge, Kind, Role, WorklistModel, badge_of
from stentviewer.ui.worklist.panel import Worklist

LONG = "남궁황보독고제갈선우사공서문동방하나둘셋넷다섯여섯일곱여덟"


def image(number: int, readings: int = 0) -> ImageRecord:
    header = ImageHeader(Path(f"IM{number}"), Identity(), 100, 200, 1, "DICOM", True)
    return ImageRecord(number, header, f"{number:064x}", None, readings)


def series(number: int, *images: ImageRecord) -> SeriesRecord:
    return SeriesRecord(number, f"1.{number}", number, f"ERCP {number}", "XA", images)


def patient(number: int, name: str, *of: SeriesRecord) -> PatientRecord:
    study = StudyRecord(number, f"2.{number}", "2026-11-20", "Stent exchange", "XA", of, "", number)
    return PatientRecord(number, f"P{number}", f"Kim^{number}", name, "1948-03-02", "M", (study,))


TREE = [
    patient(1, LONG, series(1, image(1), image(2))),
    patient(2, "이영희", series(2, image(3)), series(3, image(4, readings=1))),
]


@pytest.fixture
def worklist(qtbot):
    made = Worklist([QAction("Open files…"), QAction("Open folder…")])
    qtbot.addWidget(made)
    made.resize(240, 500)
    made.show()
    made.set_tree(TREE)
    return made


def test_the_model_keeps_qts_rules(qtbot):
    model = WorklistModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.set_tree(TREE)
    model.update_image(replace(image(2), reading_count=1))
    model.set_tree(TREE[:1])
    model.set_tree([])
    assert model.rowCount() == 0
    tester.deleteLater()


def test_the_only_series_of_a_study_is_left_out():
    model = WorklistModel()
    model.set_tree(TREE)

    def kinds_under(index: QModelIndex) -> set[Kind]:
        rows = range(model.rowCount(index))
        return {model.index(row, 0, index).data(Role.KIND) for row in rows}

    studies = [model.index(0, 0, model.index(row, 0)) for row in (0, 1)]
    assert kinds_under(studies[0]) == {Kind.IMAGE}
    assert kinds_under(studies[1]) == {Kind.SERIES}
    assert model.image_ids() == [1, 2, 3, 4]


def test_badges_are_words_as_well_as_marks():
    model = WorklistModel()
    label = Label(1, 0, "EGIS", LabelAction.CORRECT, "kim", datetime.now(UTC), None, "")
    corrected = replace(image(1, readings=2), label=label)
    assert badge_of(corrected) is Badge.CORRECTED
    assert model.badge_text(corrected) == "EGIS, corrected"
    assert model.badge_text(image(1, readings=1)) == "read, no answer yet"
    assert model.badge_text(image(1)) == ""
    cleared = replace(label, action=LabelAction.CLEAR, maker="")
    assert badge_of(replace(corrected, label=cleared)) is Badge.READ


def test_a_long_korean_name_makes_nothing_wider(worklist):
    assert not worklist.view.horizontalScrollBar().isVisible()
    assert worklist.width() == 240
    top = worklist.view.model().index(0, 0)
    assert top.data().startswith(LONG), "the whole name is in the data and the tool tip"
    assert not worklist.grab().isNull()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("영희", [3, 4]), ("p1", [1, 2]), ("im4", [4]), ("영희 im3", [3]), ("nobody", [])],
)
def test_the_filter_keeps_what_matches_with_what_is_above_and_below(worklist, typed, expected):
    worklist.filter.setText(typed)
    model = worklist.view.model()
    shown = [
        number
        for number in (1, 2, 3, 4)
        if model.mapFromSource(worklist.model.index_of(number)).isValid()
    ]
    assert shown == expected


def test_stepping_goes_through_what_is_in_sight_and_stops_at_the_ends(worklist):
    chosen = []
    worklist.imageChosen.connect(chosen.append)
    worklist.filter.setText("영희")
    for by in (1, 1, 1, -1, -1):
        worklist.step(by)
    assert chosen == [3, 4, 3]


def test_a_new_tree_keeps_the_choice_without_announcing_it(worklist, qtbot):
    worklist.choose(2)
    with qtbot.assertNotEmitted(worklist.imageChosen):
        worklist.set_tree(TREE)
    assert worklist.chosen() == 2


def test_an_empty_library_offers_ways_to_begin(worklist):
    worklist.set_tree([])
    assert worklist.is_empty
    assert not worklist.filter.isVisible()
