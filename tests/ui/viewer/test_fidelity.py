"""The badge that says when the screen is not the pixel truth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from stentviewer.ui.viewer.fidelity import Fidelity, FidelityBadge, fidelity, shorter
from stentviewer.ui.viewer.view_state import ViewState

VIEW = ViewState(3000, 2000, width=800, height=600)


def test_one_to_one_is_every_stored_pixel(still: Any) -> None:
    assert fidelity(still, VIEW.one_to_one()).is_true
    assert fidelity(still, replace(VIEW, zoom=8.0)).is_true  # each pixel a block of its own


@pytest.mark.parametrize(
    ("zoom", "aspect", "said"),
    [
        (2.0, 1.0, "interpolated, 2.0 × enlarged"),
        (0.25, 1.0, "scaled down, 16 stored pixels in each on the screen"),
        (0.5, 1.0, "scaled down, 4.0 stored pixels in each on the screen"),
        (0.99, 1.0, "scaled down, 1.02 stored pixels in each on the screen"),
        (1.0, 1.5, "interpolated, 1.5 × enlarged"),
        (0.8, 1.5, "interpolated, pixels made square"),
        (12.0, 0.5, "interpolated, 12 × enlarged"),
    ],
)
def test_scaling_is_said_with_its_number(still: Any, zoom: float, aspect: float, said: str) -> None:
    shown = fidelity(still, replace(VIEW, zoom=zoom, pixel_aspect=aspect))
    assert shown.passing == (said,)
    assert shown.lasting == ()


def test_everything_at_once_has_its_place(still: Any) -> None:
    radiograph = replace(still, fidelity=("lossy JPEG 10:1", "8 bits", "reformatted"))
    view = replace(VIEW.one_to_one(), colours="viridis")
    shown = fidelity(radiograph, view, filter_name="clahe")
    assert shown.lasting == ("lossy JPEG 10:1", "8 bits", "reformatted")
    assert shown.passing == ("filter: Local contrast (CLAHE)", "colours: viridis")
    ways = shorter(shown)
    assert ways[0].startswith("Not the pixel truth: lossy JPEG 10:1, 8 bits")
    assert ways[1] == "Not the pixel truth · 5"
    assert "5" in ways[-1]


@given(st.lists(st.text(max_size=30), max_size=5), st.lists(st.text(max_size=30), max_size=5))
def test_each_shorter_way_is_no_longer(lasting: list[str], passing: list[str]) -> None:
    ways = shorter(Fidelity(tuple(lasting), tuple(passing)))
    assert all(len(way) <= len(ways[0]) + 30 for way in ways)
    assert len(ways[-1]) <= 5


@pytest.fixture
def badge(qtbot: Any) -> FidelityBadge:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    made = FidelityBadge(holder)
    row.addWidget(QLabel("W 400  L 40"))
    row.addWidget(made, 1)
    qtbot.addWidget(holder)
    holder.resize(900, 30)
    holder.show()
    made.holder = holder  # type: ignore[attr-defined]
    return made


def test_the_badge_says_less_where_there_is_less_room(badge: Any, still: Any) -> None:
    shown = fidelity(replace(still, fidelity=("lossy JPEG 10:1",)), replace(VIEW, zoom=0.25))
    badge.show_fidelity(shown)
    for width, starts in ((900, "Not the pixel truth: lossy"), (290, "Not the pixel truth · 2")):
        badge.holder.resize(width, 30)
        badge.holder.layout().activate()
        assert badge.text().startswith(starts)
        assert badge.sizeHint().width() >= badge.minimumSizeHint().width()
    badge.holder.resize(badge.holder.minimumSizeHint())
    badge.holder.layout().activate()
    assert badge.text() == "⚠ 2"
    assert badge.holder.minimumSizeHint().width() < 200
    assert "lossy JPEG 10:1" in badge.toolTip()
    assert "lossy JPEG 10:1" in badge.accessibleName()


def test_it_is_calm_where_all_is_true_and_empty_without_an_image(badge: Any, still: Any) -> None:
    badge.show_fidelity(fidelity(still, VIEW.one_to_one()))
    assert badge.text() == badge.toolTip() == "Every stored pixel"
    badge.show_fidelity(None)
    assert badge.text() == badge.toolTip() == ""
    assert not badge.isEnabled()
