"""Speed and way of a cine."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QToolButton

from stentviewer.ui.viewer.cine_bar import CineBar, Way, next_frame


def run(count: int, way: Way, steps: int, start: int = 0) -> list[int]:
    shown, backwards = [start], False
    for _ in range(steps):
        after = next_frame(shown[-1], count, way, backwards)
        if after is None:
            break
        frame, backwards = after
        shown.append(frame)
    return shown


def test_the_three_ways() -> None:
    assert run(3, "loop", 6) == [0, 1, 2, 0, 1, 2, 0]
    assert run(3, "bounce", 6) == [0, 1, 2, 1, 0, 1, 2]
    assert run(3, "once", 6) == [0, 1, 2]
    assert run(2, "bounce", 4) == [0, 1, 0, 1, 0]
    assert run(1, "loop", 3) == [0]


@given(
    st.integers(2, 40),
    st.sampled_from(["loop", "bounce", "once"]),
    st.integers(0, 39),
    st.booleans(),
)
def test_no_way_leaves_the_frames(count: int, way: Way, frame: int, backwards: bool) -> None:
    after = next_frame(min(frame, count - 1), count, way, backwards)
    assert after is None or 0 <= after[0] < count


@pytest.fixture
def bar(qtbot: Any) -> CineBar:
    made = CineBar()
    qtbot.addWidget(made)
    made.resize(700, 40)
    made.set_frames(5, 40.0)
    return made


def test_the_files_speed_is_kept_to_the_millisecond(bar: CineBar) -> None:
    assert (bar.speed, bar._interval()) == (25.0, 40)
    for ms in (33.367, 2.0, 12_000.0):
        bar.set_frames(5, ms)
        assert bar._interval() == round(ms)
        bar.set_frames(5, None)
        assert bar._interval() == 67


def test_a_speed_of_ones_own_lasts_until_another_image(bar: CineBar) -> None:
    bar.play()
    bar.set_speed(50)
    assert bar._timer.interval() == 20
    speed = bar.findChild(QDoubleSpinBox)
    assert speed.toolTip() == "The file states 25 per second"
    bar.set_usual_speed(10)
    bar.set_frames(5, None)
    assert not bar.playing
    assert (bar.speed, bar._interval()) == (10.0, 100)
    assert "assumed" in speed.text()
    bar.set_speed(12)
    assert "assumed" not in speed.text()


def test_a_run_says_what_comes_next(bar: CineBar) -> None:
    bar.show_frame(3)
    assert bar.following() == (4, 0)
    bar.set_way("once")
    bar.play()
    assert bar.following() == (4,)
    bar.show_frame(4)
    assert bar.following() == ()
    assert not bar.playing
    asked: list[int] = []
    bar.frameRequested.connect(asked.append)
    bar.play()  # again from the beginning
    assert asked == [0]
    bar.set_way("bounce")
    assert bar.following() == (3, 2)


def test_the_way_is_changed_by_its_button(qtbot: Any, bar: CineBar) -> None:
    button = bar.findChild(QToolButton, "way")
    names = [button.accessibleName()]
    for way in ("bounce", "once", "loop"):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert bar.way == way
        names.append(button.accessibleName())
    assert names[0] == names[-1]
    assert len(set(names)) == 3


def test_a_narrow_bar_keeps_the_slider(bar: CineBar) -> None:
    speed = bar.findChild(QDoubleSpinBox)
    assert not speed.isHidden()
    bar.resize(300, 40)
    assert speed.isHidden()
    assert not bar._slider.isHidden()


def test_a_stack_has_slices_and_no_speed_until_it_runs(qtbot: Any, bar: CineBar) -> None:
    bar.show()
    label, speed = bar.findChild(QLabel), bar.findChild(QDoubleSpinBox)
    assert label.text() == "Frame 1 / 5"
    assert not speed.isHidden()
    bar.set_frames(99, None, stack=True)
    bar.show_frame(49)
    assert label.text() == "Slice 50 / 99"
    assert speed.isHidden()
    bar.play()
    assert not speed.isHidden()
    bar.pause()
    assert speed.isHidden()
    bar.layout().activate()
    bar.resize(200, 40)
    assert label.text() == "50 / 99"


def test_the_slider_stays_where_it_is_while_frames_go_by(bar: CineBar) -> None:
    bar.set_frames(1000, None, stack=True)
    bar.show()
    places = set()
    for frame in (0, 9, 99, 999):
        bar.show_frame(frame)
        bar.layout().activate()
        places.add(bar._slider.geometry().getRect())
    assert len(places) == 1
