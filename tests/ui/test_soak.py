"""Two thousand things that a person does, in an order that only the seed knows."""

from __future__ import annotations

import ctypes
import gc
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from stentviewer.ui.dialogs import BugDialog
from tests.ui.conftest import Desk

WARM_UP = 500  # before it counts: everything is made, imported and cached for the first time
ACTIONS = 2000
SEED = 20261121
TOOLS = (
    "use_length", "use_angle", "use_ellipse", "use_rectangle", "use_polygon", "use_freehand",
    "use_probe", "use_stent",
)  # fmt: skip
LAYOUTS = ("1x1", "1x2", "2x2", "2x4")


class Hands:
    """One method a thing to do; every one leaves the window in use."""

    def __init__(self, desk: Desk, qtbot: QtBot, rng: random.Random) -> None:
        self.desk, self.qtbot, self.rng = desk, qtbot, rng
        self.window = desk.window

    def act(self) -> str:
        names = [name for name in dir(self) if name.startswith("do_")]
        name = self.rng.choice(names)
        getattr(self, name)()
        QApplication.processEvents()
        return name

    @property
    def canvas(self):  # type: ignore[no-untyped-def]
        return self.window.canvas

    def _point(self) -> QPoint:
        return QPoint(
            self.rng.randrange(max(1, self.canvas.width())),
            self.rng.randrange(max(1, self.canvas.height())),
        )

    def _drag(self, button: Qt.MouseButton, *modifier: Qt.KeyboardModifier) -> None:
        held = modifier[0] if modifier else Qt.KeyboardModifier.NoModifier
        start, end = self._point(), self._point()
        self.qtbot.mousePress(self.canvas, button, held, start)
        for step in range(1, 5):
            self.qtbot.mouseMove(self.canvas, start + (end - start) * step / 4)
        self.qtbot.mouseRelease(self.canvas, button, held, end)

    def _trigger(self, *ids: str) -> None:
        action = self.window.actions_by_id[self.rng.choice(ids)]
        if action.isEnabled():
            action.trigger()

    def do_open_image(self) -> None:
        images = self.desk.images()
        self.window.opener.open_image(self.rng.choice(images))
        if self.rng.random() < 0.7:
            self.desk.settle()

    def do_hang(self) -> None:
        rows = self.desk.session.worklist()
        self.window.opener.hang(self.rng.choice(rows).study_id)
        self.desk.settle()

    def do_step(self) -> None:
        self._trigger("next_image", "previous_image", "next_study", "previous_study")

    def do_window(self) -> None:
        self._drag(Qt.MouseButton.LeftButton)

    def do_pan(self) -> None:
        self._drag(Qt.MouseButton.MiddleButton)

    def do_wheel(self) -> None:
        point = QPointF(self._point())
        turn = QPoint(0, self.rng.choice((-240, -120, 120, 240)))
        event = QWheelEvent(
            point, self.canvas.mapToGlobal(point), QPoint(), turn, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self.canvas, event)

    def do_scroll(self) -> None:
        self._trigger("next_frame", "previous_frame")

    def do_look(self) -> None:
        ids = [
            "fit", "one_to_one", "invert", "auto_window", "reset", "rotate_right", "rotate_left",
            "mirror", "heat", "link_view", "link_window", "link_scroll", "reference_lines",
        ]  # fmt: skip
        self._trigger(*(name for name in ids if name in self.window.actions_by_id))

    def do_filter_image(self) -> None:
        of_looking = ("filter_", "colours_", "preset_", "corners", "show_drawn", "magnify")
        self._trigger(*(name for name in self.window.actions_by_id if name.startswith(of_looking)))

    def do_layout(self) -> None:
        self.window.grid.set_layout(self.rng.choice(LAYOUTS))

    def do_viewport(self) -> None:
        self._trigger("next_viewport", "maximise", "flicker", "prior_beside")
        self.desk.settle()

    def do_read(self) -> None:
        self._trigger("read")
        if self.rng.random() < 0.5:
            self.desk.settle()

    def do_answer(self) -> None:
        self._trigger("accept")
        if self.canvas.has_frame and self.window.review.state.image is not None:
            self.window.review.correct(self.rng.choice(("EGIS", "Epic", "NITI-S")))

    def do_undo(self) -> None:
        self._trigger("undo", "redo")
        self.desk.settle()

    def do_measure(self) -> None:
        if self.canvas.has_frame:
            self._trigger(*TOOLS)
            self._drag(Qt.MouseButton.LeftButton)
            if self.rng.random() < 0.5:
                self._drag(Qt.MouseButton.LeftButton)
            self.qtbot.keyClick(self.canvas, Qt.Key.Key_Escape)
            self.qtbot.keyClick(self.canvas, Qt.Key.Key_Escape)

    def do_remove_measurement(self) -> None:
        rows = self.window.measuring.rows
        if rows:
            self.window.measuring.choose(self.rng.choice(rows).measurement.id)
            self._trigger("remove_measurement")

    def do_filter_worklist(self) -> None:
        line = self.window.worklist.filter
        line.setText(self.rng.choice(("", "xa", "2026", "nobody", "sim", "")))

    def do_docks(self) -> None:
        name = self.rng.choice(("worklist", "reading", "timeline", "measurements", "histogram"))
        self.window.docks.show(name, self.rng.random() < 0.7)

    def do_close_viewport(self) -> None:
        self.window.viewport.clear()

    def do_size(self) -> None:
        self.window.resize(self.rng.randrange(900, 1400), self.rng.randrange(600, 900))

    def do_settings(self) -> None:
        changed = {"sealed_reading": self.rng.random() < 0.3, "hide_identity": False}
        self.window.keep_settings(self.window.settings.model_copy(update=changed))
        self.desk.settle()

    def do_heat(self) -> None:
        self.qtbot.keyPress(self.window, Qt.Key.Key_H)
        self.qtbot.keyRelease(self.window, Qt.Key.Key_H)

    def do_other_window(self) -> None:
        if self.window.windows.others:
            self.window.windows.others[0].close()
        else:
            self.window.windows.open_another()


def memory(desk: Desk) -> int:
    """Bytes held with one empty viewport (Linux), without what is free for the allocator."""
    window = desk.window
    for other in tuple(window.windows.others):
        other.close()
    window.grid.set_layout("1x1")
    window.viewport.clear()
    desk.settle()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def fill_caches(desk: Desk) -> None:
    """See everything once in as many viewports as there are: what is kept by design is kept."""
    window = desk.window
    window.grid.set_layout("2x4")
    for viewport, image in zip(window.grid.viewports, desk.images() * 2, strict=False):
        window.opener.open_image(image, viewport)
        desk.settle()
        radiograph = viewport.canvas.radiograph
        assert radiograph is not None
        for frame in range(radiograph.header.frames):
            viewport.canvas.set_frame(frame)
            desk.settle()
        viewport.review.read()
        desk.settle()
    for name in ("measurements", "histogram"):
        window.docks.show(name)
    window.windows.open_another()
    desk.settle()


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_two_thousand_actions_leave_nothing_behind(
    desk: Desk, qtbot: QtBot, tmp_path: Path, runtime: object, picture: Callable[[str], Path]
) -> None:
    """No error, no growth of memory beyond a tenth after the first quarter, no thread."""
    from stentviewer.simulate import write_example_patient

    desk.open(*write_example_patient(tmp_path), *(picture(f"p{n}.png") for n in range(6)))
    trouble: list[BaseException] = []
    desk.window.bridge.trouble.connect(trouble.append)
    fill_caches(desk)
    hands = Hands(desk, qtbot, random.Random(SEED))
    quarter = 0
    done: dict[str, int] = {}
    for number in range(-WARM_UP, ACTIONS):
        what = hands.act()
        done[what] = done.get(what, 0) + 1
        for dialog in desk.window.findChildren(QDialog):
            assert not isinstance(dialog, BugDialog), f"action {number} ({what}): a bug"
            dialog.close()
        assert not trouble, f"action {number} ({what}): {trouble[0]!r}"
        if number == ACTIONS // 4:
            quarter = memory(desk)
    missing = {name for name in dir(hands) if name.startswith("do_")} - set(done)
    assert not missing, "every kind of action has its turn"
    assert desk.session.audit(1), "the library still answers"
    grown = memory(desk) / quarter - 1
    print(f"memory: {quarter / 2**20:.0f} MB after a quarter, {grown:+.1%} at the end")
    assert grown < 0.10, f"memory grew by {grown:.0%} after the first quarter"
