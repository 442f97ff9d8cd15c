"""The thumbnails under the worklist: what a tile stands for, what is fetched, and stepping."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMessageBox

from stentviewer.app.worklist_query import Sort
from stentviewer.core.types import Identity, ImageHeader, Label, LabelAction
from stentviewer.library.records import ImageRecord, SeriesRecord, StudyRecord, StudyRow
from stentviewer.ui.bridge import Bridge
from stentviewer.ui.viewport import TILE_MIME
from stentviewer.ui.worklist.marks import Mark, mark_of
from stentviewer.ui.worklist.panel import Worklist
from stentviewer.ui.worklist.removing import RemoveDialog
from stentviewer.ui.worklist.tile_delegate import LEAST, MOST, picture_side
from stentviewer.ui.worklist.tiles import MIME, Role, TileModel, tiles_of
from tests.ui.test_worklist import LONG, ROWS

LEFT = Qt.MouseButton.LeftButton


def image(number: int, frames: int = 1, kind: str = "DICOM") -> ImageRecord:
    header = ImageHeader(
        Path(f"Kim-{number}.png"), Identity(), 100, 200, frames, kind, kind == "DICOM"
    )
    return ImageRecord(number, header, f"{number:064x}", None, 0)


def series(number: int, modality: str, *images: ImageRecord, name: str = "") -> SeriesRecord:
    return SeriesRecord(number, f"1.{number}", number, name, modality, images)


def record(row: StudyRow, *of: SeriesRecord) -> StudyRecord:
    return StudyRecord(
        row.study_id, f"2.{row.study_id}", row.date, row.description, ",".join(row.modalities),
        of, row.time, row.patient,
    )  # fmt: skip


# ROWS are, in the order of the list: 2 (a CT), 1, 4, 3
STUDIES = {
    2: record(ROWS[1], series(20, "CT", *(image(n) for n in range(200, 299)), name="Abdomen")),
    1: record(ROWS[0], series(10, "XA", image(101), image(102, frames=24), name=f"ERCP {LONG}")),
    4: record(ROWS[3], series(40, "XA", image(401))),
    3: record(ROWS[2], series(30, "", image(301, kind="PNG"))),
}
ROW_OF = {
    one.id: row
    for row in ROWS
    for of in STUDIES[row.study_id].series
    for one in of.images
}  # fmt: skip
PNG = cv2.imencode(".png", np.full((96, 128), 200, np.uint8))[1].tobytes()


@dataclass
class FakeSession:
    """Answers as a session does, off the window's thread."""

    studies: dict[int, StudyRecord] = field(default_factory=lambda: dict(STUDIES))
    fetched: list[int] = field(default_factory=list)
    missing: set[int] = field(default_factory=set)

    def study(self, study_id: int) -> StudyRecord:
        assert threading.current_thread() is not threading.main_thread()
        if study_id not in self.studies:
            raise LookupError(study_id)
        return self.studies[study_id]

    def thumbnail(self, image_id: int) -> bytes | None:
        assert threading.current_thread() is not threading.main_thread()
        self.fetched.append(image_id)
        if image_id in self.missing:
            raise OSError("the disk went away")
        return PNG

    def study_row_of(self, image_id: int) -> StudyRow | None:
        return ROW_OF.get(image_id)

    @property
    def library(self) -> FakeSession:
        return self

    def image_ids(self, study_ids: Sequence[int]) -> tuple[int, ...]:
        assert threading.current_thread() is not threading.main_thread()
        studies = [self.studies[one] for one in study_ids if one in self.studies]
        return tuple(image.id for of in studies for one in of.series for image in one.images)


class FakeDesk(QObject):
    """A desk over that session."""

    has_session = True

    def __init__(self) -> None:
        super().__init__()
        self.bridge = Bridge(self)
        self.session = FakeSession()


@pytest.fixture
def desk(qapp):
    made = FakeDesk()
    troubles: list[BaseException] = []
    made.bridge.trouble.connect(troubles.append)
    yield made
    made.bridge.close()
    assert troubles == []


@pytest.fixture
def worklist(qtbot, desk, monkeypatch):
    from stentviewer.app import open_series

    monkeypatch.setattr(open_series, "is_stack", lambda one: one.modality == "CT")
    made = Worklist([QAction("Open files…")], desk)
    qtbot.addWidget(made)
    made.resize(260, 700)
    made.show()
    made.set_rows(ROWS)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def settle(qtbot, worklist: Worklist) -> None:
    worklist.thumbnails.viewport().repaint()
    qtbot.waitUntil(lambda: not worklist._desk.bridge.jobs)


def shown(worklist: Worklist) -> list[int]:
    return [tile.image.id for tile in worklist.thumbnails.tiles.tiles]


def look_at(qtbot, worklist: Worklist, study: int) -> None:
    worklist.view.look_at(worklist.model.index_of(study))
    settle(qtbot, worklist)


# tiles


def test_the_model_keeps_qts_rules(qtbot):
    model = TileModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.set_tiles(list(tiles_of([STUDIES[1], STUDIES[2]], lambda _: False)))
    assert model.rowCount() == 101
    model.set_tiles([])
    tester.deleteLater()


def test_a_stack_is_one_tile_an_image_or_run_each_one_of_its_own():
    tiles = list(tiles_of([STUDIES[1], STUDIES[2]], lambda one: one.modality == "CT"))
    assert [tile.is_stack for tile in tiles] == [True, False, False]
    assert tiles[0].image.id == 249, "the middle slice stands for it"
    assert [tile.image.id for tile in tiles[1:]] == [101, 102], "the newest study comes first"


def test_what_a_tile_says():
    model = TileModel()
    tiles = list(tiles_of(STUDIES.values(), lambda one: one.modality == "CT"))
    model.set_tiles(tiles)
    said = {
        tile.image.id: (model.index(n).data(), model.index(n).data(Role.DETAIL))
        for n, tile in enumerate(tiles)
    }
    assert said[249] == ("Abdomen", "2026-11-02 · CT · 99 images")
    assert said[102] == (f"2/2  ERCP {LONG}", "2026-11-01 · XA · 24 frames")
    assert said[401] == ("XA 40", "2026-11-04 · XA")
    assert said[301] == ("Kim-301.png", "2026-11-03 · PNG")
    model.set_identity_hidden(True)
    words = "\n".join(str(model.index(n).data(Qt.ItemDataRole.ToolTipRole)) for n in range(5))
    assert "Kim" not in words


def test_a_tiles_mark_is_what_was_decided():
    label = Label(101, 0, "EGIS", LabelAction.CORRECT, "kim", datetime.now(UTC), None, "")
    corrected = replace(image(101), reading_count=2, label=label)
    assert mark_of(corrected) is Mark.CORRECTED
    assert mark_of(replace(image(1), reading_count=1)) is Mark.READ
    assert mark_of(replace(corrected, label=None, reading_count=0)) is Mark.UNREAD
    accepted = replace(corrected, label=replace(label, action=LabelAction.ACCEPT))
    model = TileModel()
    study = record(
        ROWS[0], series(1, "XA", corrected, accepted, image(3)), series(2, "CT", image(4))
    )
    tiles = list(tiles_of([study], lambda _: False))
    marks = [tile.mark for tile in tiles]
    assert marks == [Mark.CORRECTED, Mark.ACCEPTED, Mark.UNREAD, None]
    assert [model.mark_words(tile) for tile in tiles] == [
        "EGIS, corrected", "EGIS, accepted", "not yet read", "",
    ]  # fmt: skip


def test_a_tile_is_dragged_as_viewports_take_it():
    assert MIME == TILE_MIME
    model = TileModel()
    model.set_tiles(list(tiles_of([STUDIES[1], STUDIES[2]], lambda one: one.modality == "CT")))
    carried = [
        json.loads(bytes(model.mimeData([model.index(n)]).data(MIME).data())) for n in (0, 2)
    ]
    assert carried == [{"series": 20, "image": 249}, {"series": None, "image": 102}]
    assert model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled


@pytest.mark.parametrize("room", [100, 190, 204, 250, 400, 1000])
def test_pictures_fill_the_room_they_have(room):
    side = picture_side(room)
    assert LEAST <= side <= MOST
    columns = room // (side + 8)
    assert columns >= 1
    assert columns == room // (LEAST + 8) or side == MOST


# in the worklist


def test_looking_at_a_study_shows_its_images_and_opens_nothing(worklist, qtbot):
    with qtbot.assertNotEmitted(worklist.imageChosen), qtbot.assertNotEmitted(worklist.studyChosen):
        look_at(qtbot, worklist, 1)
    assert shown(worklist) == [101, 102]
    worklist.view.look_at(worklist.model.index_of_patient(2))
    settle(qtbot, worklist)
    assert shown(worklist) == [401, 301], "of a patient the images of every study"


def test_a_click_or_enter_opens_an_image(worklist, qtbot):
    chosen = []
    worklist.imageChosen.connect(chosen.append)
    look_at(qtbot, worklist, 1)
    tiles = worklist.thumbnails
    where = tiles.visualRect(tiles.tiles.index(0)).center()
    qtbot.mouseClick(tiles.viewport(), LEFT, pos=where)
    assert chosen == [101]
    assert worklist.chosen() == 101
    tiles.setFocus()
    qtbot.keyClick(tiles, Qt.Key.Key_Right)
    assert chosen == [101], "arrows only move"
    qtbot.keyClick(tiles, Qt.Key.Key_Return)
    assert chosen == [101, 102]
    qtbot.mouseClick(tiles.viewport(), LEFT, pos=where)
    qtbot.mouseDClick(tiles.viewport(), LEFT, pos=where)
    qtbot.mouseRelease(tiles.viewport(), LEFT, pos=where)
    assert chosen == [101, 102, 101], "a double click is one choice"


def test_only_what_is_in_sight_is_fetched(worklist, qtbot, desk, monkeypatch):
    from stentviewer.app import open_series

    monkeypatch.setattr(open_series, "is_stack", lambda _: False)
    look_at(qtbot, worklist, 2)
    assert len(worklist.thumbnails.tiles.tiles) == 99
    qtbot.waitUntil(lambda: len(desk.session.fetched) > 1)
    settle(qtbot, worklist)
    in_sight = len(desk.session.fetched)
    assert in_sight < 20
    assert desk.session.fetched == list(range(200, 200 + in_sight)), "from the top, each once"
    worklist.thumbnails.scrollToBottom()
    settle(qtbot, worklist)
    qtbot.waitUntil(lambda: 298 in desk.session.fetched)
    assert len(desk.session.fetched) < 40


def test_a_thumbnail_that_cannot_be_made_leaves_its_tile_empty(worklist, qtbot, desk):
    desk.session.missing = {101}
    look_at(qtbot, worklist, 1)
    settle(qtbot, worklist)
    assert worklist.thumbnails._pictures[101].isNull()
    settle(qtbot, worklist)
    assert desk.session.fetched.count(101) == 1, "and is not asked for again and again"
    assert not worklist.grab().isNull()


def test_the_image_on_the_screen_is_marked_wherever_it_was_opened(worklist, qtbot):
    look_at(qtbot, worklist, 1)
    with qtbot.assertNotEmitted(worklist.imageChosen), qtbot.assertNotEmitted(worklist.studyChosen):
        worklist.show_chosen(301)
        settle(qtbot, worklist)
    assert worklist.view.looked_at() == (3,)
    assert worklist.view.rows.open_study == 3
    assert shown(worklist) == [301]
    assert worklist.thumbnails.shown_place == 0
    worklist.show_chosen(999)  # no longer on the worklist
    settle(qtbot, worklist)
    assert worklist.thumbnails.shown_place is None


def test_stepping_goes_on_into_the_next_study_and_stops_at_the_ends(worklist, qtbot):
    chosen = []
    worklist.imageChosen.connect(chosen.append)
    for _ in range(8):
        worklist.step(1)
        settle(qtbot, worklist)
    assert chosen == [249, 101, 102, 401, 301]
    for _ in range(2):
        worklist.step(-1)
        settle(qtbot, worklist)
    assert chosen[5:] == [401, 102]


def test_steps_taken_faster_than_the_library_answers_are_all_taken(worklist, qtbot):
    chosen = []
    worklist.imageChosen.connect(chosen.append)
    for by in (1, 1, 1, 1, 1, -1):
        worklist.step(by)
    settle(qtbot, worklist)
    qtbot.waitUntil(lambda: not worklist._desk.bridge.jobs and not worklist._steps)
    assert chosen == [249, 101, 102, 401], "five on and one back are four on"
    worklist.step(1)
    worklist.update_row(ROWS[3])  # asks for images too, and must not lose the step
    settle(qtbot, worklist)
    assert chosen[-1] == 301


def test_stepping_keeps_to_what_the_filter_leaves(worklist, qtbot):
    chosen = []
    worklist.imageChosen.connect(chosen.append)
    worklist.filter.setText("mod:xa")
    for _ in range(6):
        worklist.step(1)
        settle(qtbot, worklist)
    assert chosen == [101, 102, 401, 301]


def test_new_rows_bring_new_images_of_what_is_looked_at(worklist, qtbot, desk):
    look_at(qtbot, worklist, 4)
    more = record(ROWS[3], series(40, "XA", image(401), image(402)))
    desk.session.studies[4] = more
    worklist.update_row(replace(ROWS[3], images=2))
    settle(qtbot, worklist)
    assert shown(worklist) == [401, 402]
    del desk.session.studies[4]
    worklist.set_rows(ROWS[:3])
    settle(qtbot, worklist)
    assert shown(worklist) == []


def test_a_reading_of_an_image_moves_nothing(worklist, qtbot, desk, monkeypatch):
    from stentviewer.app import open_series

    monkeypatch.setattr(open_series, "is_stack", lambda _: False)
    look_at(qtbot, worklist, 2)
    worklist.show_chosen(200)
    tiles = worklist.thumbnails
    tiles.verticalScrollBar().setValue(400)
    tiles.setCurrentIndex(tiles.tiles.index(20))
    where = tiles.verticalScrollBar().value()
    (of,) = STUDIES[2].series
    read = replace(
        of, images=(of.images[0], replace(of.images[1], reading_count=1), *of.images[2:])
    )
    desk.session.studies[2] = replace(STUDIES[2], series=(read,))
    worklist.update_row(replace(ROWS[1], read=1))
    settle(qtbot, worklist)
    assert tiles.tiles.tiles[1].mark is Mark.READ
    assert tiles.verticalScrollBar().value() == where
    assert tiles.currentIndex().row() == 20


# removing


def answer(qtbot, worklist: Worklist, yes: bool) -> str:
    qtbot.waitUntil(lambda: worklist.findChild(RemoveDialog) is not None)
    dialog = worklist.findChild(RemoveDialog)
    said = dialog.text()
    button = dialog.remove if yes else dialog.button(QMessageBox.StandardButton.Cancel)
    qtbot.mouseClick(button, LEFT)
    return said


@pytest.mark.parametrize("yes", [True, False])
def test_del_removes_a_patient_once_that_is_confirmed(worklist, qtbot, yes):
    asked = []
    worklist.removeRequested.connect(asked.append)
    worklist.view.look_at(worklist.model.index_of_patient(2))
    settle(qtbot, worklist)
    qtbot.keyClick(worklist.view, Qt.Key.Key_Delete)
    assert "2 studies" in answer(qtbot, worklist, yes)
    assert asked == ([(401, 301)] if yes else [])


def test_del_on_a_tile_removes_that_image_alone(worklist, qtbot):
    asked = []
    worklist.removeRequested.connect(asked.append)
    look_at(qtbot, worklist, 1)
    worklist.thumbnails.setCurrentIndex(worklist.thumbnails.tiles.index(1))
    delete = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier
    )
    delete.ignore()
    worklist.thumbnails.event(delete)
    assert delete.isAccepted(), "it is not the window's shortcut here"
    qtbot.keyClick(worklist.thumbnails, Qt.Key.Key_Delete)
    assert answer(qtbot, worklist, yes=True) == "Remove this image from the library?"
    assert asked == [(102,)]


def test_a_drag_carries_the_tile(worklist, qtbot, monkeypatch):
    from stentviewer.ui.worklist import thumbnails

    carried = []

    class Drag(QObject):
        def setMimeData(self, data):
            carried.append(json.loads(bytes(data.data(MIME).data())))

        def setPixmap(self, pixmap):
            carried.append(pixmap.width())

        def exec(self, action):
            carried.append(action)

    monkeypatch.setattr(thumbnails, "QDrag", Drag)
    look_at(qtbot, worklist, 1)
    qtbot.waitUntil(lambda: 101 in worklist.thumbnails._pictures)
    worklist.thumbnails.setCurrentIndex(worklist.thumbnails.tiles.index(0))
    worklist.thumbnails.startDrag(Qt.DropAction.CopyAction)
    assert carried == [{"series": None, "image": 101}, LEAST, Qt.DropAction.CopyAction]


# in the window


def test_what_is_opened_is_recent_and_the_order_comes_back(sit_down, tmp_path):
    from stentviewer.simulate import write_example_patient

    desk = sit_down()
    desk.open(*write_example_patient(tmp_path))
    worklist = desk.window.worklist
    newest, oldest = desk.session.worklist()
    assert newest.opened, "what was just added is on the screen"
    assert not oldest.opened
    worklist.studyChosen.emit(oldest.study_id)
    desk.settle()
    worklist.bar.set_sort(Sort.RECENT)
    worklist.bar.recent.click()
    assert worklist.studies_in_sight() == [oldest.study_id, newest.study_id]
    desk.window.close()
    again = sit_down()
    assert again.window.worklist.bar.sort is Sort.RECENT
    assert again.window.worklist.studies_in_sight()[0] == oldest.study_id


def test_a_patient_is_removed_and_comes_back_with_the_files(desk_in_use, qtbot):
    desk, files = desk_in_use
    worklist = desk.window.worklist
    image = worklist.chosen()
    desk.press(Qt.Key.Key_C)
    desk.press(Qt.Key.Key_3)
    desk.settle()
    worklist.view.look_at(worklist.model.index(0))
    desk.settle()
    qtbot.keyClick(worklist.view, Qt.Key.Key_Delete)
    answer(qtbot, worklist, yes=True)
    desk.settle()
    assert worklist.is_empty
    assert all(file.exists() for file in files)
    desk.open(*files)
    assert len(worklist.studies_in_sight()) == 2
    assert desk.session.label(image, 0).maker == "EGIS"


def test_a_removal_is_undone_and_done_again(desk_in_use, qtbot):
    desk, _files = desk_in_use
    window, worklist = desk.window, desk.window.worklist
    before = desk.session.worklist()
    worklist.view.look_at(worklist.model.index(0))
    desk.settle()
    qtbot.keyClick(worklist.view, Qt.Key.Key_Delete)
    answer(qtbot, worklist, yes=True)
    desk.settle()
    assert worklist.is_empty
    assert window.canvas.radiograph is None
    window.desk.undo()
    desk.settle()
    assert desk.session.worklist() == before
    assert set(worklist.studies_in_sight()) == {row.study_id for row in before}
    count = sum(row.images for row in before)
    assert str(count) in window.statusBar().currentMessage()
    worklist.studyChosen.emit(before[0].study_id)
    desk.settle()
    assert window.canvas.radiograph is not None
    window.desk.redo()
    desk.settle()
    assert worklist.is_empty
    assert window.canvas.radiograph is None, "what is removed again is not left on the screen"


@pytest.fixture
def desk_in_use(sit_down, tmp_path):
    from stentviewer.simulate import write_example_patient

    made = sit_down()
    files = write_example_patient(tmp_path)
    made.open(*files)
    return made, files
