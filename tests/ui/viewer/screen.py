"""What is on a canvas, and frames that come when they are let go."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from stentviewer.core.types import Finding
from stentviewer.ui.viewer.boxes import BoxSet, NamedBox
from stentviewer.ui.viewer.canvas import ImageCanvas


def grey(canvas: ImageCanvas) -> np.ndarray:
    """What is on the screen, (rows, columns) 0…255 of the red channel."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    bits = np.frombuffer(image.constBits(), np.uint8)
    rows = bits.reshape(image.height(), image.bytesPerLine())[:, : image.width() * 3]
    return rows.reshape(image.height(), image.width(), 3)[..., 0].copy()


def middle(canvas: ImageCanvas) -> int:
    return int(grey(canvas)[canvas.height() // 2, canvas.width() // 2])


class Waiting:
    """Frames of which the first waits until it is let go."""

    def __init__(self, frames: Any) -> None:
        self.frames, self.go, self.asked = frames, threading.Event(), []

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, index: int) -> Any:
        self.asked.append(index)
        if len(self.asked) == 1:
            assert self.go.wait(10)
        return self.frames[index]


def boxed(finding: Finding) -> BoxSet:
    """One finding as a model's."""
    boxes = (NamedBox(finding.box, 1, finding.maker),) if finding.box is not None else ()
    return BoxSet("", boxes)
