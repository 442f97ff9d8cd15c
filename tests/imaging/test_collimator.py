"""Bars are found where they are, and nothing else is taken for one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.types import Box
from stentviewer.imaging.collimator import uncollimated_area
from stentviewer.imaging.readers import read_radiograph

edge = st.floats(0.0, 0.3)


@given(
    st.integers(60, 900),
    st.integers(60, 900),
    edge,
    edge,
    edge,
    edge,
    st.sampled_from(["dark", "bright"]),
    st.integers(0, 2**32 - 1),
)
def test_bars_on_any_side_are_found(rows, columns, top, bottom, left, right, kind, seed) -> None:
    rng = np.random.default_rng(seed)
    image = rng.normal(1500, 300, (rows, columns)).clip(400, 2600).astype(np.float32)
    bar = 0.0 if kind == "dark" else 3000.0
    y0, y1 = round(top * rows), rows - round(bottom * rows)
    x0, x1 = round(left * columns), columns - round(right * columns)
    covered = np.ones(image.shape, bool)
    covered[y0:y1, x0:x1] = False
    image[covered] = bar + rng.normal(0, 4, int(covered.sum()))
    found = uncollimated_area(image)
    if covered.mean() < 0.01:  # too little to tell a bar's value
        return
    step = -(-max(rows, columns) // 384)
    assert found.x0 == pytest.approx(x0 / columns, abs=1.01 * step / columns)
    assert found.x1 == pytest.approx(x1 / columns, abs=1.01 * step / columns)
    assert found.y0 == pytest.approx(y0 / rows, abs=1.01 * step / rows)
    assert found.y1 == pytest.approx(y1 / rows, abs=1.01 * step / rows)


def test_a_picture_without_bars_is_whole() -> None:
    rng = np.random.default_rng(3)
    yy, xx = np.mgrid[:400, :500]
    image = (1000 + yy + xx + rng.normal(0, 20, yy.shape)).astype(np.float32)
    assert uncollimated_area(image) == Box(0, 0, 1, 1)


def test_a_frame_round_a_letterbox_and_marks_in_a_bar_go_too() -> None:
    rng = np.random.default_rng(4)
    image = rng.normal(120, 30, (600, 600)).clip(20, 240).astype(np.float32)
    image[:80], image[520:] = 0, 0
    image[30:50, 100:108] = 255  # a letter burnt into the bar
    image[:2] = image[-2:] = 190  # a frame drawn round it all
    found = uncollimated_area(image)
    assert found.y0 == pytest.approx(80 / 600, abs=0.004)
    assert found.y1 == pytest.approx(520 / 600, abs=0.004)


@pytest.mark.parametrize("fill", [0.0, 7.0, np.nan, np.inf])
def test_flat_and_broken_images_are_whole(fill: float) -> None:
    assert uncollimated_area(np.full((50, 60), fill, np.float32)) == Box(0, 0, 1, 1)


def test_mostly_bar_and_tiny_images_are_whole() -> None:
    image = np.zeros((200, 200), np.float32)
    image[90:100, 90:100] = np.arange(100).reshape(10, 10)
    assert uncollimated_area(image) == Box(0, 0, 1, 1)
    assert uncollimated_area(np.zeros((2, 500), np.float32)) == Box(0, 0, 1, 1)
    with pytest.raises(ValueError, match="rows, columns"):
        uncollimated_area(np.zeros(5, np.float32))


@pytest.mark.parametrize("maker", ["BonaPC", "EGIS", "Epic"])
def test_real_frames_lose_their_letterbox(data_dir: Path, maker: str) -> None:
    values = read_radiograph(data_dir / "stents" / f"{maker}_radiograph.png").modality_values(0)
    found = uncollimated_area(values)
    assert found.y0 == pytest.approx(0.12, abs=0.015)
    assert found.y1 == pytest.approx(0.88, abs=0.015)
    assert found.x0 <= 0.02
    assert found.x1 >= 0.98
