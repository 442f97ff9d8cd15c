"""What people do beside the main way: their name, the filter by keys, a crash, a small screen."""

from __future__ import annotations

import shutil

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMainWindow

from stentviewer.core.settings import load_settings
from stentviewer.imaging.image import Window
from stentviewer.ui.dialogs import ReaderDialog, ShortcutsDialog
from stentviewer.ui.kept import Kept, usual_size
from tests.imaging.stacks import straight, write_stack

CTRL = Qt.KeyboardModifier.ControlModifier


def test_labels_are_kept_under_the_name_given(desk, picture):
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_C)
    desk.press(Qt.Key.Key_1)
    desk.window.actions_by_id["reader"].trigger()
    dialog = desk.window.findChild(ReaderDialog)
    assert dialog.textValue() == "dr.kim"
    dialog.setTextValue("  이 서연  ")
    dialog.accept()
    desk.settle()
    desk.press(Qt.Key.Key_C)
    desk.press(Qt.Key.Key_2)
    desk.settle()
    image = desk.window.review.state.image
    by = [one.by for one in desk.session.history(image.id)]
    assert by == ["이 서연", "dr.kim"], "a label on its way keeps the name it was given under"
    assert load_settings()[0].reader == "이 서연"


def test_an_empty_name_changes_nothing(desk):
    desk.window.comfort.use_reader("   ")
    desk.settle()
    assert desk.session.reader == "dr.kim"


def test_enter_in_the_filter_opens_the_first_study_and_gives_the_keys_back(desk, picture, qtbot):
    desk.open(picture("front/a.png"), picture("rear/b.png"))
    assert desk.window.review.state.image.header.path.name == "a.png"
    desk.press(Qt.Key.Key_F, CTRL)
    box = desk.window.worklist.filter
    qtbot.keyClicks(box, "rear")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    desk.settle()
    assert desk.window.review.state.image.header.path.name == "b.png"
    assert QApplication.focusWidget() is desk.window.viewer.canvas
    desk.press(Qt.Key.Key_R)
    desk.settle()
    assert desk.window.review.state.reading is not None


def test_escape_clears_the_filter_and_gives_the_keys_back(desk, picture, qtbot):
    desk.open(picture("a.png"), picture("rear.png"))
    desk.press(Qt.Key.Key_F, CTRL)
    box = desk.window.worklist.filter
    qtbot.keyClicks(box, "nothing like it")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is box, "no image to go to"
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == ""
    assert QApplication.focusWidget() is desk.window.viewer.canvas
    assert len(desk.window.worklist.studies_in_sight()) == 1


def test_read_accept_and_go_on_by_keys_alone(desk, picture):
    desk.open(picture("a.png"), picture("b.png"))
    for _ in range(2):
        desk.press(Qt.Key.Key_R)
        desk.settle()
        desk.press(Qt.Key.Key_A)
        desk.press(Qt.Key.Key_N)
        desk.settle()
    session = desk.session
    images = desk.images()
    assert [session.label(one, 0).maker for one in images] == ["NITI-S", "NITI-S"]


def test_an_image_asked_to_be_read_while_it_opens_is_read_once_it_is_open(desk, picture):
    desk.open(picture("a.png"), picture("b.png"))
    desk.press(Qt.Key.Key_N)
    assert desk.window.review.state.image is None, "it is still being opened"
    desk.press(Qt.Key.Key_R)
    desk.settle()
    shown = desk.window.review.state
    assert shown.image.header.path.name == "b.png"
    assert shown.reading is not None
    desk.press(Qt.Key.Key_P)
    desk.settle()
    assert desk.window.review.state.reading is None, "only the one that was asked for"


def test_what_is_on_the_screen_is_kept_at_once_for_a_start_after_a_crash(desk, picture, tmp_path):
    desk.open(picture("a.png"), picture("b.png"))
    desk.press(Qt.Key.Key_N)
    desk.settle()
    shown = desk.window.review.state.image.id

    def kept():
        (grid,) = Kept(tmp_path / "library").desk().grids
        return [viewport.image_id for viewport in grid.viewports]

    assert kept() == [shown]


def test_the_planes_of_a_volume_share_their_window(desk, tmp_path, qtbot):
    slices = straight(6, shape=(20, 20), spacing=(1.0, 1.0), start=(0.0, 0.0, 0.0))
    (tmp_path / "ct").mkdir()
    desk.open(*write_stack(tmp_path / "ct", slices))
    window = desk.window
    axial, sagittal, _ = window.grid.viewports
    qtbot.waitUntil(lambda: all(one.canvas.has_frame for one in window.grid.viewports))
    axial.canvas.set_window(Window(300, 1500))
    assert sagittal.canvas.window == Window(300, 1500)
    window.front.link_window(False)
    axial.canvas.set_window(Window(40, 400))
    assert sagittal.canvas.window == Window(300, 1500), "one may look at bone beside soft tissue"
    window.grid.set_layout("1x1")
    window.opener.use_planes()
    desk.settle()
    axial.canvas.set_window(Window(50, 350))
    assert [one.canvas.window for one in window.grid.viewports] == [Window(50, 350)] * 3


def test_where_the_window_stands_is_kept_for_a_start_after_a_crash(desk, tmp_path, qtbot):
    places = tmp_path / "library" / "window.ini"
    desk.window.move(12, 34)
    desk.window.docks.dock("worklist").setFloating(True)
    desk.window.docks.show("measurements")
    qtbot.waitUntil(lambda: places.exists() and b"geometry" in places.read_bytes(), timeout=5000)
    found = shutil.copy(places, tmp_path)  # another process knows only what is on the disk
    kept = QSettings(str(found), QSettings.Format.IniFormat)
    assert kept.value("main/geometry") == desk.window.saveGeometry()
    docks = QMainWindow()
    for name in ("worklist", "measurements"):
        dock = QDockWidget(docks)
        dock.setObjectName(name)
        docks.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        dock.hide()
    Kept(tmp_path).restore_places(QMainWindow(), docks)
    worklist, measurements = docks.findChildren(QDockWidget)
    assert worklist.isFloating()
    assert not measurements.isHidden()
    worklist.close()


def test_the_window_fits_a_small_screen():
    assert usual_size(QSize(2560, 1440)) == QSize(1440, 900)
    small = usual_size(QSize(800, 500))
    assert small.width() < 800
    assert small.height() < 500


def test_the_help_page_tells_what_the_mouse_does(desk):
    desk.press(Qt.Key.Key_F1)
    page = desk.window.findChild(ShortcutsDialog)
    text = "\n".join(label.text() for label in page.findChildren(QLabel))
    for gesture in ("right widens", "middle drag", "wheel", "Alt+wheel", "double click"):
        assert gesture in text
    for key in ("Page Up", "Home", "Space", "Esc"):
        assert key in text
    page.close()


def test_many_problems_stay_a_few_lines(desk):
    long = "“엑스레이 사진.dcm” is not an image that this program reads. " * 3
    desk.window.messages.say([long] * 40)
    assert desk.window.messages.height() < desk.window.height() / 3
    assert "36" in desk.window.messages.text.text()


def test_a_filter_and_the_look_of_an_image_come_back(desk, picture, sit_down):
    desk.open(picture("a.png"))
    canvas = desk.window.canvas
    canvas.set_filter("median")
    canvas.mirror()
    canvas.set_colours("viridis")
    desk.settle()
    desk.window.close()
    again = sit_down().window.canvas
    assert (again.filter_name, again.state.mirrored) == ("median", True)
    assert again.state.colours == "viridis"


def test_only_the_window_in_front_frames_its_viewport(desk):
    window = desk.window
    window.grid.set_layout("1x2")
    other = window.windows.open_another()
    other.grid.set_layout("1x2")
    window.windows.come_forward(other.grid, other.grid.active)
    assert other.grid.active.property("active")
    assert not window.grid.active.property("active")
    other.close()
    assert window.grid.active.property("active")


def test_what_went_wrong_with_one_batch_is_still_said_after_the_next(desk, picture, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    desk.window.desk.add([broken])
    desk.window.desk.add([picture("a.png")])
    desk.settle()
    assert desk.window.canvas.has_frame
    assert "broken.png" in desk.window.messages.text.text()
    assert desk.window.messages.isVisible()


def test_flicker_goes_to_the_other_image_and_back_in_its_own_place(desk, picture):
    desk.open(picture("a.png"), picture("b.png"))
    window = desk.window
    action = window.actions_by_id["flicker"]
    assert not action.isEnabled(), "no prior and no other image: nothing to flicker with"
    window.grid.set_layout("1x2")
    left, right = window.grid.viewports
    second = desk.images()[1]
    window.opener.open_image(second, right)
    desk.settle()
    left.canvas.zoom_by(2.0)
    desk.press(Qt.Key.Key_T)
    desk.settle()
    assert left.review.content.image_id == second
    assert left.canvas.zoom > left.canvas.state.fit_zoom * 1.5, "seen the same way"
    window.grid.set_active(right)
    desk.press(Qt.Key.Key_T)
    desk.settle()
    assert right.review.content.image_id == second, "what the other place goes back to is its own"


def test_flicker_goes_back(desk, picture):
    desk.open(picture("a.png"), picture("b.png"))
    window = desk.window
    window.grid.set_layout("1x2")
    left, right = window.grid.viewports
    first, second = desk.images()
    window.opener.open_image(second, right)
    desk.settle()
    for expected in (second, first, second):
        desk.press(Qt.Key.Key_T)
        desk.settle()
        assert left.review.content.image_id == expected
