"""Real images through the reader onto the screen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage

from stentviewer.imaging.readers import read_radiograph
from stentviewer.ui.viewer.panel import ViewerPanel

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("STENTVIEWER_DATA", ROOT.parent / "shared" / "data"))


def _found(pattern: str) -> list[Path]:
    return sorted(path for path in DATA.glob(pattern) if path.suffix not in {".md", ".txt"})[:1]


@pytest.mark.parametrize(
    "pattern", ["stents/*EGIS*", "radiographs/RG1_*", "radiographs/XA1_UNC*", "xa-cine/*"]
)
def test_a_real_image_is_seen(qtbot: Any, pattern: str) -> None:
    files = _found(pattern)
    if not files:
        pytest.skip(f"no {pattern} in {DATA}: the folder of real test images is not here")
    radiograph = read_radiograph(files[0])
    panel = ViewerPanel()
    qtbot.addWidget(panel)
    panel.resize(500, 500)
    panel.show()
    with qtbot.waitSignal(panel.canvas.frameChanged, timeout=20_000):
        panel.set_radiograph(radiograph)
    image = panel.canvas.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    bits = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    inner = bits[100:350, 150:350]
    assert inner.std() > 8  # something is to be seen
    assert 15 < inner.mean() < 240  # neither black nor white
    assert panel.cine.isVisible() is (len(radiograph.frames) > 1)
