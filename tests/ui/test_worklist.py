"""The worklist by keys and mouse: what is typed is found at once, nothing jumps, names fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QDate, QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QImage, QKeyEvent, QPainter
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMenu, QMessageBox

from stentviewer.app.worklist_query import Dates, Query, Sort
from stentviewer.library.records import StudyRow
from stentviewer.ui.bridge import Bridge
from stentviewer.ui.desk import Desk
from stentviewer.ui.worklist.date_range import DateRangeDialog
from stentviewer.ui.worklist.marks import Mark, draw_mark
from stentviewer.ui.worklist.panel import Worklist
from stentviewer.ui.worklist.removing import RemoveDialog
from stentviewer.ui.worklist.rows import PatientLine, Role, WorklistModel, marks_of

LONG = "남궁황보독고제갈선우사공서문동방하나둘셋넷다섯여섯일곱여덟"
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def study(number: int, patient: int, name: str, **fields: object) -> StudyRow:
    row = StudyRow(
        study_id=number, patient=patient, patient_id=f"P{patient}", name=f"Kim^{patient}",
        name_ideographic=name, birth_date="1948-03-02", sex="M", date=f"2026-11-{number:02}",
        time="10:00:00", description=f"ERCP {number}", accession_number="", modalities=("XA",),
        body_parts=(), series=1, images=1, unread=1, read=0, waiting=0, answered=0,
        disagree=False, makers=(), files=(), opened="",
    )  # fmt: skip
    return replace(row, **fields)


# in the order of their names: 1 and 2 under LONG, then 3 and 4
ROWS = [
    study(1, 1, LONG),
    study(2, 1, LONG, modalities=("CT",), images=99, unread=0),
    study(3, 2, "이영희", makers=("Bona PC",), unread=0, read=1, waiting=1),
    study(4, 2, "이영희", unread=0, read=1, answered=1, disagree=True, opened="2026-11-20"),
]


@pytest.fixture
def worklist(qtbot):
    """Without a library: the images are other tests' business."""
    bridge = Bridge()
    made = Worklist([QAction("Open files…"), QAction("Open folder…")], Desk(bridge))
    qtbot.addWidget(made)
    made.resize(240, 600)
    made.show()
    made.set_rows(ROWS)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    bridge.close()


def at(worklist: Worklist, number: int) -> QPoint:
    """The middle of a study's line."""
    return worklist.view.visualRect(worklist.model.index_of(number)).center()


def type_in(worklist: Worklist, text: str) -> None:
    """Key by key, also what an input method gives."""
    for character in text:
        none = Qt.KeyboardModifier.NoModifier
        worklist.filter.event(QKeyEvent(QEvent.Type.KeyPress, 0, none, character))


# lines


def test_the_model_keeps_qts_rules(qtbot):
    model = WorklistModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.set_groups([ROWS[:2], ROWS[2:]])
    model.replace(replace(ROWS[2], answered=1))
    model.set_folded(1, True)
    assert model.rowCount() == 4
    model.set_groups([ROWS[:1]])
    model.set_groups([])
    assert model.rowCount() == 0
    tester.deleteLater()


def test_a_patients_line_stands_over_their_studies(worklist):
    lines = [worklist.model.line(worklist.model.index(n)) for n in range(6)]
    assert [isinstance(line, PatientLine) for line in lines] == [True, False, False] * 2
    assert worklist.studies_in_sight() == [2, 1, 4, 3], "by name, the newest first"
    assert worklist.model.index(0).data() == f"{LONG}  Kim 1"
    assert worklist.model.index(0).data(Role.DETAIL) == "P1  ·  M  ·  1948-03-02"
    assert worklist.model.index_of(2).data() == "2026-11-02  CT"
    assert worklist.model.index_of(2).data(Role.DETAIL) == "ERCP 2  ·  99 images"


def test_marks_are_words_as_well_as_shapes(worklist):
    assert marks_of(ROWS[0]) == [(Mark.UNREAD, 1)]
    assert marks_of(ROWS[1]) == [], "nothing to read on a CT"
    assert marks_of(ROWS[2]) == [(Mark.READ, 1)]
    assert marks_of(ROWS[3]) == [(Mark.ACCEPTED, 1), (Mark.DISAGREE, 1)]
    said = worklist.model.index_of(4).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "answered" in said
    assert "model and reader disagree" in said
    many = study(9, 1, LONG, images=5, unread=3, read=2)
    worklist.update_row(many)
    assert "not yet read: 3 of 5 images" in worklist.model.index_of(9).data(
        Qt.ItemDataRole.ToolTipRole
    )


def test_every_mark_has_a_shape_of_its_own(qapp):
    drawn = []
    for mark in Mark:
        image = QImage(24, 24, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.black)
        painter = QPainter(image)
        draw_mark(painter, image.rect().toRectF(), mark, Qt.GlobalColor.white)
        painter.end()
        drawn.append(bytes(image.constBits()))
    assert len(set(drawn)) == len(Mark), "in one colour they can still be told apart"


def test_pictures_without_a_patient_have_a_line_that_says_so(worklist):
    nobody = replace(
        study(7, 5, ""), name="", patient_id="", birth_date="", sex="", date="", modalities=()
    )
    worklist.set_rows([nobody])
    assert worklist.model.index(0).data() == "Pictures without a patient"
    assert worklist.model.index_of(7).data() == "No date"


def test_nobody_can_be_recognised_where_that_is_asked_for(worklist):
    worklist.set_identity_hidden(True)
    shown = "\n".join(
        str(worklist.model.index(n).data(role))
        for n in range(worklist.model.rowCount())
        for role in (
            Qt.ItemDataRole.DisplayRole, Role.DETAIL, Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        )
    )  # fmt: skip
    for secret in (LONG, "이영희", "Kim", "P1", "1948"):
        assert secret not in shown
    assert "Patient 1" in shown
    worklist.set_identity_hidden(False)
    assert LONG in worklist.model.index(0).data()


def test_a_long_korean_name_makes_nothing_wider(worklist):
    worklist.resize(220, 600)
    assert worklist.width() == 220
    assert not worklist.view.horizontalScrollBar().isVisible()
    assert worklist.bar.rect().contains(worklist.bar.order.geometry())
    for chip in (worklist.bar.unread, worklist.bar.disagree, worklist.bar.recent):
        assert chip.geometry().right() < worklist.bar.width()
    assert not worklist.grab().isNull()


def test_every_line_is_as_high_as_every_other(worklist):
    heights = {
        worklist.view.visualRect(worklist.model.index(n)).height()
        for n in range(worklist.model.rowCount())
    }
    assert len(heights) == 1


# filter


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("영희", [4, 3]),
        ("kim p1", [2, 1]),
        ("is:unread", [1]),
        ("mod:ct", [2]),
        ("bona", [3]),
        ("date:2026-11-02..2026-11-03", [2, 3]),
        ("nobody", []),
    ],
)
def test_what_is_typed_is_found(worklist, typed, expected):
    type_in(worklist, typed)
    assert worklist.studies_in_sight() == expected
    if expected:
        assert worklist.bar.count.text() == f"{len(expected)} of 4 studies"


def test_a_token_becomes_a_switch_and_a_switch_is_the_same_as_a_token(worklist, qtbot):
    bar = worklist.bar
    type_in(worklist, "영희 is:disagree ")
    assert bar.line.text() == "영희 "
    assert bar.disagree.isChecked()
    assert worklist.studies_in_sight() == [4]
    qtbot.mouseClick(bar.disagree, LEFT)
    assert worklist.studies_in_sight() == [4, 3]
    qtbot.mouseClick(bar.unread, LEFT)
    assert bar.query == Query(words=("영희",), unread=True)
    type_in(worklist, 'maker:"Bona PC" mod:xa date:7d ')
    assert [chip.text() for chip in bar._chips] == ["XA ×", "Bona PC ×", "Last 7 days ×"]
    assert bar.query.makers == {"Bona PC"}
    for chip in list(bar._chips):
        qtbot.mouseClick(chip, LEFT)
    assert bar.query == Query(words=("영희",), unread=True)


def test_a_token_in_the_line_is_switched_off_by_its_switch(worklist, qtbot):
    type_in(worklist, "is:unread")
    assert worklist.bar.unread.isChecked()
    qtbot.mouseClick(worklist.bar.unread, LEFT)
    assert worklist.bar.line.text() == ""
    assert not worklist.bar.query
    assert len(worklist.studies_in_sight()) == 4


def test_the_menu_narrows_by_modality_maker_and_date(worklist):
    bar = worklist.bar

    def choose(*path: str) -> None:
        menu = bar.more.menu()
        menu.aboutToShow.emit()
        for name in path:
            (action,) = [one for one in menu.actions() if one.text() == name]
            menu = action.menu()
        action.trigger()

    choose("Modality", "CT")
    assert worklist.studies_in_sight() == [2]
    choose("Modality", "XA")
    assert len(worklist.studies_in_sight()) == 4, "either of the two"
    choose("Modality", "CT")
    choose("Maker", "Bona PC")
    assert worklist.studies_in_sight() == [3]
    choose("Last 7 days")
    assert bar.query.dates == Dates(days=7)
    choose("Clear the filter")
    assert not bar.query


def test_from_to_is_asked_for(worklist, qtbot):
    worklist.bar._ask_dates()
    dialog = worklist.findChild(DateRangeDialog)
    dialog.since.setDate(QDate(2026, 11, 3))
    dialog.until_on.setChecked(True)
    dialog.until.setDate(QDate(2026, 11, 1))
    dialog._choose()
    assert worklist.bar.query.dates == Dates(since="2026-11-01", until="2026-11-03")
    assert worklist.studies_in_sight() == [2, 1, 3]
    worklist.bar._ask_dates()
    again = next(one for one in worklist.findChildren(DateRangeDialog) if one is not dialog)
    assert again.since.date() == QDate(2026, 11, 1)
    again.since_on.setChecked(False)
    again.until_on.setChecked(False)
    again._choose()
    assert worklist.bar.query.dates is None


def test_partial_and_relative_dates_are_whole_days_in_the_dialog(qtbot):
    dialog = DateRangeDialog(Dates(since="2026-02", until="2026-02"))
    qtbot.addWidget(dialog)
    assert (dialog.since.date(), dialog.until.date()) == (QDate(2026, 2, 1), QDate(2026, 2, 28))
    dialog = DateRangeDialog(Dates(days=1))
    qtbot.addWidget(dialog)
    assert dialog.since.date().toPython() == date.today()  # noqa: DTZ011


def test_nothing_found_says_so_and_offers_to_clear_the_filter(worklist, qtbot):
    type_in(worklist, "nobody")
    from PySide6.QtWidgets import QLabel, QPushButton

    page = worklist._results.currentWidget()
    assert page.isVisible()
    assert page.findChild(QLabel).text() == "No study fits the filter."
    qtbot.mouseClick(page.findChild(QPushButton), LEFT)
    assert worklist.filter.text() == ""
    assert worklist.view.isVisible()
    assert len(worklist.studies_in_sight()) == 4


def test_enter_opens_the_first_study_and_gives_the_keys_back(worklist, qtbot):
    opened, left = [], []
    worklist.studyChosen.connect(opened.append)
    worklist.filterLeft.connect(lambda: left.append(True))
    type_in(worklist, "nobody")
    qtbot.keyClick(worklist.filter, Qt.Key.Key_Return)
    assert (opened, left) == ([], []), "still looking for the right words"
    worklist.filter.clear()
    type_in(worklist, "영희")
    qtbot.keyClick(worklist.filter, Qt.Key.Key_Return)
    assert (opened, left) == ([4], [True])


def test_escape_clears_the_filter_and_gives_the_keys_back(worklist, qtbot):
    type_in(worklist, "영희 is:disagree ")
    with qtbot.waitSignal(worklist.filterLeft):
        qtbot.keyClick(worklist.filter, Qt.Key.Key_Escape)
    assert worklist.filter.text() == ""
    assert not worklist.bar.query
    assert len(worklist.studies_in_sight()) == 4


def test_a_study_that_no_longer_fits_stays_until_something_else_is_looked_for(worklist):
    type_in(worklist, "is:unread ")
    worklist.update_row(replace(ROWS[0], unread=0, read=1, waiting=1))
    assert worklist.studies_in_sight() == [1], "nothing jumps away under the reader's hand"
    assert worklist.model.index_of(1).data(Role.MARKS) == [(Mark.READ, 1)]
    worklist.bar.clear()
    type_in(worklist, "is:unread ")
    assert worklist.studies_in_sight() == []


def test_the_orders(worklist):
    menu = worklist.bar.order.menu()
    shown = {}
    for action in menu.actions():
        action.trigger()
        assert worklist.bar.order.text() == action.text()
        shown[Sort(action.data())] = worklist.studies_in_sight()
    assert shown == {
        Sort.NAME: [2, 1, 4, 3],
        Sort.NEWEST: [4, 3, 2, 1],
        Sort.OLDEST: [1, 2, 3, 4],
        Sort.WORK: [1, 2, 3, 4],
        Sort.RECENT: [4, 3, 2, 1],
    }


@pytest.mark.parametrize("kept", ["", "{", "[]", "7", '{"sort": "x"}', '{"sort": "work"}'])
def test_what_was_kept_of_the_arrangement_comes_back_and_rubbish_does_no_harm(worklist, kept):
    worklist.bar.set_sort(Sort.NEWEST)
    worklist._split.setSizes([200, 300])
    good, sizes = worklist.arrangement(), worklist._split.sizes()
    worklist.bar.set_sort(Sort.NAME)
    worklist._split.setSizes([400, 100])
    worklist.restore_arrangement(good)
    assert worklist.bar.sort is Sort.NEWEST
    assert worklist._split.sizes() == sizes
    worklist.restore_arrangement(kept)
    assert worklist._split.sizes() == sizes


# keys and mouse


def test_arrows_move_and_enter_opens(worklist, qtbot):
    opened = []
    worklist.studyChosen.connect(opened.append)
    qtbot.keyClick(worklist.filter, Qt.Key.Key_Down)
    assert worklist.view.hasFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(worklist.view, key)
    assert isinstance(worklist.view.line(), PatientLine)
    qtbot.keyClick(worklist.view, Qt.Key.Key_Return)
    assert opened == [2, 4], "a patient opens on the study that is listed first"


def test_left_and_right_fold_a_patient(worklist, qtbot):
    view = worklist.view
    view.setFocus()
    view.look_at(worklist.model.index_of(1))
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert isinstance(view.line(), PatientLine)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert worklist.model.rowCount() == 4
    assert worklist.model.index(0).data(Role.DETAIL).endswith("2 studies")
    assert worklist.studies_in_sight() == [2, 1, 4, 3], "folded, not gone"
    type_in(worklist, "p")
    assert worklist.model.rowCount() == 4, "and folded it stays"
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert worklist.model.rowCount() == 6
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.looked_at() == (2,)


def test_the_arrow_of_a_patient_folds_by_mouse(worklist, qtbot):
    opened = []
    worklist.studyChosen.connect(opened.append)
    where = worklist.view.visualRect(worklist.model.index(0))
    qtbot.mouseClick(worklist.view.viewport(), LEFT, pos=QPoint(6, where.center().y()))
    assert worklist.model.rowCount() == 4
    qtbot.mouseClick(worklist.view.viewport(), LEFT, pos=where.center())
    assert worklist.model.rowCount() == 4, "the name only chooses"
    assert opened == []


def test_a_click_opens_a_study_once(worklist, qtbot):
    opened = []
    worklist.studyChosen.connect(opened.append)
    viewport = worklist.view.viewport()
    qtbot.mouseClick(viewport, LEFT, pos=at(worklist, 3))
    assert opened == [3]
    qtbot.mouseClick(viewport, LEFT, pos=at(worklist, 4))
    qtbot.mouseDClick(viewport, LEFT, pos=at(worklist, 4))
    qtbot.mouseRelease(viewport, LEFT, pos=at(worklist, 4))
    assert opened == [3, 4]
    opened.clear()
    qtbot.mouseClick(viewport, LEFT, Qt.KeyboardModifier.ControlModifier, pos=at(worklist, 1))
    qtbot.mouseClick(viewport, RIGHT, pos=at(worklist, 2))
    assert opened == [], "these choose several, or ask for the menu"


def test_the_windows_shortcuts_do_not_take_the_lists_keys(worklist):
    def is_kept(key: Qt.Key) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        worklist.view.event(event)
        return event.isAccepted()

    assert is_kept(Qt.Key.Key_Delete)
    assert is_kept(Qt.Key.Key_Return)
    assert is_kept(Qt.Key.Key_Left)
    assert not is_kept(Qt.Key.Key_R), "R reads wherever the keys are"


def test_the_menu_offers_to_remove(worklist, qtbot):
    worklist.view.look_at(worklist.model.index_of(3))
    worklist.view.menuAsked.emit(QPoint(0, 0))
    menu = next(one for one in worklist.findChildren(QMenu) if one.isVisible())
    assert [a.text() for a in menu.actions() if a.text()] == ["Open", "Remove from the library…"]
    menu.close()


@pytest.mark.parametrize(
    ("studies", "images", "said"),
    [(0, 1, "this image"), (0, 99, "99 images"), (1, 3, "this study"), (4, 9, "4 studies")],
)
def test_removal_is_asked_for_and_says_that_nothing_is_lost(qtbot, studies, images, said):
    dialog = RemoveDialog(studies, images)
    qtbot.addWidget(dialog)
    assert said in dialog.text()
    assert "files stay" in dialog.informativeText()
    assert "labels are kept" in dialog.informativeText()
    assert dialog.defaultButton() is dialog.button(QMessageBox.StandardButton.Cancel)
    agreed = []
    dialog.accepted.connect(lambda: agreed.append(True))
    dialog.open()
    dialog.remove.click()
    assert agreed == [True]


# what changes meanwhile


def test_new_rows_keep_what_is_looked_at_and_announce_nothing(worklist, qtbot):
    worklist.view.look_at(worklist.model.index_of(3))
    with qtbot.assertNotEmitted(worklist.studyChosen), qtbot.assertNotEmitted(worklist.view.looked):
        worklist.set_rows([*ROWS, study(5, 3, "김")])
    assert worklist.view.looked_at() == (3,)
    assert worklist.studies_in_sight() == [5, 2, 1, 4, 3]
    worklist.set_rows(ROWS[:2])
    assert worklist.view.looked_at() == ()


def test_a_new_study_comes_in_at_its_place(worklist):
    worklist.update_row(study(5, 3, "김"))
    assert worklist.studies_in_sight() == [5, 2, 1, 4, 3]


def test_an_empty_library_offers_ways_to_begin(worklist):
    from PySide6.QtWidgets import QPushButton

    worklist.set_rows([])
    assert worklist.is_empty
    assert not worklist.filter.isVisible()
    begin = worklist._pages.currentWidget().findChildren(QPushButton)
    assert [button.text() for button in begin] == ["Open files", "Open folder"]
    worklist.set_rows(ROWS)
    assert worklist.filter.isVisible()
