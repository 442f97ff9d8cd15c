"""Burned-in writing is found, stent markers are not taken for it."""

from __future__ import annotations

import numpy as np
import pytest

from stentviewer.core.types import Box
from stentviewer.imaging.collimator import uncollimated_area
from stentviewer.imaging.readers import read_radiograph
from stentviewer.learning.fitness_looks import painted
from stentviewer.learning.fitness_writing import find_writing
from stentviewer.simulate import FURTHER_DESIGNS, STENT_MAKERS, simulate_stent_image
from tests.learning.fitness_pictures import cloudy, written

WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def covers(box: Box, x: float, y: float) -> bool:
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1


@pytest.mark.parametrize("text", ["KIM MINJUN", "2026-01-05", "R 42", "ward 3b"])
@pytest.mark.parametrize("inverted", [False, True])
def test_writing_is_found_where_it_stands(text, inverted) -> None:
    picture = written(cloudy(3, 256), text, (20, 60), 0.7)
    values = (255 - picture if inverted else picture).astype(np.float32)
    boxes = find_writing(values, WHOLE)
    assert len(boxes) >= 1
    assert any(covers(box, 45 / 256, 54 / 256) for box in boxes)
    assert sum((b.x1 - b.x0) * (b.y1 - b.y0) for b in boxes) < 0.2


def test_what_is_masked_is_no_longer_found() -> None:
    values = written(cloudy(3, 256), "KIM MINJUN", (20, 60), 0.7).astype(np.float32)
    assert find_writing(painted(values, find_writing(values, WHOLE)), WHOLE) == ()


def test_writing_outside_the_open_area_is_not_the_networks_business() -> None:
    values = written(cloudy(3, 256), "KIM", (20, 30), 0.7).astype(np.float32)
    assert find_writing(values, Box(0.0, 0.3, 1.0, 1.0)) == ()


def test_an_even_picture_and_plain_bars_are_no_writing() -> None:
    assert find_writing(np.full((64, 64), 7, np.float32), WHOLE) == ()
    bars = cloudy(4, 256).astype(np.float32)
    for x in (60, 72, 84, 96):
        bars[100:120, x : x + 4] = 255
    assert find_writing(bars, WHOLE) == ()


def test_stents_are_hardly_ever_taken_for_writing() -> None:
    taken = 0
    for index in range(30):
        maker = (*STENT_MAKERS, *FURTHER_DESIGNS)[index % 6]
        values = simulate_stent_image(91, index, maker, side=320).pixels.astype(np.float32)
        taken += bool(find_writing(values, uncollimated_area(values)))
    assert taken <= 2


def test_real_stents_are_not_taken_for_writing(data_dir) -> None:
    for path in sorted((data_dir / "stents").glob("*.png")):
        values = read_radiograph(path).modality_values(0)
        assert find_writing(values, uncollimated_area(values)) == ()
